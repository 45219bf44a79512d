"""An update from the first word to the signature by keyboard alone, and once without JavaScript."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from progress_updates.models import ProgressUpdate, RoundEntry, State
from tests.factories.progress_updates import leader_of, make_round, make_update, writer_of
from tests.factories.signatories import make_public_pledge_maker
from tests.journeys.keyboard import Keyboard
from tests.journeys.people import Person
from tests.journeys.writing import SECTIONS, write_update

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


@pytest.fixture
def entry(live_site: str) -> RoundEntry:
    """A Pledge Maker that has reported once and now owes its second update."""
    make_public_pledge_maker(name="Northtown Mental Health NHS Trust")
    then = timezone.now() - timedelta(days=150)
    before = make_round(label="Round 1", due_on=timezone.localdate(then) + timedelta(days=20), now=then)
    make_update(entry=before.entries.get(), state=State.PUBLISHED, now=then)
    return make_round(label="Round 2").entries.get()


def _place(entry: RoundEntry) -> str:
    return f"/workspace/{entry.pledge_maker.slug}/{entry.round.slug}/"


def _is_submitted(entry: RoundEntry) -> None:
    update = ProgressUpdate.objects.get(entry=entry)
    assert update.state == State.SUBMITTED
    assert update.answers.exclude(completed=True).count() <= 1  # next steps need no tick of their own
    assert update.snapshots.get().is_intact()


def test_an_update_by_keyboard_alone(entry: RoundEntry, person: Callable[..., Person]) -> None:
    writer = person(*_who(writer_of(entry.pledge_maker))).is_signed_in()
    hands = Keyboard(writer.page)
    writer.opens(_place(entry))
    hands.follows(SECTIONS[0])
    for title in SECTIONS:
        writer.reads(title)
        _write_by_keyboard(hands, title)
    writer.reads("Check your answers")
    hands.presses("Ask for the signature")
    writer.reads("Signature asked for")
    leader = person(*_who(leader_of(entry.pledge_maker))).is_signed_in()
    hands = Keyboard(leader.page)
    leader.opens(_place(entry))
    hands.follows("Read and sign")
    leader.reads("Read and sign")
    hands.ticks()
    hands.presses("Sign and submit")
    leader.reads("Signed and sent")
    _is_submitted(entry)


def _who(user: object) -> tuple[str, str]:
    return user.name, user.email  # type: ignore[attr-defined]


def _write_by_keyboard(hands: Keyboard, title: str) -> None:
    """In the order of the page, so that Tab alone gets there."""
    objective = title.startswith("Objective")
    if objective or title == "Next steps":
        hands.chooses("Done")
    if objective:
        hands.chooses("Prioritised")
        hands.types("What changed", f"{title}: typed without a mouse.")
    elif title not in ("Next steps", SECTIONS[0]):
        hands.types("Your answer", f"{title}: typed without a mouse.")
    if objective or title == "Next steps":
        hands.types("What you will do", "Carry on")
        hands.types("Who will do it", "Director of nursing")
        hands.types_date("By when", timezone.localdate() + timedelta(days=90))
    hands.chooses("Yes, I have completed it")
    hands.presses("Save and continue")


def test_an_update_without_javascript(entry: RoundEntry, person: Callable[..., Person]) -> None:
    writer = person(*_who(writer_of(entry.pledge_maker)), java_script_enabled=False).is_signed_in()
    writer.opens(_place(entry))
    by_when = timezone.localdate() + timedelta(days=90)
    write_update(writer, text="Written without JavaScript.", by_when=by_when, done=True)
    writer.presses("Ask for the signature")
    writer.reads("Signature asked for")
    leader = person(*_who(leader_of(entry.pledge_maker)), java_script_enabled=False).is_signed_in()
    leader.opens(_place(entry)).follows("Read and sign")
    leader.page.get_by_role("checkbox").check()
    leader.presses("Sign and submit")
    leader.reads("Signed and sent")
    _is_submitted(entry)
