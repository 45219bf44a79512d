"""Every mail that the site can send, each made by what people really do. A template of templates/mail/ without a
letter here fails `test_mail_scanner.py`: add a function to `EVENTS` that makes it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from mail.models import Message
from progress_updates import beside, changed_dates, extensions, workflow
from progress_updates.models import ExtensionRequest, ProgressUpdate, State
from reminders.ladder import LADDER, falls_at
from reminders.owed import dates_of
from reminders.plan import plan
from signatories import applications, supporters
from signatories.caseworkers import give_to_caseworker
from signatories.models import Application, Role, SupporterState
from tests.factories.joining import make_application, make_changed_supporter, make_supporter
from tests.factories.past import make_entered, make_sent
from tests.factories.progress_updates import make_round
from tests.factories.signatories import make_member, make_organisation, make_public_pledge_maker
from tests.people import letters_of_people
from tests.people.everybody import World


@dataclass
class Kept:
    """What the people of the letters have besides their mail."""

    # Who asked for a sign-in code, and the browser in which they did.
    asked: dict[str, Client] = field(default_factory=dict)


def _about(world: World, who: str = "caseworker") -> dict[str, Any]:
    return {"by": world.team[who], "now": world.now}


def asks_for_a_code(world: World, kept: Kept) -> None:
    email = world.ours.people["reader"].email
    kept.asked[email] = Client()
    kept.asked[email].post("/account/login/", {"email": email})


def applications_are_decided(world: World, kept: Kept) -> None:
    approved, declined = make_application(now=world.now), make_application(now=world.now)
    applications.approve(
        application=Application.objects.get(pk=approved.pk),
        organisations=[make_organisation(name="Westbrook Trust")],
        pledge_maker_name="",
        name="Dr Ada Obi",
        email="ada.obi@westbrook.example",
        role_title="Chair",
        **_about(world),
    )
    applications.decline(application=declined, reason="We could not find it.", **_about(world))


def supporters_are_decided(world: World, kept: Kept) -> None:
    make_supporter(state=SupporterState.PUBLISHED, now=world.now)
    supporters.decline(supporter=make_supporter(now=world.now), reason="We could not tell.", **_about(world))
    supporters.refuse_change(supporter=make_changed_supporter(now=world.now), reason="Too long.", **_about(world))


def a_supporter_asks_for_a_fresh_link(world: World, kept: Kept) -> None:
    """The link before is void, so its mail is of no more use to anybody."""
    supporter = make_supporter(now=world.now)
    Message.objects.filter(to=supporter.email).delete()
    supporters.send_link(email=supporter.email, now=world.now)


def more_time_is_asked_for(world: World, kept: Kept) -> None:
    """Given to one, refused to another."""
    makers = [world.ours.maker, world.theirs.maker]
    give_to_caseworker(pledge_makers=makers, caseworker=world.team["caseworker"], **_about(world))
    entry = world.rounds["awaiting"].entries.get(pledge_maker=world.ours.maker)
    wanted_on = timezone.localdate(entry.due_at) + timedelta(days=7)
    asked: dict[str, Any] = {"by": world.ours.people["coordinator"], "now": world.now}
    extensions.ask(entry=entry, wanted_on=wanted_on, reason="A flood.", **asked)
    extensions.grant(round_=entry.round, entries=[entry], due_on=wanted_on, reason="A flood.", **_about(world))
    request = ExtensionRequest.objects.get(pk=world.theirs.things["more_time"])
    extensions.refuse(request=request, words="The round ends soon.", **_about(world))


def the_due_day_moves(world: World, kept: Kept) -> None:
    round_ = world.rounds["autumn"]
    days = {name: timezone.localdate(getattr(round_, f"{name}_at")) for name in ("opens", "due", "closes", "publishes")}
    days["due"] += timedelta(days=1)
    changed_dates.change_dates(round_=round_, **{f"{name}_on": day for name, day in days.items()}, **_about(world))


def a_leader_returns_an_update(world: World, kept: Kept) -> None:
    update = ProgressUpdate.objects.get(pk=world.theirs.things["update_awaiting"])
    workflow.return_by_leader(update=update, by=world.theirs.people["leader"], now=world.now, reason="Add the figures.")


def words_are_taken_away(world: World, kept: Kept) -> None:
    maker = make_public_pledge_maker(name="Fenholme Trust", now=world.now - timedelta(days=90))
    make_member(pledge_maker=maker, role=Role.COORDINATOR, now=world.now)
    due_on = timezone.localdate(world.now) - timedelta(days=3)
    round_ = make_round(label="Over", due_on=due_on, now=world.now - timedelta(days=60))
    entry = round_.entries.get(pledge_maker=maker)
    beside.say(
        entry=entry, late_reason="Ann Smith is ill.", right_of_reply="", seen=beside.mark_of(entry), **_about(world)
    )
    beside.take_away(entry=entry, part="late_reason", reason="It names somebody.", **_about(world))


def a_document_is_entered(world: World, kept: Kept) -> None:
    maker = make_public_pledge_maker(name="Eastmere Trust", now=world.now - timedelta(days=90))
    round_ = make_round(label="By document", now=world.now)
    today = timezone.localdate(world.now)
    sent = make_sent(received_on=today, signed_on=today)
    make_entered(
        entry=round_.entries.get(pledge_maker=maker), sent=sent, state=State.SUBMITTED, leader=maker.leaders.get()
    )


def reminders_fall(world: World, kept: Kept) -> None:
    """One round from its opening to two weeks after its due day, for one Pledge Maker; ours owes two at once."""
    maker = make_public_pledge_maker(name="Oxenholt Trust", now=world.now - timedelta(days=90))
    make_member(pledge_maker=maker, role=Role.COORDINATOR, now=world.now)
    round_ = make_round(label="Of reminders", due_on=timezone.localdate(world.now) + timedelta(days=50), now=world.now)
    dates = dates_of(round_.entries.get(pledge_maker=maker))
    for step in LADDER:
        plan(now=falls_at(step, dates) + timedelta(hours=1))


EVENTS: tuple[Callable[[World, Kept], None], ...] = (
    asks_for_a_code,
    applications_are_decided,
    supporters_are_decided,
    a_supporter_asks_for_a_fresh_link,
    more_time_is_asked_for,
    the_due_day_moves,
    a_leader_returns_an_update,
    words_are_taken_away,
    a_document_is_entered,
    reminders_fall,
    *((lambda world, kept, event=event: event(world)) for event in letters_of_people.EVENTS),
)
