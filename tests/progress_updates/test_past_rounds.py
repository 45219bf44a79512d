"""Rounds that were before Pledge Tracker: dates of then, makers of then, nobody reminded, one table imports them."""

from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import AuditEvent
from mail.models import Message
from progress_updates import past_round_import, past_rounds, rounds, statistics
from progress_updates.lateness import NOT_RECEIVED, ON_TIME, WITHDRAWN
from progress_updates.models import ProgressUpdate, QuestionKind, Round, RoundEntry, State
from progress_updates.news import recent
from progress_updates.permissions import NotAllowed
from progress_updates.rounds import RoundRefused
from signatories.models import PledgeMaker, Statement
from signatories.organisation_file import BadFile
from tests.factories.accounts import make_caseworker, make_user
from tests.factories.past import make_docx, make_entered, make_past_leader, make_past_round
from tests.factories.signatories import make_pledge_maker, make_public_pledge_maker

pytestmark = pytest.mark.django_db
HEADER = "pledge_maker,question,text,received_on,document,leader,signed_on"


class TestMaking:
    def test_it_has_the_days_the_wording_and_the_questions_of_then(self) -> None:
        round_ = make_past_round()
        assert round_.is_past
        assert round_.wording.label == "Wording of 5 August 2020"
        assert round_.due_at == datetime(2021, 4, 30, 22, 59, 59, tzinfo=UTC)
        assert round_.publishes_at == datetime(2021, 5, 24, 23, 0, tzinfo=UTC)
        kinds = list(round_.questions.values_list("key", "kind"))
        assert kinds[0] == ("why", QuestionKind.WHY)
        assert kinds[-1] == ("next-steps", QuestionKind.TEXT)
        assert [key for key, kind in kinds if kind == QuestionKind.OBJECTIVE] == [f"objective-{n}" for n in range(1, 8)]
        assert set(round_.questions.values_list("word_limit", flat=True)) == {10_000}

    def test_a_later_round_has_the_later_wording_and_staff_may_choose(self) -> None:
        later = make_past_round(label="Round 2", due_on=date(2021, 10, 31))
        assert later.wording.label == "Wording from May 2021"
        chosen = make_past_round(label="Round 1b", wording=later.wording, asked={"why", "challenges"})
        assert (chosen.wording, list(chosen.questions.values_list("key", "order"))) == (
            later.wording,
            [("why", 1), ("challenges", 2)],
        )

    def test_days_that_are_not_past_a_name_that_is_taken_and_others_are_refused(self) -> None:
        with pytest.raises(RoundRefused, match=r"^All days of a past round must be before today\.$"):
            make_past_round(due_on=timezone.localdate())
        make_past_round()
        with pytest.raises(RoundRefused, match=r"^Another round already has this name"):
            make_past_round()
        with pytest.raises(NotAllowed):
            make_past_round(label="Mine", by=make_user())

    def test_opening_takes_those_who_are_chosen_once(self) -> None:
        maker, other = make_public_pledge_maker(), make_public_pledge_maker()
        round_, by, now = make_past_round(), make_caseworker(), timezone.now()
        assert past_rounds.open_past_round(round_=round_, makers=[maker], by=by, now=now) == 1
        assert past_rounds.open_past_round(round_=round_, makers=[other], by=by, now=now) == 1
        assert [entry.pledge_maker for entry in round_.entries.all()] == [maker]
        past_rounds.add_to_past_round(round_=round_, maker=other, by=by, now=now)
        past_rounds.add_to_past_round(round_=round_, maker=other, by=by, now=now)
        assert round_.entries.count() == 2

    def test_who_withdrew_later_had_to_report_then(self) -> None:
        maker, before = make_public_pledge_maker(), make_public_pledge_maker()
        PledgeMaker.objects.filter(pk=maker.pk).update(withdrawn_on=date(2023, 1, 1))
        PledgeMaker.objects.filter(pk=before.pk).update(withdrawn_on=date(2021, 1, 1))
        round_ = make_past_round(makers=PledgeMaker.objects.all())
        found = {entry.pledge_maker: entry.lateness for entry in statistics.entries_with_status(round_, timezone.now())}
        assert found == {maker: NOT_RECEIVED, before: WITHDRAWN}

    def test_only_past_rounds_open_so_and_only_they_take_more(self) -> None:
        maker = make_public_pledge_maker()
        current = make_past_round(label="Was planned")
        Round.objects.filter(pk=current.pk).update(is_past=False)
        current.refresh_from_db()
        by, now = make_caseworker(), timezone.now()
        with pytest.raises(RoundRefused, match=r"^This round is not a past one\.$"):
            past_rounds.open_past_round(round_=current, makers=[maker], by=by, now=now)
        with pytest.raises(RoundRefused, match=r"^Pledge Makers are added to past rounds only"):
            past_rounds.add_to_past_round(round_=current, maker=maker, by=by, now=now)

    def test_nobody_is_mailed_nothing_is_news_and_the_clock_adds_nobody(self) -> None:
        maker = make_public_pledge_maker()
        make_public_pledge_maker()
        before = Message.objects.count()
        update = make_entered(entry=make_past_round(makers=[maker]).entries.get(), state=State.PUBLISHED)
        kinds = set(Message.objects.order_by("pk")[before:].values_list("kind", flat=True))
        assert [kind for kind in kinds if kind.startswith(("update", "reminder"))] == []
        rounds.tend(now=timezone.now())
        assert update.entry.round.entries.count() == 1
        assert [news.what for news in recent(timezone.now())] == ["Signed the pledge.", "Signed the pledge."]

    def test_updates_without_a_rating_are_counted_as_such(self) -> None:
        update = make_entered(state=State.PUBLISHED)
        rows = statistics.ratings_by_objective(update.entry.round)
        assert [(row.total, row.no_rating) for row in rows] == [(0, 1)] * 7
        summary = statistics.round_summary(update.entry.round, timezone.now())
        assert (summary.counts[ON_TIME], summary.required) == (1, 1)


class TestPublic:
    def test_the_public_page_says_where_the_words_come_from(self, client: Client) -> None:
        update = make_entered(state=State.PUBLISHED)
        address = f"/pledge-makers/{update.entry.pledge_maker.slug}/{update.entry.round.slug}/"
        page = " ".join(client.get(address).content.decode().split())
        today = f"{timezone.localdate():%-d %B %Y}"
        assert (
            "<strong>Entered by Synergi from a document.</strong> The document reached Synergi on 29 April 2021. "
            "It carries the leader’s signature of 28 April 2021. First published on 25 May 2021. "
            f"Entered here on {today}."
        ) in page
        assert "Signed in the document, on 28 April 2021." in page
        assert "Northtown progress report.docx" not in page


@pytest.fixture
def maker() -> PledgeMaker:
    maker = make_public_pledge_maker(name="Northtown Mental Health NHS Trust")
    make_past_leader(maker)
    return maker


def table(*lines: str, header: str = HEADER) -> bytes:
    return "\r\n".join([header, *lines, ""]).encode()


def load(content: bytes, round_: Round, **files: bytes) -> past_round_import.Outcome:
    named = {name.replace("_", "."): body for name, body in files.items()}
    by, now = make_caseworker(), timezone.now()
    return past_round_import.import_file(round_=round_, content=content, name="table.csv", files=named, by=by, now=now)


NAME = "Northtown Mental Health NHS Trust"
SIGNED = f"{NAME},why,We care.,2021-04-29,report.docx,Dr Ifeoma Asante,2021-04-28"


class TestImport:
    def test_a_signed_document_is_submitted_and_the_rest_waits(self, maker: PledgeMaker) -> None:
        other = make_public_pledge_maker(name="Southtown")
        text = '"We met people,\r\nand listened."'
        content = table(SIGNED, f"{NAME},objective-1,{text},,,,", f"{other.slug},why,Words,2021-05-02,,,")
        outcome = load(content, make_past_round(), report_docx=make_docx("We care."))
        assert outcome == past_round_import.Outcome(entered=2, submitted=1)
        update = ProgressUpdate.objects.get(entry__pledge_maker=maker)
        assert (update.state, update.sources.get().name) == (State.SUBMITTED, "report.docx")
        assert update.answers.get(question__key="objective-1").text == "We met people,\nand listened."
        waiting = ProgressUpdate.objects.get(entry__pledge_maker=other)
        assert (waiting.state, waiting.sources.get().name) == (State.DRAFT, "table.csv")
        assert RoundEntry.objects.get(pledge_maker=maker).received_at == datetime(2021, 4, 29, 11, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("lines", "problems"),
        [
            ((), ["The file has no line below its header."]),
            (("Nowhere,why,Words,2021-04-29,,,",), [
                "line 2, column pledge_maker: “Nowhere” is not known. Use its name or its address."]),
            ((f"{NAME},whatever,Words,2021-04-29,,,",), ["line 2, column question: “whatever” is not one of why, "
                "objective-1, objective-2, objective-3, objective-4, objective-5, objective-6, objective-7, "
                "next-steps."]),
            ((f"{NAME},why,Words,,,,",), [f"line 2, column received_on: empty on every line of {NAME}."]),
            ((f"{NAME},why,Words,29 April,,,",), [
                "line 2, column received_on: “29 April” is not a date like 2021-04-30."]),
            ((f"{NAME},why,Words,2021-02-30,,,",), [
                "line 2, column received_on: “2021-02-30” is not a real date."]),
            ((f"{NAME},why,Words,2021-04-29,,",), ["line 2: 6 columns instead of 7."]),
            ((f"{NAME},why,A,2021-04-29,,,", f"{NAME},why,B,2021-04-30,,,"), [
                "line 3, column question: why is already on line 2.",
                "line 3, column received_on: differs from the line before it."]),
            ((f"{NAME},why,Words,2021-04-29,lost.docx,,",), [
                "line 2, column document: the file “lost.docx” is not there."]),
            ((f"{NAME},why,Words,2021-04-29,,Dr Ifeoma Asante,2021-04-28",), [
                "line 2, column document: a signature needs the document that carries it."]),
            ((f"{NAME},why,Words,2021-04-29,report.docx,Dr Ifeoma Asante,",), [
                "line 2, column leader: leader and signed_on are given together, or neither."]),
            ((f"{NAME},why,Words,2021-04-29,report.docx,Nobody,2021-04-28",), [
                f"line 2, column leader: Nobody was not a leader of {NAME} on 2021-04-28. "
                "Add them, or correct their days, first."]),
            ((f"{NAME},why,Words,2999-04-29,,,",), [
                "line 2, column received_on: The day on which it reached you cannot be in the future."]),
            ((f"{NAME},why,Words,2021-04-29,page.docx,,",), ["line 2, column document: The file must be a Word "
                "document (.docx), OpenDocument (.odt), PDF, text (.txt), or a PNG or JPEG scan."]),
        ],
    )  # fmt: skip
    def test_a_bad_line_changes_nothing_and_is_named(
        self, maker: PledgeMaker, lines: tuple[str, ...], problems: list[str]
    ) -> None:
        round_ = make_past_round()
        with pytest.raises(BadFile) as bad:
            load(table(*lines), round_, report_docx=make_docx("We care."), page_docx=b"<html>")
        assert bad.value.problems == problems
        round_.refresh_from_db()
        assert (round_.opened_at, RoundEntry.objects.count(), ProgressUpdate.objects.count()) == (None, 0, 0)

    @pytest.mark.parametrize(
        ("content", "problem"),
        [
            (b"\xff\xfe\x00", "The file is not UTF-8. Save it as “CSV UTF-8”."),
            (table(header="pledge_maker,question,text"), "line 1, column received_on: this column is missing."),
            (table(header=HEADER + ",state"), "line 1, column state: unknown column."),
            (table(header=HEADER + ",text"), "line 1, column text: twice."),
        ],
    )
    def test_a_file_that_is_none_is_named_too(self, content: bytes, problem: str) -> None:
        with pytest.raises(BadFile) as bad:
            load(content, make_past_round())
        assert bad.value.problems == [problem]

    def test_a_rating_belongs_to_an_objective_and_a_box_to_its_section(self, maker: PledgeMaker) -> None:
        header = "pledge_maker,question,text,received_on,rating,barriers"
        with pytest.raises(BadFile) as bad:
            load(table(f"{NAME},why,Words,2021-04-29,delivered,Money", header=header), make_past_round())
        assert bad.value.problems == [
            "line 2, column barriers: “Why we are a Pledge Maker” has no such box.",
            "line 2, column rating: only objectives have a rating.",
        ]
        load(table(f"{NAME},objective-2,Words,2021-04-29,delivered,Money", header=header), Round.objects.get())
        answer = ProgressUpdate.objects.get().answers.get(question__key="objective-2")
        assert (answer.rating, answer.barriers) == ("delivered", "Money")

    def test_who_was_not_on_the_public_list_is_refused(self) -> None:
        make_pledge_maker(name="Kept Back")
        with pytest.raises(BadFile) as bad:
            load(table("Kept Back,why,Words,2021-04-29,,,"), make_past_round(makers=[]))
        assert bad.value.problems == [
            "line 2, column pledge_maker: Kept Back was not a Pledge Maker on the public list then."
        ]
        assert RoundEntry.objects.count() == 0

    def test_nobody_else_adds_who_was_not_on_the_public_list(self) -> None:
        hidden, round_ = make_pledge_maker(name="Kept Back"), make_past_round(makers=[])
        with pytest.raises(RoundRefused, match="Kept Back was not a Pledge Maker on the public list then"):
            past_rounds.add_to_past_round(round_=round_, maker=hidden, by=make_caseworker(), now=timezone.now())

    def test_a_second_import_is_refused(self, maker: PledgeMaker) -> None:
        round_, content = make_past_round(), table(f"{NAME},why,Words,2021-04-29,,,")
        load(content, round_)
        with pytest.raises(BadFile) as bad:
            load(content, round_)
        assert bad.value.problems == [f"line 2, column pledge_maker: {NAME} has an update in this round already."]

    def test_a_round_that_is_not_past_takes_no_import(self) -> None:
        round_ = make_past_round()
        Round.objects.filter(pk=round_.pk).update(is_past=False)
        round_.refresh_from_db()
        with pytest.raises(BadFile):
            load(table(), round_)


class TestCommand:
    def run(self, *args: Any) -> str:
        out = StringIO()
        call_command("import_past_round", *args, by=make_caseworker().email, stdout=out, stderr=out)
        return out.getvalue()

    def test_a_folder_is_imported_with_its_documents(self, maker: PledgeMaker, tmp_path: Path) -> None:
        (tmp_path / "round.csv").write_bytes(table(SIGNED))
        (tmp_path / "report.docx").write_bytes(make_docx("We care."))
        round_ = make_past_round()
        assert self.run(round_.slug, tmp_path) == "1 entered, 1 of them submitted with a signed document.\n"

    def test_problems_are_printed_and_nothing_is_changed(self, tmp_path: Path) -> None:
        path = tmp_path / "round.csv"
        path.write_bytes(table("Nowhere,why,Words,2021-04-29,,,"))
        with pytest.raises(CommandError, match=r"^Nothing was changed: 1 problem\(s\)\.$"):
            self.run(make_past_round().slug, path)
        with pytest.raises(CommandError):
            self.run("no-such-round", path)

    def test_a_folder_without_a_table_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(CommandError, match=r"0 CSV files instead of one\.$"):
            self.run(make_past_round().slug, tmp_path)


def test_only_public_pledge_makers_who_were_there_can_be_chosen() -> None:
    there, merged = make_public_pledge_maker(), make_public_pledge_maker()
    PledgeMaker.objects.filter(pk=merged.pk).update(merged_on=date(2020, 12, 31))
    make_pledge_maker()
    assert past_rounds.makers_of_then(make_past_round()) == [there]


def why(round_: Round) -> str:
    return round_.entries.get().why_not_required


def test_who_signed_after_a_past_round_had_asked_did_not_owe_it() -> None:
    round_ = make_past_round(makers=[make_public_pledge_maker()], had_signed=False)
    assert why(round_) == "joined_after_opening"


@pytest.mark.parametrize(("days", "expected"), [(0, ""), (1, "joined_after_opening")])
def test_who_signed_on_the_day_on_which_it_asked_owed_it(days: int, expected: str) -> None:
    maker, round_ = make_public_pledge_maker(), make_past_round()
    Statement.objects.filter(pledge_maker=maker).update(signed_at=round_.opens_at + timedelta(days=days))
    past_rounds.open_past_round(round_=round_, makers=[], by=make_caseworker(), now=timezone.now())
    round_.refresh_from_db()
    past_rounds.add_to_past_round(round_=round_, maker=maker, by=make_caseworker(), now=timezone.now())
    assert why(round_) == expected


def test_a_leader_of_then_shows_that_it_had_signed() -> None:
    maker = make_public_pledge_maker()
    make_past_leader(maker)
    assert why(make_past_round(makers=[maker], had_signed=False)) == ""


def test_a_leader_who_is_found_later_makes_past_rounds_ask_again() -> None:
    maker, by = make_public_pledge_maker(), make_caseworker()
    early, late = (
        make_past_round(label=f"Due {year}", due_on=date(year, 4, 30), makers=[maker], had_signed=False)
        for year in (2020, 2021)
    )
    facts = {"name": "Dr Asante", "role_title": "Chair", "organisation": None, "until_on": None}
    past_rounds.add_leader_of_then(pledge_maker=maker, from_on=date(2020, 8, 5), by=by, now=timezone.now(), **facts)
    assert (why(early), why(late)) == ("joined_after_opening", "")
    event = AuditEvent.objects.get(action="entry.required_again")
    assert (event.about_id, event.by) == (late.entries.get().pk, by)


def test_opening_a_past_round_takes_the_same_queries_for_any_number() -> None:
    by, counted = make_caseworker(), []
    for number in (1, 4):
        makers = [make_public_pledge_maker() for _ in range(number)]
        round_ = make_past_round(label=f"Of {number}")
        with CaptureQueriesContext(connection) as queries:
            past_rounds.open_past_round(round_=round_, makers=makers, by=by, now=timezone.now())
        counted.append(len(queries))
    assert counted[0] == counted[1]
