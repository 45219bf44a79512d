"""The life of an update, state × action × person, written out by hand and not read from STEPS.

Whoever is not named below is refused, and a refusal changes nothing.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.models import User
from progress_updates import workflow
from progress_updates.drafting import start_update
from progress_updates.lateness import LATE, NOT_DUE_YET, NOT_RECEIVED, ON_TIME, lateness
from progress_updates.models import ProgressUpdate, RoundEntry, Snapshot, SourceDocument, State, StatusChange
from progress_updates.permissions import NotAllowed
from progress_updates.snapshots import fingerprint
from progress_updates.workflow import ChangedSinceRead, Incomplete, ReasonMissing, WrongState
from signatories.models import Leader, Role
from tests.factories.accounts import make_administrator, make_caseworker, make_publisher, make_user
from tests.factories.progress_updates import make_entry, make_round, make_update, take
from tests.factories.sections import fill
from tests.factories.signatories import make_leader, make_member, make_public_pledge_maker

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
DUE_ON = date(2026, 11, 20)

WRITERS = {"contributor", "coordinator", "leader", "asker_leader"}
LEADERS = {"leader", "asker_leader"}
STAFF = {"caseworker", "publisher", "administrator"}
PUBLISHERS = {"publisher", "administrator"}

# Who may take which step from which state, and where it leads. `asker_leader` asked for the signature.
ALLOWED: dict[str, dict[str, tuple[set[str], str]]] = {
    "draft": {"ask_for_signature": (WRITERS, "awaiting_sign_off")},
    "awaiting_sign_off": {
        "take_back": ({"asker_leader"}, "draft"),
        "return_by_leader": (LEADERS, "draft"),
        "sign": ({"leader"}, "submitted"),
    },
    "submitted": {"recall": (WRITERS, "draft"), "start_review": (STAFF, "in_review")},
    "in_review": {"return_by_staff": (STAFF, "returned"), "accept": (STAFF, "accepted")},
    "returned": {"ask_for_signature": (WRITERS, "awaiting_sign_off")},
    "accepted": {"publish": (PUBLISHERS, "published")},
    "published": {"undo_publication": (PUBLISHERS, "accepted")},
}
# What came as a document has a table of its own: test_on_behalf_steps.py.
ACTIONS = (
    "ask_for_signature",
    "take_back",
    "return_by_leader",
    "sign",
    "sign_by_document",
    "recall",
    "start_review",
    "return_by_staff",
    "accept",
    "publish",
    "undo_publication",
)
PATH = {
    "draft": (),
    "awaiting_sign_off": ("ask_for_signature",),
    "submitted": ("ask_for_signature", "sign"),
    "in_review": ("ask_for_signature", "sign", "start_review"),
    "returned": ("ask_for_signature", "sign", "start_review", "return_by_staff"),
    "accepted": ("ask_for_signature", "sign", "start_review", "accept"),
    "published": ("ask_for_signature", "sign", "start_review", "accept", "publish"),
}
PEOPLE = (
    "stranger",
    "reader",
    "contributor",
    "coordinator",
    "leader",
    "asker_leader",
    "other_leader",
    "caseworker",
    "publisher",
    "administrator",
    "disabled_leader",
    "disabled_publisher",
    "former_coordinator",
)


def act(action: str, update: ProgressUpdate, by: User, now: datetime = NOW) -> None:
    more: dict[str, Any] = {}
    if action == "sign":
        more = {"read": fingerprint(update)}
    elif action == "sign_by_document":
        more = {"read": fingerprint(update), "document": SourceDocument(), "leader": Leader()}
    elif action.startswith("return_by"):
        more = {"reason": "Please name the partner."}
    getattr(workflow, action)(update=update, by=by, now=now, **more)


def make_people(maker: Any) -> dict[str, User]:
    def member(role: str) -> User:
        return make_member(pledge_maker=maker, role=role, now=NOW).user

    people = {
        "stranger": make_user(),
        "reader": member(Role.READER),
        "contributor": member(Role.CONTRIBUTOR),
        "coordinator": member(Role.COORDINATOR),
        "leader": make_leader(pledge_maker=maker, now=NOW).user,
        "asker_leader": make_leader(pledge_maker=maker, name="Dr Asked", now=NOW).user,
        "other_leader": make_leader(pledge_maker=make_public_pledge_maker(now=NOW), now=NOW).user,
        "caseworker": make_caseworker(),
        "publisher": make_publisher(),
        "administrator": make_administrator(),
        "disabled_leader": disabled(make_leader(pledge_maker=maker, name="Dr Gone", now=NOW).user),
        "disabled_publisher": disabled(make_publisher()),
        "former_coordinator": member(Role.COORDINATOR),
    }
    people["former_coordinator"].memberships.update(ended_at=NOW)
    assert tuple(people) == PEOPLE
    return people


def disabled(user: User) -> User:
    user.is_active = False
    user.save(update_fields=["is_active"])
    return user


def update_in(state: str) -> tuple[ProgressUpdate, dict[str, User]]:
    """An update in a state, for whose signature `asker_leader` asked."""
    maker = make_public_pledge_maker(now=NOW)
    entry = make_entry(pledge_maker=maker, round_=make_round(due_on=DUE_ON, now=NOW), now=NOW)
    people = make_people(maker)
    update = make_update(entry=entry, now=NOW)
    for step in PATH[state]:
        take(step, update, writer=people["asker_leader"], leader=people["leader"], now=NOW)
    update.refresh_from_db()
    assert update.state == state
    return update, people


def traces(update: ProgressUpdate) -> tuple[Any, ...]:
    """All that a step may change."""
    row = ProgressUpdate.objects.filter(pk=update.pk).values().get()
    received = RoundEntry.objects.values_list("received_at", flat=True).get(pk=update.entry_id)
    changes, snapshots = StatusChange.objects.count(), Snapshot.objects.count()
    return row, received, changes, snapshots


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def outcome(action: str, update: ProgressUpdate, by: User) -> str:
    """Where the step led; "refused" when it raised. Checks the traces of both."""
    before = traces(update)
    with undone():
        refusal = refusal_of(action, update, by)
        row, _received, changes, snapshots = after = traces(update)
        if refusal is None:
            assert changes == before[2] + 1, f"{action}: one step, one row of history"
            assert snapshots == before[3] + (action == "sign"), f"{action}: a snapshot is made by signing only"
            return str(row["state"])
    assert refusal, f"{action}: refused without a word"
    assert after == before, f"{action}: refused, and yet something changed"
    return "refused"


def refusal_of(action: str, update: ProgressUpdate, by: User) -> str | None:
    """The sentence of a refusal; None when the step was taken."""
    try:
        act(action, update, by)
    except (NotAllowed, WrongState) as refusal:
        return str(refusal)
    return None


@pytest.mark.django_db
@pytest.mark.parametrize("state", list(ALLOWED))
def test_every_person_may_take_exactly_the_steps_of_the_table(state: str) -> None:
    update, people = update_in(state)
    expected, found = {}, {}
    for action in ACTIONS:
        allowed, target = ALLOWED[state].get(action, (set(), ""))
        for person in PEOPLE:
            update.refresh_from_db()
            expected[action, person] = target if person in allowed else "refused"
            found[action, person] = outcome(action, update, people[person])
    assert found == expected


@pytest.mark.django_db
@pytest.mark.parametrize("state", list(ALLOWED))
def test_the_buttons_are_exactly_the_steps_that_succeed(state: str) -> None:
    update, people = update_in(state)
    for person in PEOPLE:
        buttons = {step.name for step in workflow.steps_open_to(update=update, by=people[person], now=NOW)}
        assert buttons == {name for name, (who, _to) in ALLOWED[state].items() if person in who}, person


def test_the_table_above_and_the_table_of_the_workflow_know_the_same_steps_and_states() -> None:
    assert tuple(workflow.STEPS) == ACTIONS
    assert set(ALLOWED) == set(State.values)


@pytest.mark.django_db
def test_a_page_that_is_old_changes_nothing_and_says_who_was_faster() -> None:
    update, people = update_in("in_review")
    old = ProgressUpdate.objects.get(pk=update.pk)
    act("accept", update, people["caseworker"])
    before = traces(update)
    with pytest.raises(WrongState) as refusal:
        act("return_by_staff", old, people["publisher"])
    assert str(refusal.value) == "Somebody was faster: this update is now “Accepted”. Nothing was changed."
    assert traces(update) == before


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "action", "person"),
    [("awaiting_sign_off", "return_by_leader", "leader"), ("in_review", "return_by_staff", "caseworker")],
)
@pytest.mark.parametrize("reason", ["", "  \n "])
def test_return_without_reason_is_refused(state: str, action: str, person: str, reason: str) -> None:
    update, people = update_in(state)
    before = traces(update)
    with pytest.raises(ReasonMissing):
        getattr(workflow, action)(update=update, by=people[person], now=NOW, reason=reason)
    assert traces(update) == before


@pytest.mark.django_db
def test_an_incomplete_draft_cannot_be_sent_to_the_leader() -> None:
    update, people = update_in("draft")
    update.answers.filter(question__key="challenges").update(text="")
    before = traces(update)
    with pytest.raises(Incomplete) as refusal:
        act("ask_for_signature", update, people["coordinator"])
    assert [missing.key for missing in refusal.value.missing] == ["challenges"]
    assert traces(update) == before


@pytest.mark.django_db
def test_signing_words_that_the_page_did_not_show_is_refused() -> None:
    update, people = update_in("awaiting_sign_off")
    before = traces(update)
    with pytest.raises(ChangedSinceRead), transaction.atomic():
        workflow.sign(update=update, by=people["leader"], now=NOW, read="of another day")
    assert traces(update) == before


@pytest.mark.django_db
def test_whoever_asked_may_take_it_back_and_nobody_else() -> None:
    update, people = update_in("draft")
    act("ask_for_signature", update, people["contributor"])
    for person in WRITERS - {"contributor"}:
        assert outcome("take_back", update, people[person]) == "refused", person
    act("take_back", update, people["contributor"])
    assert update.state == State.DRAFT


@pytest.mark.django_db
def test_a_leader_who_is_alone_may_ask_and_sign() -> None:
    maker = make_public_pledge_maker(now=NOW)
    entry = make_entry(pledge_maker=maker, round_=make_round(due_on=DUE_ON, now=NOW), now=NOW)
    alone = maker.leaders.get().user
    assert alone is not None
    update = start_update(entry=entry, by=alone, now=NOW)
    fill(update, by=alone, now=NOW)
    act("ask_for_signature", update, alone)
    act("sign", update, alone)
    assert update.state == State.SUBMITTED


@pytest.mark.django_db
@pytest.mark.parametrize(("role", "may_sign"), [(Role.READER, True), (Role.CONTRIBUTOR, False)])
def test_a_reader_does_not_end_the_exception_for_one_person_but_a_writer_does(role: str, may_sign: bool) -> None:
    maker = make_public_pledge_maker(now=NOW)
    entry = make_entry(pledge_maker=maker, round_=make_round(due_on=DUE_ON, now=NOW), now=NOW)
    leader = maker.leaders.get().user
    assert leader is not None
    update = start_update(entry=entry, by=leader, now=NOW)
    fill(update, by=leader, now=NOW)
    make_member(pledge_maker=maker, role=role, now=NOW)
    act("ask_for_signature", update, leader)
    assert outcome("sign", update, leader) == ("submitted" if may_sign else "refused")


# --- When it counts as received ----------------------------------------------------------------------------


def received(update: ProgressUpdate) -> datetime | None:
    return RoundEntry.objects.values_list("received_at", flat=True).get(pk=update.entry_id)


def submit(update: ProgressUpdate, people: dict[str, User], now: datetime) -> None:
    act("ask_for_signature", update, people["coordinator"], now)
    act("sign", update, people["leader"], now)


@pytest.mark.django_db
def test_what_was_recalled_was_never_received() -> None:
    update, people = update_in("draft")
    submit(update, people, NOW + timedelta(days=1))
    assert received(update) == NOW + timedelta(days=1)
    act("recall", update, people["coordinator"], NOW + timedelta(days=2))
    update.refresh_from_db()
    assert (received(update), update.signed_by, update.signed_at) == (None, None, None)
    assert Snapshot.objects.filter(update=update).count() == 1, "what was signed stays as history"
    assert lateness(RoundEntry.objects.get(pk=update.entry_id), NOW + timedelta(days=3)) == NOT_DUE_YET
    assert lateness(RoundEntry.objects.get(pk=update.entry_id), NOW + timedelta(days=30)) == NOT_RECEIVED


@pytest.mark.django_db
def test_sent_again_after_a_recall_counts_from_the_second_time() -> None:
    update, people = update_in("draft")
    submit(update, people, NOW)
    act("recall", update, people["coordinator"], NOW + timedelta(hours=1))
    late = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    submit(update, people, late)
    assert received(update) == late
    assert lateness(RoundEntry.objects.get(pk=update.entry_id), late) == LATE


@pytest.mark.django_db
def test_signing_again_after_a_return_by_staff_keeps_the_first_time() -> None:
    update, people = update_in("draft")
    submit(update, people, NOW)
    act("start_review", update, people["caseworker"], NOW + timedelta(days=1))
    act("return_by_staff", update, people["caseworker"], NOW + timedelta(days=2))
    assert received(update) == NOW
    after_due = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
    assert lateness(RoundEntry.objects.get(pk=update.entry_id), after_due) == ON_TIME
    submit(update, people, after_due)
    assert received(update) == NOW
    assert lateness(RoundEntry.objects.get(pk=update.entry_id), after_due) == ON_TIME
    assert Snapshot.objects.filter(update=update).count() == 2


@pytest.mark.django_db
def test_a_recall_after_a_return_takes_the_second_sending_back_and_not_the_first() -> None:
    update, people = update_in("draft")
    submit(update, people, NOW)
    act("start_review", update, people["caseworker"], NOW)
    act("return_by_staff", update, people["caseworker"], NOW)
    submit(update, people, NOW + timedelta(days=3))
    act("recall", update, people["leader"], NOW + timedelta(days=4))
    assert received(update) == NOW


@pytest.mark.django_db
def test_fractions_of_a_second_do_not_make_an_update_late() -> None:
    update, people = update_in("draft")
    last = update.entry.due_at
    submit(update, people, last + timedelta(microseconds=999_999))
    assert received(update) == last
    assert lateness(RoundEntry.objects.get(pk=update.entry_id), last) == ON_TIME


# --- When the round has closed -----------------------------------------------------------------------------

CLOSED = datetime(2026, 12, 21, 9, 0, tzinfo=UTC)


@pytest.mark.django_db
def test_until_the_last_second_of_the_closing_day_an_update_can_be_sent() -> None:
    update, people = update_in("draft")
    submit(update, people, update.entry.round.closes_at)
    assert update.state == State.SUBMITTED


@pytest.mark.django_db
def test_after_the_round_closed_nobody_can_ask_or_sign() -> None:
    update, people = update_in("draft")
    just_after = update.entry.round.closes_at + timedelta(seconds=1)
    with pytest.raises(NotAllowed, match="This round has closed"):
        act("ask_for_signature", update, people["coordinator"], just_after)
    act("ask_for_signature", update, people["coordinator"], NOW)
    before = traces(update)
    with pytest.raises(NotAllowed, match="This round has closed"):
        act("sign", update, people["leader"], just_after)
    assert traces(update) == before


@pytest.mark.django_db
def test_after_the_round_closed_an_extension_allows_submission_until_its_last_second() -> None:
    update, people = update_in("draft")
    until = datetime(2027, 1, 4, 23, 59, 59, tzinfo=UTC)
    RoundEntry.objects.filter(pk=update.entry_id).update(extended_to=until)
    update = ProgressUpdate.objects.get(pk=update.pk)
    assert update.entry.round.closes_at < CLOSED < until
    with pytest.raises(NotAllowed, match="This round has closed"):
        submit(update, people, until + timedelta(seconds=1))
    submit(update, people, until)
    assert update.state == State.SUBMITTED


@pytest.mark.django_db
def test_what_staff_returned_may_come_back_after_the_round_closed() -> None:
    update, people = update_in("returned")
    submit(update, people, CLOSED)
    assert (update.state, received(update)) == (State.SUBMITTED, NOW)


@pytest.mark.django_db
def test_the_closing_second_is_whole() -> None:
    update, people = update_in("draft")
    closing = update.entry.round.closes_at
    submit(update, people, closing.replace(microsecond=999_999))
    assert (update.state, received(update)) == (State.SUBMITTED, closing)


@pytest.mark.django_db
def test_a_recall_that_could_not_be_sent_again_is_refused() -> None:
    update, people = update_in("submitted")
    before = traces(update)
    with pytest.raises(NotAllowed, match="what you recalled could not be sent again"):
        act("recall", update, people["coordinator"], CLOSED)
    assert (traces(update), received(update)) == (before, NOW)


@pytest.mark.django_db
@pytest.mark.parametrize(("why", "words"), [("withdrawn", "withdrawn from the pledge"), ("covered", "covered by")])
def test_who_is_covered_or_withdrawn_sends_nothing(why: str, words: str) -> None:
    update, people = update_in("draft")
    RoundEntry.objects.filter(pk=update.entry_id).update(why_not_required=why)
    update = ProgressUpdate.objects.get(pk=update.pk)
    with pytest.raises(NotAllowed, match=f"No update is asked of you in this round: {words}"):
        act("ask_for_signature", update, people["coordinator"], NOW)


@pytest.mark.django_db
def test_a_leader_signs_until_the_last_day_in_office() -> None:
    update, people = update_in("awaiting_sign_off")
    leaders = update.entry.pledge_maker.leaders.filter(user=people["leader"])
    leaders.update(from_on=NOW.date(), until_on=NOW.date())
    with pytest.raises(NotAllowed, match="Only a leader"):
        act("sign", update, people["leader"], NOW + timedelta(days=1))
    act("sign", update, people["leader"], NOW)
    assert update.state == State.SUBMITTED


@pytest.mark.django_db
def test_a_leader_whose_colleagues_are_disabled_is_alone() -> None:
    update, people = update_in("draft")
    members = update.entry.pledge_maker.memberships.exclude(user=people["leader"])
    User.objects.filter(memberships__in=members).update(is_active=False)
    act("ask_for_signature", update, people["leader"], NOW)
    act("sign", update, people["leader"], NOW)
    assert update.state == State.SUBMITTED


# --- Publication -------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(("after", "allowed"), [(timedelta(hours=24), True), (timedelta(hours=24, seconds=1), False)])
def test_publication_can_be_undone_for_24_hours(after: timedelta, allowed: bool) -> None:
    update, people = update_in("published")
    before = traces(update)
    if allowed:
        act("undo_publication", update, people["publisher"], NOW + after)
        assert (update.state, update.published_at) == (State.ACCEPTED, None)
    else:
        with pytest.raises(NotAllowed, match="24 hours"):
            act("undo_publication", update, people["publisher"], NOW + after)
        assert traces(update) == before


@pytest.mark.django_db
def test_what_is_planned_is_published_at_its_time_once_and_by_the_clock() -> None:
    update, people = update_in("accepted")
    workflow.publish_later(update=update, by=people["publisher"], now=NOW)
    time = update.entry.round.publishes_at
    assert (update.state, update.publish_at) == (State.ACCEPTED, time)
    assert workflow.publish_due(now=time - timedelta(seconds=1)) == 0
    assert workflow.publish_due(now=time) == 1
    assert workflow.publish_due(now=time) == 0
    update.refresh_from_db()
    last = update.changes.latest("pk")
    assert (update.state, update.published_at, update.publish_at) == (State.PUBLISHED, time, None)
    assert (last.action, last.by, last.at) == ("publish", None, time)


@pytest.mark.django_db
@pytest.mark.parametrize("person", sorted(set(PEOPLE) - PUBLISHERS))
def test_only_a_publisher_plans_publication(person: str) -> None:
    update, people = update_in("accepted")
    with pytest.raises(NotAllowed):
        workflow.publish_later(update=update, by=people[person], now=NOW)
    update.refresh_from_db()
    assert update.publish_at is None


# --- Many at once ------------------------------------------------------------------------------------------


def at_once(count: int, what: Callable[[], object]) -> list[str]:
    """Runs `what` in so many threads that start together; the name of what each raised, or "done"."""
    start, said = threading.Barrier(count), []

    def run() -> None:
        try:
            start.wait(10)
            what()
            said.append("done")
        except Exception as error:
            said.append(type(error).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return sorted(said)


@pytest.mark.django_db(transaction=True)
def test_of_20_signatures_at_once_one_counts() -> None:
    assert connection.vendor == "postgresql", "this must be shown on the database of production"
    update, people = update_in("awaiting_sign_off")
    read = fingerprint(update)

    def sign() -> None:
        mine = ProgressUpdate.objects.select_related("entry__round").get(pk=update.pk)
        workflow.sign(update=mine, by=people["leader"], now=NOW + timedelta(hours=1), read=read)

    assert at_once(20, sign) == ["WrongState"] * 19 + ["done"]
    assert StatusChange.objects.filter(update=update, action="sign").count() == 1
    assert Snapshot.objects.filter(update=update).count() == 1
    update.refresh_from_db()
    assert (update.state, received(update)) == (State.SUBMITTED, NOW + timedelta(hours=1))
