"""The page of a round: figures that lead to their rows, filters in the address, and the same as a file."""

import csv
import io
import re
from datetime import timedelta
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEvent, User
from mail.models import ErrorClass, Message
from mail.models import State as MailState
from progress_updates.lateness import KINDS
from progress_updates.models import Answer, ProgressUpdate, Rating, Round, RoundEntry, State, WhyNotRequired
from progress_updates.statistics import ratings_by_objective, round_summary
from signatories.caseworkers import give_to_caseworker
from signatories.models import Organisation, PledgeMaker, Role
from tests.factories.accounts import make_caseworker, make_user, sign_in
from tests.factories.progress_updates import make_entry, make_round, make_update
from tests.factories.signatories import make_member, make_public_pledge_maker
from tests.spreadsheets import FORMULAS, opened
from tests.staff.many import make_many_updates

pytestmark = pytest.mark.django_db
NOW = timezone.now()
FIGURE = re.compile(r'<a (?:class="govuk-link" )?href="(\?(?:status|rating)=[^"]+)#rows-heading"><?b?>?(\d+)')


@pytest.fixture(autouse=True)
def casey(client: Client) -> User:
    user = make_caseworker(name="Casey Worker")
    sign_in(client, user)
    return user


@pytest.fixture
def round_() -> Round:
    """Six Pledge Makers by name, each in a situation of its own."""
    names = ("Accepted", "Draft", "Late", "Published", "Silent", "Withdrawn")
    makers = {name: make_public_pledge_maker(name=name, now=NOW - timedelta(days=90)) for name in names}
    found = make_round(
        label="Round 9", due_on=timezone.localdate(NOW - timedelta(days=3)), now=NOW - timedelta(days=63)
    )
    entries = {name: make_entry(pledge_maker=maker, round_=found) for name, maker in makers.items()}
    make_update(entry=entries["Accepted"], state=State.ACCEPTED, now=NOW - timedelta(days=20))
    make_update(entry=entries["Draft"], now=NOW - timedelta(days=10))
    make_update(entry=entries["Late"], state=State.SUBMITTED, now=NOW - timedelta(days=1))
    make_update(entry=entries["Published"], state=State.PUBLISHED, now=NOW - timedelta(days=30))
    RoundEntry.objects.filter(pk=entries["Withdrawn"].pk).update(why_not_required=WhyNotRequired.WITHDRAWN)
    return found


def page(client: Client, round_: Round, query: str = ""):  # type: ignore[no-untyped-def]
    return client.get(f"/staff/rounds/{round_.slug}/{query}")


def shown(client: Client, round_: Round, query: str = "") -> list[str]:
    return [row.entry.pledge_maker.name for row in page(client, round_, query).context["rows"]]


def file_of(client: Client, round_: Round, query: str = "") -> list[dict[str, str]]:
    content = b"".join(client.get(f"/staff/rounds/{round_.slug}.csv{query}")).decode("utf-8-sig")  # type: ignore[arg-type]
    return list(csv.DictReader(io.StringIO(content, newline="")))


# --- Figures and their rows --------------------------------------------------------------------------------


def test_the_finding_and_the_figures_come_from_the_one_source(client: Client, round_: Round) -> None:
    context = page(client, round_).context
    assert context["finding"] == "We have received 3 of 5 updates. 2 are past their due date."
    assert {kind: count for kind, count, _ in context["key"]} == round_summary(round_, NOW).counts
    assert context["total"] == 6


def test_every_figure_leads_to_as_many_rows_on_the_page_and_in_the_file(client: Client, round_: Round) -> None:
    figures = FIGURE.findall(page(client, round_).content.decode())
    assert {query for query, _ in figures} == {
        *(f"?status={kind}" for kind in ("on_time", "late", "not_received", "withdrawn")),
        *(f"?rating={number}-prioritised" for number in range(1, 8)),
    }
    for query, count in figures:
        assert len(shown(client, round_, query)) == len(file_of(client, round_, query)) == int(count) > 0


def test_ratings_are_those_of_published_updates(client: Client, round_: Round) -> None:
    published = ProgressUpdate.objects.get(state=State.PUBLISHED)
    Answer.objects.filter(update=published, question__number=3).update(rating=Rating.DELIVERED)
    Answer.objects.filter(update__state=State.ACCEPTED, question__number=3).update(rating=Rating.DELIVERED)
    rows = page(client, round_).context["ratings"]["rows"]
    counted = [{value.split("-")[1]: count for value, _label, count in cells} for _title, _total, cells in rows]
    assert counted == [each.counts for each in ratings_by_objective(round_)]
    assert shown(client, round_, "?rating=3-delivered") == ["Published"]
    assert shown(client, round_, "?rating=3-prioritised") == []


def test_while_nothing_is_public_there_are_no_ratings(client: Client) -> None:
    round_ = make_update(state=State.ACCEPTED).entry.round
    assert "No update of this round is public yet." in page(client, round_).content.decode()


# --- Filters, order, pages ---------------------------------------------------------------------------------


ROWS = {
    "": ["Accepted", "Draft", "Late", "Published", "Silent", "Withdrawn"],
    "?status=on_time": ["Accepted", "Published"],
    "?status=late": ["Late"],
    "?status=not_received": ["Draft", "Silent"],
    "?state=no_draft": ["Silent"],
    "?state=draft": ["Draft"],
    "?state=accepted": ["Accepted"],
    "?status=on_time&state=accepted": ["Accepted"],
    "?owner=mine": ["Late"],
    "?owner=nobody": ["Accepted", "Draft", "Published", "Silent", "Withdrawn"],
    "?region=Y56": ["Silent"],
    "?reach=nobody": ["Withdrawn"],
    "?reach=others": ["Silent"],
    "?reach=coordinator": ["Accepted", "Draft", "Late", "Published"],
    "?sort=quiet": ["Silent", "Withdrawn", "Published", "Accepted", "Draft", "Late"],
    "?sort=active": ["Late", "Draft", "Accepted", "Published", "Silent", "Withdrawn"],
    "?sort=received": ["Late", "Accepted", "Published", "Draft", "Silent", "Withdrawn"],
    "?sort=due": ["Draft", "Late", "Published", "Silent", "Withdrawn", "Accepted"],
    "?sort=owner": ["Late", "Accepted", "Draft", "Published", "Silent", "Withdrawn"],
}


def test_rows_are_chosen_and_sorted_by_the_address(client: Client, round_: Round, casey: User) -> None:
    makers = {maker.name: maker for maker in PledgeMaker.objects.all()}
    give_to_caseworker(pledge_makers=[makers["Late"]], caseworker=casey, by=casey, now=NOW)
    Organisation.objects.filter(pledge_makers=makers["Silent"]).update(region="Y56")
    makers["Withdrawn"].memberships.update(ended_at=NOW)
    later = {"extended_to": round_.due_at + timedelta(days=1)}
    RoundEntry.objects.filter(pledge_maker=makers["Accepted"]).update(**later)
    assert {query: shown(client, round_, query) for query in ROWS} == ROWS
    in_files = {query: [row["Pledge Maker"] for row in file_of(client, round_, query)] for query in ROWS}
    assert in_files == ROWS


def test_somebody_of_the_team_is_chosen_by_name(client: Client, round_: Round, casey: User) -> None:
    other = make_caseworker(name="Robin Other")
    maker = PledgeMaker.objects.get(name="Draft")
    give_to_caseworker(pledge_makers=[maker], caseworker=other, by=casey, now=NOW)
    answer = page(client, round_, f"?owner={other.pk}")
    assert [row.entry.pledge_maker.name for row in answer.context["rows"]] == ["Draft"]
    assert "1 row: Robin Other" in answer.content.decode()


UNKNOWN = (
    "status=pledge_maker__name state=DRAFT owner=1%27-- owner=999999 region=Y99 rating=8-delivered rating=3 "
    "reach=%00 sort=pk page=0 page=-1 page=two page=%C2%B2 page=99999999"
)


def test_an_unknown_value_shows_everything_and_says_so(client: Client, round_: Round) -> None:
    for query in UNKNOWN.split():
        answer = page(client, round_, f"?{query}")
        said = answer.content.decode().count("so it is left out.")
        assert (query, len(answer.context["rows"]), said) == (query, 6, 1)
        assert len(file_of(client, round_, f"?{query}")) == 6


def test_what_is_unknown_is_repeated_short_and_harmless(client: Client, round_: Round) -> None:
    html = page(client, round_, f"?status=<script>{'x' * 500}").content.decode()
    assert f"“&lt;script&gt;{'x' * 32}” for “What the public reads”" in html


def test_fifty_rows_are_on_a_page_and_the_next_keeps_the_view(client: Client) -> None:
    round_ = make_many_updates(120).entry.round
    answer = page(client, round_, "?state=submitted&sort=quiet")
    total = answer.context["pages"].total
    assert (len(answer.context["rows"]), total) == (30, 30)
    first, last = page(client, round_, "?sort=quiet"), page(client, round_, "?sort=quiet&page=3")
    assert (len(first.context["rows"]), len(last.context["rows"])) == (50, 20)
    assert "Rows 101 to 120 of 120" in last.content.decode()
    html = unescape(last.content.decode())
    back = next(link for link in re.findall(r'href="([^"]+)" rel="prev"', html))
    assert parse_qs(urlsplit(back).query) == {"sort": ["quiet"], "page": ["2"]}
    assert 'rel="next"' not in html
    names = [row.entry.pk for n in (1, 2, 3) for row in page(client, round_, f"?sort=quiet&page={n}").context["rows"]]
    assert len(set(names)) == 120


def test_a_page_past_the_end_shows_the_first(client: Client, round_: Round) -> None:
    answer = page(client, round_, "?page=7")
    assert (answer.context["pages"].number, len(answer.context["rows"])) == (1, 6)


def test_nobody_like_that_is_said_and_nothing_is_offered(client: Client, round_: Round) -> None:
    html = page(client, round_, "?status=extension").content.decode()
    assert "No Pledge Maker of this round is like that." in html
    assert f"{round_.slug}.csv" not in html


# --- Reached by mail ---------------------------------------------------------------------------------------


def test_an_address_that_refuses_its_mail_is_not_reached(client: Client, round_: Round) -> None:
    maker = PledgeMaker.objects.get(name="Draft")
    coordinator = maker.memberships.get(role=Role.COORDINATOR)
    assert "Draft" in shown(client, round_, "?reach=coordinator")
    Message.objects.filter(to=coordinator.user.email).delete()
    at = {"created_at": NOW, "next_attempt_at": NOW}
    why = {"state": MailState.FAILED, "error_class": ErrorClass.PERMANENT, "error": "550 No such user"}
    Message.objects.create(to=coordinator.user.email, kind="x", subject="x", message_id="<x@x>", **at, **why)
    assert shown(client, round_, "?reach=others") == ["Draft", "Silent", "Withdrawn"]
    maker.memberships.exclude(pk=coordinator.pk).update(ended_at=NOW)
    assert shown(client, round_, "?reach=nobody") == ["Draft"]
    make_member(pledge_maker=maker, role=Role.CONTRIBUTOR, now=NOW)
    assert shown(client, round_, "?reach=nobody") == []


# --- Queries -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 3, 100, 1000])
def test_the_dashboard_takes_eight_queries(client: Client, django_assert_num_queries, count: int) -> None:
    round_ = make_many_updates(count).entry.round
    with django_assert_num_queries(8):
        answer = page(client, round_)
    assert len(answer.context["rows"]) == min(count, 50)
    assert answer.context["pages"].total == count
    with django_assert_num_queries(8):
        answer = page(client, round_, "?state=submitted&owner=nobody&sort=quiet&reach=nobody&region=Y63&status=on_time")
    assert answer.context["pages"].number == 1


@pytest.mark.parametrize("count", [1, 3, 100, 1000])
def test_the_file_takes_thirteen_queries_four_of_them_to_count_the_first_of_an_hour(
    client: Client, django_assert_num_queries, count: int
) -> None:
    round_ = make_many_updates(count).entry.round
    with django_assert_num_queries(13):
        rows = file_of(client, round_)
    assert len(rows) == count


# --- The file ----------------------------------------------------------------------------------------------


def test_the_file_says_what_the_page_says(client: Client, round_: Round, casey: User) -> None:
    maker = PledgeMaker.objects.get(name="Late")
    give_to_caseworker(pledge_makers=[maker], caseworker=casey, by=casey, now=NOW)
    on_page, in_file = page(client, round_).context["rows"], file_of(client, round_)
    assert [
        (row["Pledge Maker"], row["What the public reads"], row["Progress update"], row["Looked after by"])
        for row in in_file
    ] == [
        (row.entry.pledge_maker.name, row.status.words, row.state, row.owner.name if row.owner else "")
        for row in on_page
    ]
    late = in_file[2]
    assert late == {
        "Pledge Maker": "Late",
        "Region": "North East and Yorkshire",
        "Looked after by": "Casey Worker",
        "Status": "late",
        "What the public reads": "Received 2 days late",
        "Due": timezone.localtime(round_.due_at).isoformat(),
        "Received": timezone.localtime(on_page[2].entry.received_at).isoformat(timespec="seconds"),
        "Progress update": "Submitted",
        "Last activity": timezone.localtime(NOW - timedelta(days=1)).isoformat(timespec="seconds"),
        "Mail reaches": "coordinator",
        "An apostrophe was added in": "",
    }


def test_counts_of_the_file_by_status_are_the_figures_of_the_page(client: Client, round_: Round) -> None:
    found = [row["Status"] for row in file_of(client, round_)]
    assert {kind: found.count(kind) for kind in KINDS} == round_summary(round_, NOW).counts


def test_taking_the_file_is_recorded_with_what_was_chosen(client: Client, round_: Round, casey: User) -> None:
    answer = client.get(f"/staff/rounds/{round_.slug}.csv?status=late&state=nonsense")
    day = timezone.localdate().isoformat()
    assert answer["Content-Disposition"] == f'attachment; filename="round-9-received-late-{day}.csv"'
    event = AuditEvent.objects.get(action="staff.exported")
    assert (event.by, event.about_kind, event.about_id) == (casey, "progress_updates.round", round_.pk)
    assert event.detail == {"what": "round", "rows": 1, "chosen": {"status": "late"}}


def test_a_round_that_has_not_opened_has_no_file(client: Client) -> None:
    round_ = make_round(opened=False)
    assert client.get(f"/staff/rounds/{round_.slug}.csv").status_code == 404
    assert client.get(f"/staff/rounds/{round_.slug}/owners/").status_code == 404


def test_libreoffice_finds_no_formula_in_what_people_typed(client: Client, tmp_path: Path) -> None:
    round_ = make_many_updates(len(FORMULAS)).entry.round
    makers = list(PledgeMaker.objects.filter(entries__round=round_).order_by("pk"))
    for maker, text in zip(makers, FORMULAS, strict=True):
        maker.name = text
    PledgeMaker.objects.bulk_update(makers, ["name"])
    content = b"".join(client.get(f"/staff/rounds/{round_.slug}.csv"))  # type: ignore[arg-type]
    sheet = opened(content, tmp_path)
    assert sheet.formulas == []
    assert len([row for row in sheet.rows[1:] if "not_due_yet" in row or "on_time" in row]) == len(FORMULAS) == 52


# --- Who looks after whom ----------------------------------------------------------------------------------


def test_the_chosen_rows_are_given_to_somebody(client: Client, round_: Round, casey: User) -> None:
    url = f"/staff/rounds/{round_.slug}/owners/?status=not_received"
    form = client.get(url).context["form"]
    assert [maker.name for maker in form.makers.values()] == ["Draft", "Silent"]
    answer = client.post(url, {"pledge_makers": list(form.makers), "caseworker": casey.pk}, follow=True)
    assert answer.redirect_chain == [(f"/staff/rounds/{round_.slug}/?status=not_received", 302)]
    assert "Casey Worker looks after 2 more Pledge Makers now." in answer.content.decode()
    assert shown(client, round_, "?owner=mine") == ["Draft", "Silent"]
    again = client.post(url, {"pledge_makers": list(form.makers), "caseworker": casey.pk}, follow=True)
    assert "Nothing was changed: it was so already." in again.content.decode()
    client.post(url, {"pledge_makers": list(form.makers)[:1], "caseworker": ""})
    assert shown(client, round_, "?owner=mine") == ["Silent"]


def test_what_was_ticked_counts_even_when_the_view_has_changed(client: Client, round_: Round, casey: User) -> None:
    maker = PledgeMaker.objects.get(name="Late")
    url = f"/staff/rounds/{round_.slug}/owners/?status=not_received"
    client.post(url, {"pledge_makers": [maker.pk], "caseworker": casey.pk})
    maker.refresh_from_db()
    assert maker.caseworker == casey


NOT_IN_ROUND = "One of these Pledge Makers is not in this round. Look again."
NOT_OF_TEAM = "Choose an active member of the Synergi team."


def test_who_cannot_be_given_one_is_refused_and_ticks_stay(client: Client, round_: Round) -> None:
    gone = make_caseworker()
    User.objects.filter(pk=gone.pk).update(is_active=False)
    maker = PledgeMaker.objects.get(name="Silent")
    typed = [
        ([], "", "Tick at least one Pledge Maker."),
        (["99999999999999999999"], "", NOT_IN_ROUND),
        (["1" * 5000], "", NOT_IN_ROUND),
        (["x"], "", NOT_IN_ROUND),
        ([maker.pk], make_user().pk, NOT_OF_TEAM),
        ([maker.pk], gone.pk, NOT_OF_TEAM),
    ]
    for ticked, caseworker, sentence in typed:
        data = {"pledge_makers": ticked, "caseworker": caseworker}
        html = client.post(f"/staff/rounds/{round_.slug}/owners/", data).content.decode()
        assert f">{sentence}</a>" in html
        assert "<title>Error: " in html
    assert re.findall(r'value="(\d+)"[^>]*checked', html) == [str(maker.pk)]
    assert PledgeMaker.objects.filter(caseworker=None).count() == 6


def test_a_pledge_maker_of_another_round_only_is_not_given(client: Client, round_: Round, casey: User) -> None:
    elsewhere = make_public_pledge_maker(name="Elsewhere")
    data = {"pledge_makers": [elsewhere.pk], "caseworker": casey.pk}
    html = client.post(f"/staff/rounds/{round_.slug}/owners/", data).content.decode()
    assert "One of these Pledge Makers is not in this round." in html
    elsewhere.refresh_from_db()
    assert elsewhere.caseworker is None


def test_one_pledge_maker_is_given_on_its_own_page(client: Client, casey: User) -> None:
    maker = make_public_pledge_maker(name="Northtown")
    assert "Nobody of the team looks after it." in client.get(f"/staff/pledge-makers/{maker.slug}/").content.decode()
    answer = client.post(f"/staff/pledge-makers/{maker.slug}/owner/", {"caseworker": casey.pk}, follow=True)
    assert "Casey Worker looks after it." in answer.content.decode()
    form = client.get(f"/staff/pledge-makers/{maker.slug}/owner/").context["form"]
    assert form["caseworker"].value() == casey.pk
    assert AuditEvent.objects.filter(action="pledge_maker.given", by=casey, about_id=maker.pk).count() == 1
