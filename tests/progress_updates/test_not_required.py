"""Whose update is not asked for: reported with another's, joined later; and asked for again."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import AuditEvent
from progress_updates import drafting, not_required, workflow
from progress_updates.lateness import lateness, public_status
from progress_updates.models import ProgressUpdate, RoundEntry, State
from progress_updates.not_required import Refused
from progress_updates.permissions import NotAllowed
from progress_updates.snapshots import content_of
from progress_updates.snapshots import read as read_snapshot
from signatories.models import Role
from tests.factories.accounts import make_caseworker
from tests.factories.progress_updates import leader_of, make_entry, make_round, make_update, take, writer_of
from tests.factories.signatories import make_member, make_public_pledge_maker

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 2, 11, 0, tzinfo=UTC)


@pytest.fixture
def entries() -> list[RoundEntry]:
    names = ("Northtown Trust", "Eastmere Together", "Westmarsh Trust")
    makers = [make_public_pledge_maker(name=name, now=NOW - timedelta(days=90)) for name in names]
    round_ = make_round(now=NOW)
    return [make_entry(pledge_maker=maker, round_=round_) for maker in makers]


def cover(entry: RoundEntry, by_entry: RoundEntry, **more: object) -> None:
    not_required.cover(**{"entry": entry, "by_entry": by_entry, "by": make_caseworker(), "now": NOW, **more})
    entry.refresh_from_db()


def test_a_covered_entry_is_reported_with_the_other(entries: list[RoundEntry]) -> None:
    covered, covering, _ = entries
    cover(covered, covering)
    assert public_status(covered, NOW).words == "To be reported with Eastmere Together"
    events = AuditEvent.objects.filter(action__startswith="entry.cover").order_by("pk")
    assert [(event.action, event.about_id) for event in events] == [
        ("entry.covered", covered.pk),
        ("entry.covers", covering.pk),
    ]


def test_the_covering_signature_names_both(entries: list[RoundEntry]) -> None:
    covered, covering, _ = entries
    cover(covered, covering)
    update = make_update(entry=covering, state=State.SUBMITTED, now=NOW)
    named = read_snapshot(update.snapshots.get())["covers"]["organisations"]
    assert [each["name"] for each in named] == ["Eastmere Together", "Northtown Trust"]


def break_the_rule(name: str, entries: list[RoundEntry]) -> tuple[RoundEntry, RoundEntry]:
    one, two, three = entries
    if name == "itself":
        return one, one
    if name == "chain":
        cover(two, three)
        return one, two
    if name == "circle":
        cover(two, one)
        return one, two
    if name == "twice":
        cover(one, two)
        return one, three
    if name == "other round":
        return one, make_entry(pledge_maker=two.pledge_maker, round_=make_round(now=NOW))
    if name == "withdrawn":
        RoundEntry.objects.filter(pk=one.pk).update(why_not_required="withdrawn")
    if name == "withdrawn covers":
        RoundEntry.objects.filter(pk=two.pk).update(why_not_required="withdrawn")
    if name == "own update":
        make_update(entry=one, state=State.SUBMITTED, now=NOW)
    if name == "signed already":
        make_update(entry=two, state=State.ACCEPTED, now=NOW)
    return one, two


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("itself", "A Pledge Maker cannot report with itself."),
        ("chain", "No update is asked of that Pledge Maker itself. Choose another."),
        ("circle", "It reports for another Pledge Maker itself. Undo that first."),
        ("twice", "It is reported with another already. Undo that first."),
        ("other round", "Choose a Pledge Maker of the same round."),
        ("withdrawn", "It has withdrawn from the pledge. Nothing is asked of it."),
        ("withdrawn covers", "No update is asked of that Pledge Maker itself. Choose another."),
        ("own update", "Its own update was received. Nothing was changed."),
        (
            "signed already",
            "Eastmere Together has signed already, without naming this Pledge Maker. Send its update back first.",
        ),
    ],
)
def test_what_cannot_be_covered_is_refused_in_words(entries: list[RoundEntry], name: str, words: str) -> None:
    covered, covering = break_the_rule(name, entries)
    before = list(RoundEntry.objects.order_by("pk").values("why_not_required", "covered_by"))
    with pytest.raises(Refused) as refusal:
        cover(covered, covering)
    assert str(refusal.value) == words
    assert list(RoundEntry.objects.order_by("pk").values("why_not_required", "covered_by")) == before


def test_who_may_cover_are_those_who_have_not_signed(entries: list[RoundEntry]) -> None:
    one, two, three = entries
    make_update(entry=two, state=State.SUBMITTED, now=NOW)
    assert list(not_required.may_cover(one)) == [three]
    make_update(entry=three, state=State.RETURNED, now=NOW)
    assert list(not_required.may_cover(one)) == [three]


def test_one_may_cover_several(entries: list[RoundEntry]) -> None:
    cover(entries[0], entries[1])
    cover(entries[2], entries[1])
    assert set(entries[1].covers.all()) == {entries[0], entries[2]}


def test_no_draft_is_begun_for_who_is_covered_or_withdrawn(entries: list[RoundEntry]) -> None:
    cover(entries[0], entries[1])
    RoundEntry.objects.filter(pk=entries[2].pk).update(why_not_required="withdrawn")
    for entry in (entries[0], entries[2]):
        stale = RoundEntry.objects.get(pk=entry.pk)
        stale.why_not_required = ""
        with pytest.raises(NotAllowed, match="No update is asked of you in this round"):
            drafting.start_update(entry=stale, by=writer_of(entry.pledge_maker), now=NOW)
    assert ProgressUpdate.objects.count() == 0


def test_a_draft_that_stands_is_kept_but_cannot_be_signed(entries: list[RoundEntry]) -> None:
    covered, covering, _ = entries
    update = make_update(entry=covered, state=State.AWAITING_SIGN_OFF, now=NOW)
    cover(covered, covering)
    assert drafting.start_update(entry=covered, by=writer_of(covered.pledge_maker), now=NOW) == update
    update = ProgressUpdate.objects.select_related("entry__round").get(pk=update.pk)
    with pytest.raises(NotAllowed):
        take("sign", update, writer=writer_of(covered.pledge_maker), leader=leader_of(covered.pledge_maker), now=NOW)
    assert update.state == State.AWAITING_SIGN_OFF


def test_uncovering_asks_for_its_own_update_again(entries: list[RoundEntry]) -> None:
    covered, covering, _ = entries
    cover(covered, covering)
    not_required.uncover(entry=covered, by=make_caseworker(), now=NOW)
    covered.refresh_from_db()
    assert (covered.why_not_required, covered.covered_by, lateness(covered, NOW)) == ("", None, "not_due_yet")
    event = AuditEvent.objects.get(action="entry.required_again")
    assert (event.before, event.after) == ({"why_not_required": "covered"}, {"why_not_required": ""})
    assert [each["name"] for each in content_of(make_update(entry=covering, now=NOW))["covers"]["organisations"]] == [
        "Eastmere Together"
    ]


def test_who_stands_in_a_signed_update_stays_reported_with_it(entries: list[RoundEntry]) -> None:
    covered, covering, _ = entries
    cover(covered, covering)
    make_update(entry=covering, state=State.SUBMITTED, now=NOW)
    with pytest.raises(Refused, match="speaks for it too, so this stays"):
        not_required.uncover(entry=covered, by=make_caseworker(), now=NOW)
    covered.refresh_from_db()
    assert covered.covered_by == covering


def test_staff_say_that_one_joined_later_and_take_it_back(entries: list[RoundEntry]) -> None:
    entry, by = entries[0], make_caseworker()
    not_required.joined_after_opening(entry=entry, by=by, now=NOW)
    entry.refresh_from_db()
    assert lateness(entry, NOW) == "not_required"
    assert make_update(entry=entry, state=State.SUBMITTED, now=NOW).state == State.SUBMITTED
    workflow.recall(update=entry.updates.get(), by=writer_of(entry.pledge_maker), now=NOW)
    not_required.require_again(entry=entry, by=by, now=NOW)
    entry.refresh_from_db()
    assert lateness(entry, NOW) == "not_due_yet"


@pytest.mark.parametrize(
    ("why", "act"),
    [
        ("", not_required.uncover),
        ("joined_after_opening", not_required.uncover),
        ("", not_required.require_again),
        ("withdrawn", not_required.require_again),
        ("withdrawn", not_required.joined_after_opening),
        ("joined_after_opening", not_required.joined_after_opening),
        ("covered", not_required.joined_after_opening),
    ],
)
def test_what_is_not_so_is_not_undone(entries: list[RoundEntry], why: str, act: Callable[..., None]) -> None:
    RoundEntry.objects.filter(pk=entries[0].pk).update(why_not_required=why)
    with pytest.raises(Refused):
        act(entry=entries[0], by=make_caseworker(), now=NOW)
    assert RoundEntry.objects.get(pk=entries[0].pk).why_not_required == why


@pytest.mark.parametrize("role", [Role.LEADER, Role.COORDINATOR, "disabled"])
def test_only_the_team_says_what_is_asked(entries: list[RoundEntry], role: str) -> None:
    by = make_caseworker()
    if role == "disabled":
        by.is_active = False
    else:
        by = make_member(pledge_maker=entries[0].pledge_maker, role=role).user
    acts: list[Callable[[], None]] = [
        lambda: cover(entries[0], entries[1], by=by),
        lambda: not_required.uncover(entry=entries[0], by=by, now=NOW),
        lambda: not_required.require_again(entry=entries[0], by=by, now=NOW),
        lambda: not_required.joined_after_opening(entry=entries[0], by=by, now=NOW),
    ]
    for act in acts:
        with pytest.raises(NotAllowed):
            act()
