"""The queue: each update in one queue, oldest first, by owner; every figure leads to its rows and its file."""

import csv
import io
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEvent, User
from progress_updates import extensions
from progress_updates.models import ProgressUpdate, Round, RoundEntry, State, StatusChange
from signatories import accepting, terms
from signatories.caseworkers import give_to_caseworker
from signatories.models import PledgeMaker, Role
from tests.factories.accounts import make_caseworker, sign_in
from tests.factories.progress_updates import leader_of, make_entry, make_round, make_update, take, writer_of
from tests.factories.signatories import make_invitation, make_leader, make_public_pledge_maker
from tests.staff.many import make_many_updates

pytestmark = pytest.mark.django_db
NOW = timezone.now()
LEADERS = ("Leaderless", "New leader")
QUEUES = {
    "review": ["Submitted"],
    "in_review": ["In review"],
    "returned": ["Returned"],
    "late": ["Awaiting sign-off", "Draft", "Silent"],
    "unreachable": ["Silent"],
    "only_one": ["Leaderless"],
    "leader": ["Leaderless", "New leader"],
    "publish": ["Accepted"],
}


@pytest.fixture(autouse=True)
def casey(client: Client) -> User:
    user = make_caseworker(name="Casey Worker")
    sign_in(client, user)
    return user


@pytest.fixture
def round_() -> Round:
    """One Pledge Maker in each state, and one that has sent nothing and has nobody left."""
    makers = {state: make_public_pledge_maker(name=str(state.label), now=NOW - timedelta(days=90)) for state in State}
    silent = make_public_pledge_maker(name="Silent", now=NOW - timedelta(days=90))
    silent.memberships.update(ended_at=NOW)
    due_on = timezone.localdate(NOW - timedelta(days=3))
    found = make_round(label="Round 9", due_on=due_on, now=NOW - timedelta(days=63))
    _leaders_change()
    for state, maker in makers.items():
        entry = make_entry(pledge_maker=maker, round_=found)
        make_update(entry=entry, state=state, now=NOW - timedelta(days=20))
    return found


def _leaders_change() -> None:
    """Of two that joined after the round had opened, one has no leader any more, and one a new one."""
    leaderless, new = (make_public_pledge_maker(name=name, now=NOW - timedelta(days=50)) for name in LEADERS)
    for maker, days in ((leaderless, 9), (new, 8)):
        last_day = timezone.localdate(NOW - timedelta(days=days))
        terms.end_term(leader=maker.leaders.get(), until_on=last_day, by=make_caseworker(), now=NOW)
        coordinator = make_invitation(pledge_maker=maker, role=Role.COORDINATOR, by=make_caseworker(), now=NOW)
        accepting.accept_found(invitation=coordinator, now=NOW)
    make_leader(pledge_maker=new, name="Dr Leila Hosseini", now=NOW - timedelta(days=5))


def queue(client: Client, query: str = ""):  # type: ignore[no-untyped-def]
    return client.get(f"/staff/queue/{query}")


def names(client: Client, query: str) -> list[str]:
    return [item.name for item in queue(client, query).context["items"]]


def file_of(client: Client, query: str) -> list[dict[str, str]]:
    content = b"".join(client.get(f"/staff/queue.csv{query}")).decode("utf-8-sig")  # type: ignore[arg-type]
    return list(csv.DictReader(io.StringIO(content, newline="")))


def test_each_update_stands_where_it_waits_and_figures_lead_to_rows_and_files(client: Client, round_: Round) -> None:
    figures = {kind: (count, query) for kind, count, _words, query in queue(client).context["figures"]}
    assert {kind: names(client, query) for kind, (_, query) in figures.items()} == QUEUES
    assert {kind: count for kind, (count, _) in figures.items()} == {kind: len(rows) for kind, rows in QUEUES.items()}
    in_files = {kind: [row["Pledge Maker"] for row in file_of(client, query)] for kind, (_, query) in figures.items()}
    assert in_files == QUEUES
    on_overview = {kind: count for kind, count, _words, _query in client.get("/staff/").context["figures"]}
    assert on_overview == {kind: len(rows) for kind, rows in QUEUES.items()}


def test_rows_and_figures_are_those_of_one_owner(client: Client, round_: Round, casey: User) -> None:
    mine = PledgeMaker.objects.filter(name__in=["Submitted", "Silent"])
    give_to_caseworker(pledge_makers=mine, caseworker=casey, by=casey, now=NOW)
    context = queue(client, "?owner=mine").context
    assert {kind: count for kind, count, _, _ in context["figures"] if count} == {
        "review": 1,
        "late": 1,
        "unreachable": 1,
    }
    assert [item.owner for item in context["items"]] == ["Casey Worker"]
    assert {query for _, _, _, query in context["figures"]} == {f"?what={kind}&owner=mine" for kind in QUEUES}
    assert names(client, "?what=late&owner=nobody") == ["Awaiting sign-off", "Draft"]
    assert [row["Pledge Maker"] for row in file_of(client, "?what=late&owner=mine")] == ["Silent"]


def test_an_unknown_value_is_left_out_and_said(client: Client, round_: Round) -> None:
    answer = queue(client, "?what=pk&owner=7777777&page=zero")
    assert [item.name for item in answer.context["items"]] == ["Submitted"]
    assert answer.content.decode().count("so it is left out.") == 3


def test_the_oldest_comes_first(client: Client) -> None:
    makers = [make_public_pledge_maker(name=name, now=NOW - timedelta(days=9)) for name in ("Later", "Earlier")]
    round_ = make_round(now=NOW - timedelta(days=8))
    for maker, days in zip(makers, (1, 5), strict=True):
        entry = make_entry(pledge_maker=maker, round_=round_)
        make_update(entry=entry, state=State.SUBMITTED, now=NOW - timedelta(days=days))
    assert names(client, "") == ["Earlier", "Later"]


def test_what_came_back_after_a_return_waits_from_its_second_arrival(client: Client) -> None:
    update = make_update(state=State.RETURNED, now=NOW - timedelta(days=3))
    maker, later = update.entry.pledge_maker, NOW - timedelta(days=1)
    for step in ("ask_for_signature", "sign"):
        take(step, update, writer=writer_of(maker), leader=leader_of(maker), now=later)
    assert [item.since for item in queue(client).context["items"]] == [later]


def test_after_a_round_has_closed_nobody_is_waited_for(client: Client, round_: Round) -> None:
    Round.objects.filter(pk=round_.pk).update(closes_at=NOW - timedelta(hours=1))
    assert names(client, "?what=late") == []
    Round.objects.filter(pk=round_.pk).update(closes_at=NOW + timedelta(days=1), is_past=True)
    assert names(client, "?what=late") == []


def test_each_queue_says_what_it_knows_beside_the_name(client: Client, round_: Round) -> None:
    last = StatusChange.objects.filter(action="return_by_staff")
    last.update(respond_by=date(2026, 12, 24))
    ProgressUpdate.objects.filter(state=State.ACCEPTED).update(publish_at=round_.publishes_at)
    by = StatusChange.objects.get(update__state=State.IN_REVIEW, action="start_review").by
    assert by
    notes = {kind: queue(client, f"?what={kind}").context["items"][0].note for kind in QUEUES}
    awaited = queue(client, "?what=leader").context["items"][1]
    assert (awaited.note, awaited.since) == (
        "Dr Leila Hosseini has not re-affirmed the pledge yet",
        timezone.localdate(NOW - timedelta(days=5)),
    )
    day = timezone.localtime(round_.publishes_at)
    assert notes == {
        "review": "",
        "in_review": f"By {by.name}",
        "returned": "Hoped for by 24 December 2026",
        "late": "",
        "unreachable": "Nobody to ask",
        "only_one": "Only Ama Mensah",
        "leader": "No leader in office",
        "publish": f"Will be published {day.day} {day:%B %Y}",
    }


def test_a_late_entry_is_due_when_its_extension_ended(client: Client, round_: Round, casey: User) -> None:
    entry = RoundEntry.objects.get(pledge_maker__name="Silent")
    until = timezone.localdate(NOW - timedelta(days=1))
    RoundEntry.objects.filter(pk=entry.pk).update(extended_to=extensions.end_of(until))
    found = {
        item.name: (timezone.localdate(item.since), item.note) for item in queue(client, "?what=late").context["items"]
    }
    assert found["Silent"] == (until, "After an extension")


def test_taking_the_file_is_recorded(client: Client, round_: Round, casey: User) -> None:
    answer = client.get("/staff/queue.csv?what=late&owner=nobody")
    assert answer["Content-Disposition"] == f'attachment; filename="queue-late-{timezone.localdate()}.csv"'
    event = AuditEvent.objects.get(action="staff.exported")
    assert (event.by, event.detail) == (
        casey,
        {"what": "queue", "rows": 3, "chosen": {"what": "late", "owner": "nobody"}},
    )


@pytest.mark.parametrize("count", [1, 3, 100])
def test_each_queue_takes_five_queries(client: Client, django_assert_num_queries, count: int) -> None:
    make_many_updates(count)
    for kind in QUEUES:
        with django_assert_num_queries(5):
            shown = len(queue(client, f"?what={kind}").context["items"])
        assert shown == min(50, shown)
