"""What a trust sent as a document and the team enters: who writes, who signs, when it counts as received."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import AuditEvent, User
from mail.models import Message
from progress_updates import drafting, on_behalf, snapshots, workflow
from progress_updates.completeness import what_is_missing
from progress_updates.drafting import AnswerInput
from progress_updates.lateness import LATE, ON_TIME, lateness
from progress_updates.models import ProgressUpdate, SourceDocument, State
from progress_updates.on_behalf import Refused, Sent, check_signature, keep_document, received_at, start
from progress_updates.permissions import NotAllowed, allowed, check_can_review, check_can_write
from progress_updates.workflow import ChangedSinceRead, Incomplete, WrongState
from signatories import leaders
from signatories.models import Leader, PledgeMaker, Role
from tests.factories.accounts import make_caseworker, make_publisher, make_user
from tests.factories.past import (
    make_docx,
    make_entered,
    make_past_entry,
    make_past_leader,
    make_past_round,
    make_sent,
    submit,
)
from tests.factories.progress_updates import leader_of, make_entry, make_round, make_update, writer_of
from tests.factories.signatories import make_member, make_public_pledge_maker

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 2)


def current_entry(due_on: date = date(2026, 11, 20)) -> Any:
    maker = make_public_pledge_maker(now=NOW - timedelta(days=300))
    return make_entry(pledge_maker=maker, round_=make_round(due_on=due_on, now=NOW), now=NOW)


def sent_now(**more: Any) -> Sent:
    return make_sent(**{"received_on": TODAY, "signed_on": None, **more})


def write(update: ProgressUpdate, by: User, text: str = "New words") -> None:
    answer = update.answers.select_related("question")[0]
    content = AnswerInput(text=text)
    drafting.save_answer(
        update=update, question=answer.question, content=content, version=answer.version, by=by, now=NOW
    )


class TestStart:
    def test_the_team_begins_with_the_document_and_empty_boxes(self) -> None:
        by = make_caseworker()
        update = start(entry=current_entry(), sent=sent_now(), by=by, now=NOW)
        assert (update.state, update.entered_by, update.version) == (State.DRAFT, by, 1)
        assert set(update.answers.values_list("text", flat=True)) == {""}
        document = update.sources.get()
        assert (document.received_on, document.signed_on, document.kept_by) == (TODAY, None, by)
        actions = AuditEvent.objects.filter(about_id=update.pk, about_kind="progress_updates.progressupdate")
        assert list(actions.order_by("pk").values_list("action", flat=True)) == [
            "update.document_kept",
            "update.started_on_behalf",
        ]

    def test_nobody_else_does(self) -> None:
        entry = current_entry()
        inactive = make_publisher()
        User.objects.filter(pk=inactive.pk).update(is_active=False)
        inactive.refresh_from_db()
        for by in (make_user(), leader_of(entry.pledge_maker), writer_of(entry.pledge_maker), inactive):
            with pytest.raises(NotAllowed, match=r"^Only the Synergi team enters updates from documents\.$"):
                start(entry=entry, sent=sent_now(), by=by, now=NOW)
        assert not ProgressUpdate.objects.exists()

    def test_an_untouched_draft_is_taken_over(self) -> None:
        entry = current_entry()
        draft = drafting.start_update(entry=entry, by=writer_of(entry.pledge_maker), now=NOW)
        assert draft.answers.get(question__key="why").text
        by = make_caseworker()
        update = start(entry=entry, sent=sent_now(), by=by, now=NOW)
        assert (update.pk, update.entered_by) == (draft.pk, by)
        assert update.answers.get(question__key="why").text == ""

    def test_a_draft_with_words_and_an_update_that_was_sent_are_theirs(self) -> None:
        for state in (State.DRAFT, State.SUBMITTED, State.PUBLISHED):
            entry = current_entry(due_on=date(2026, 11, 20) + timedelta(days=len(state)))
            make_update(entry=entry, state=state, now=NOW)
            with pytest.raises(Refused, match=r"^This Pledge Maker has begun its own update in this round"):
                start(entry=entry, sent=sent_now(), by=make_caseworker(), now=NOW)
            assert not SourceDocument.objects.exists()

    def test_a_second_start_adds_the_document_to_the_same_update(self) -> None:
        entry, by = current_entry(), make_caseworker()
        first = start(entry=entry, sent=sent_now(), by=by, now=NOW)
        second = start(entry=entry, sent=sent_now(content=make_docx("More")), by=make_caseworker(), now=NOW)
        assert (second.pk, second.entered_by, second.sources.count()) == (first.pk, by, 2)

    @pytest.mark.parametrize("why", ["covered", "withdrawn"])
    def test_nothing_is_entered_where_nothing_is_asked(self, why: str) -> None:
        entry = current_entry()
        type(entry).objects.filter(pk=entry.pk).update(why_not_required=why)
        entry.refresh_from_db()
        with pytest.raises(NotAllowed, match=r"^No update is asked of this Pledge Maker"):
            start(entry=entry, sent=sent_now(), by=make_caseworker(), now=NOW)

    def test_days_that_cannot_be_are_refused(self) -> None:
        entry, by = current_entry(), make_caseworker()
        with pytest.raises(Refused, match=r"^The day on which it reached you cannot be in the future\.$"):
            start(entry=entry, sent=sent_now(received_on=TODAY + timedelta(days=1)), by=by, now=NOW)
        sent = sent_now(received_on=TODAY - timedelta(days=3), signed_on=TODAY)
        with pytest.raises(Refused, match=r"^The leader cannot have signed it after it reached you\.$"):
            start(entry=entry, sent=sent, by=by, now=NOW)


class TestWhoWrites:
    """Person × state of an update that the team entered."""

    def people(self, maker: PledgeMaker) -> dict[str, User]:
        return {
            "enterer": make_caseworker(),
            "colleague": make_publisher(),
            "leader": leader_of(maker),
            "coordinator": writer_of(maker),
            "reader": make_member(pledge_maker=maker, role=Role.READER).user,
            "stranger": make_user(),
        }

    def may(self, update: ProgressUpdate, people: dict[str, User]) -> set[str]:
        return {name for name, by in people.items() if allowed(check_can_write, update=update, by=by, now=NOW)}

    def test_the_team_until_it_sends_it_back_then_the_pledge_maker_too(self) -> None:
        entry = make_past_entry()
        people = self.people(entry.pledge_maker)
        update = make_entered(entry=entry, by=people["enterer"], now=NOW)
        assert self.may(update, people) == {"enterer", "colleague"}
        make_past_leader(entry.pledge_maker)
        submit(update, Leader.objects.get(name="Dr Ifeoma Asante"), people["enterer"], NOW)
        workflow.start_review(update=update, by=people["colleague"], now=NOW)
        workflow.return_by_staff(update=update, by=people["colleague"], now=NOW, reason="A page is missing.")
        assert self.may(update, people) == {"enterer", "colleague", "leader", "coordinator"}
        write(update, people["coordinator"])

    def test_a_member_who_tries_hears_why(self) -> None:
        update = make_entered(now=NOW)
        with pytest.raises(NotAllowed, match=r"^The Synergi team enters this update from the document that you sent"):
            write(update, leader_of(update.entry.pledge_maker))

    def test_the_team_never_writes_in_what_the_pledge_maker_writes_itself(self) -> None:
        update = make_update(now=NOW)
        with pytest.raises(NotAllowed):
            write(update, make_publisher())


class TestSignedDocument:
    def ready(self, **more: Any) -> tuple[ProgressUpdate, SourceDocument, Leader, User]:
        by = make_caseworker()
        update = make_entered(by=by, now=NOW, **more)
        leader = make_past_leader(update.entry.pledge_maker, by=by)
        return update, update.sources.get(), leader, by

    def test_it_submits_and_counts_from_the_day_the_document_arrived(self) -> None:
        update, document, leader, by = self.ready()
        snapshot = workflow.sign_by_document(
            update=update, by=by, now=NOW, document=document, leader=leader, read=snapshots.fingerprint(update)
        )
        update.entry.refresh_from_db()
        assert (update.state, update.signed_by) == (State.SUBMITTED, leader)
        assert update.signed_at == datetime(2021, 4, 28, 11, 0, tzinfo=UTC)
        assert update.entry.received_at == datetime(2021, 4, 29, 11, 0, tzinfo=UTC)
        assert lateness(update.entry, NOW) == ON_TIME
        assert snapshot.is_intact()
        assert snapshots.read(snapshot)["source"] == {
            "entered_by": "Synergi",
            "entered_on": "2026-11-02",
            "signed_in_document": True,
            "first_published_on": "2021-05-25",
            "documents": [{"sha256": document.sha256, "received_on": "2021-04-29", "signed_on": "2021-04-28"}],
        }
        assert not Message.objects.filter(kind__startswith="update").exists()

    @pytest.mark.parametrize(
        ("received_on", "kind"), [(date(2021, 4, 30), ON_TIME), (date(2021, 5, 1), LATE), (date(2021, 5, 3), LATE)]
    )
    def test_the_due_day_itself_is_on_time_and_the_next_is_late(self, received_on: date, kind: str) -> None:
        update, _document, leader, by = self.ready(sent=make_sent(received_on=received_on))
        submit(update, leader, by, NOW)
        update.entry.refresh_from_db()
        assert lateness(update.entry, NOW) == kind

    def test_what_arrived_this_morning_was_not_received_in_the_future(self) -> None:
        update, leader = make_entered(entry=current_entry(), sent=sent_now(signed_on=TODAY), now=NOW), None
        leader = Leader.objects.filter(pledge_maker=update.entry.pledge_maker).first()
        submit(update, leader, update.entered_by, NOW)
        update.entry.refresh_from_db()
        assert (update.entry.received_at, update.signed_at) == (NOW, NOW)

    def test_how_long_the_team_types_makes_nobody_late_even_after_the_close(self) -> None:
        entry = current_entry(due_on=TODAY)
        later = NOW + timedelta(days=90)
        update = make_entered(entry=entry, sent=sent_now(signed_on=TODAY), now=NOW)
        submit(update, Leader.objects.get(pledge_maker=entry.pledge_maker), update.entered_by, later)
        entry.refresh_from_db()
        assert lateness(entry, later) == ON_TIME
        assert entry.round.closes_at < later

    def test_what_arrived_after_the_close_needs_an_extension(self) -> None:
        entry = current_entry(due_on=TODAY)
        later = NOW + timedelta(days=31)
        sent = sent_now(received_on=timezone.localdate(later), signed_on=TODAY)
        update = make_entered(entry=entry, sent=sent, now=later)
        with pytest.raises(NotAllowed, match=r"^This round has closed\."):
            submit(update, Leader.objects.get(pledge_maker=entry.pledge_maker), update.entered_by, later)

    def test_a_document_without_signature_or_of_another_update_signs_nothing(self) -> None:
        update, document, leader, _by = self.ready(sent=make_sent(signed_on=None))
        other = make_entered(entry=make_past_entry(label="Round 2", due_on=date(2021, 10, 30))).sources.get()
        for each in (document, other):
            with pytest.raises(Refused, match=r"^Choose a document that carries the leader’s signature"):
                check_signature(update=update, document=each, leader=leader)

    def test_a_leader_of_another_or_of_another_time_signed_nothing(self) -> None:
        update, document, leader, by = self.ready()
        with pytest.raises(Refused, match=r"^This leader belongs to another Pledge Maker\.$"):
            check_signature(update=update, document=document, leader=make_past_leader(make_public_pledge_maker()))
        Leader.objects.filter(pk=leader.pk).update(until_on=date(2021, 4, 27))
        with pytest.raises(Refused, match=r"^Dr Ifeoma Asante was not a leader on the day of the signature\.$"):
            submit(update, leader, by, NOW)
        assert update.state == State.DRAFT

    def test_words_saved_since_the_page_was_read_are_not_submitted(self) -> None:
        update, document, leader, by = self.ready()
        seen = snapshots.fingerprint(update)
        write(update, make_publisher())
        with pytest.raises(ChangedSinceRead):
            workflow.sign_by_document(update=update, by=by, now=NOW, document=document, leader=leader, read=seen)
        update.refresh_from_db()
        assert (update.state, update.snapshots.count()) == (State.DRAFT, 0)

    def test_a_recall_by_the_team_takes_the_receipt_back_and_a_second_signature_gives_it_again(self) -> None:
        update, _document, leader, by = self.ready()
        submit(update, leader, by, NOW)
        workflow.recall(update=update, by=by, now=NOW)
        update.entry.refresh_from_db()
        assert (update.state, update.entry.received_at) == (State.DRAFT, None)
        submit(update, leader, by, NOW + timedelta(hours=1))
        update.entry.refresh_from_db()
        assert update.entry.received_at == datetime(2021, 4, 29, 11, 0, tzinfo=UTC)

    def test_in_the_open_round_members_and_colleagues_hear_of_it(self) -> None:
        update = make_entered(entry=current_entry(), sent=sent_now(signed_on=TODAY), now=NOW)
        maker, colleague = update.entry.pledge_maker, make_publisher()
        submit(update, maker.leaders.get(), update.entered_by, NOW)
        kinds = dict(Message.objects.filter(created_at=NOW).values_list("to", "kind"))
        assert kinds[maker.leaders.get().user.email] == "update_entered"
        assert kinds[colleague.email] == "update_received"
        assert update.entered_by.email not in kinds


class TestSignedHere:
    def test_the_leader_signs_what_the_team_entered_and_the_documents_day_counts(self) -> None:
        entry, later = current_entry(due_on=TODAY), NOW + timedelta(days=9)
        update = make_entered(entry=entry, sent=sent_now(), now=NOW)
        workflow.ask_for_signature(update=update, by=update.entered_by, now=NOW)
        leader = leader_of(entry.pledge_maker)
        assert Message.objects.get(kind="update_to_sign").to == leader.email
        snapshot = workflow.sign(update=update, by=leader, now=later, read=snapshots.fingerprint(update))
        entry.refresh_from_db()
        assert (lateness(entry, later), update.signed_at) == (ON_TIME, later)
        source = snapshots.read(snapshot)["source"]
        assert (source["signed_in_document"], source["first_published_on"]) == (False, None)

    def test_the_leader_may_return_it_to_the_team(self) -> None:
        update = make_entered(entry=current_entry(), sent=sent_now(), now=NOW)
        workflow.ask_for_signature(update=update, by=update.entered_by, now=NOW)
        leader = leader_of(update.entry.pledge_maker)
        workflow.return_by_leader(update=update, by=leader, now=NOW, reason="The count is wrong.")
        write(update, update.entered_by)
        with pytest.raises(NotAllowed):
            write(update, leader)


class TestWhatIsMissing:
    def test_gaps_of_the_document_stay_gaps(self) -> None:
        by = make_caseworker()
        update = start(entry=current_entry(), sent=sent_now(), by=by, now=NOW)
        assert [(each.key, each.words) for each in what_is_missing(update)] == [
            ("why", "Enter what the document says, in at least one section.")
        ]
        with pytest.raises(Incomplete):
            workflow.ask_for_signature(update=update, by=by, now=NOW)
        write(update, by)
        assert what_is_missing(update) == []

    def test_too_many_words_are_still_too_many(self) -> None:
        update = start(entry=current_entry(), sent=sent_now(), by=make_caseworker(), now=NOW)
        write(update, update.entered_by, "word " * 1001)
        assert [(each.key, each.field) for each in what_is_missing(update)] == [("why", "text")]


class TestFourEyes:
    def test_who_entered_it_does_not_review_it_while_there_is_a_colleague(self) -> None:
        by, colleague = make_caseworker(), make_publisher()
        update = make_entered(by=by, now=NOW)
        submit(update, make_past_leader(update.entry.pledge_maker, by=by), by, NOW)
        with pytest.raises(NotAllowed, match=r"^You entered this update, so a colleague reviews it\.$"):
            workflow.start_review(update=update, by=by, now=NOW)
        workflow.start_review(update=update, by=colleague, now=NOW)
        with pytest.raises(NotAllowed):
            workflow.accept(update=update, by=by, now=NOW)
        workflow.accept(update=update, by=colleague, now=NOW)
        assert update.state == State.ACCEPTED

    def test_who_is_alone_in_the_team_may(self) -> None:
        update = make_entered(now=NOW)
        User.objects.exclude(pk=update.entered_by_id).update(synergi_role="")
        assert allowed(check_can_review, update=update, by=update.entered_by, now=NOW)


def test_a_snapshot_of_what_they_wrote_themselves_says_nothing_of_a_source() -> None:
    update = make_update(state=State.SUBMITTED)
    assert "source" not in snapshots.read(update.snapshots.get())
    assert received_at(update, NOW) == NOW


def test_a_past_record_names_organisations_and_leaders_of_then() -> None:
    maker = make_public_pledge_maker()
    today = maker.leaders.get()
    then = make_past_leader(maker)
    gone = make_past_leader(maker, name="Dr Gone Before")
    Leader.objects.filter(pk=gone.pk).update(until_on=date(2021, 1, 31))
    update = make_entered(entry=make_past_round(makers=[maker]).entries.get(), state=State.PUBLISHED, leader=then)
    covers = snapshots.read(update.snapshots.get())["covers"]
    assert [each["name"] for each in covers["leaders"]] == [then.name]
    assert today.name != then.name
    assert [each["name"] for each in covers["organisations"]] == [maker.organisations.get().name]


class TestWrongMoments:
    def test_documents_are_kept_and_signatures_said_only_while_it_is_entered(self) -> None:
        update = make_entered(state=State.SUBMITTED, now=NOW)
        document = update.sources.get()
        with pytest.raises(Refused, match=r"^Documents are added only while the team enters the update\.$"):
            keep_document(update=update, sent=make_sent(content=make_docx("X")), by=update.entered_by, now=NOW)
        with pytest.raises(Refused, match=r"^This update is no longer being entered\.$"):
            on_behalf.say_signed(document=document, signed_on=date(2021, 4, 1), by=update.entered_by, now=NOW)

    def test_a_signature_is_said_of_a_kept_document_and_not_after_its_arrival(self) -> None:
        document = make_entered(sent=make_sent(signed_on=None), now=NOW).sources.get()
        with pytest.raises(Refused, match=r"^The leader cannot have signed it after it reached you\.$"):
            on_behalf.say_signed(document=document, signed_on=date(2021, 4, 30), by=document.kept_by, now=NOW)
        on_behalf.say_signed(document=document, signed_on=date(2021, 4, 29), by=document.kept_by, now=NOW)
        assert document.signed_on == date(2021, 4, 29)

    def test_a_second_press_submits_once(self) -> None:
        update = make_entered(now=NOW)
        leader = make_past_leader(update.entry.pledge_maker)
        old = ProgressUpdate.objects.get(pk=update.pk)
        submit(update, leader, update.entered_by, NOW)
        with pytest.raises(WrongState):
            submit(old, leader, update.entered_by, NOW)
        assert update.snapshots.count() == 1


class TestPastLeaders:
    def test_nobody_is_two_leaders_at_once(self) -> None:
        maker = make_public_pledge_maker()
        make_past_leader(maker)
        with pytest.raises(leaders.LeaderRefused, match=r"leader of this name in that time already\.$"):
            make_past_leader(maker)

    def test_days_must_be_in_order_and_not_in_the_future(self) -> None:
        maker, by = make_public_pledge_maker(), make_caseworker()
        facts = {"pledge_maker": maker, "name": "A", "role_title": "Chair", "organisation": None, "by": by, "now": NOW}
        with pytest.raises(leaders.LeaderRefused, match=r"^The last day must not be before the first day\.$"):
            leaders.add_from_history(from_on=date(2021, 1, 2), until_on=date(2021, 1, 1), **facts)
        with pytest.raises(leaders.LeaderRefused, match=r"^The first day cannot be in the future\.$"):
            leaders.add_from_history(from_on=TODAY + timedelta(days=1), until_on=None, **facts)
