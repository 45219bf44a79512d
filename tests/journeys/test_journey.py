"""The one journey: a pledge is signed, an update written, signed, reviewed and published; a reminder goes out."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from progress_updates.models import Round
from reminders import ladder
from signatories.models import Invitation, PledgeMaker, Role
from tests.factories.progress_updates import make_round, make_update
from tests.factories.signatories import make_member, make_organisation, make_public_pledge_maker
from tests.journeys.people import Person, Site
from tests.journeys.writing import write_statement, write_update
from tests.smtp import SmtpSink

pytestmark = [pytest.mark.browser, pytest.mark.servers, pytest.mark.timeout(300)]
NAME, SLUG = "Northtown Together", "northtown-together"
ROUND, ROUND_SLUG = "Round 2, the year after", "round-2-the-year-after"
WORKSPACE = f"/workspace/{SLUG}/"
PUBLIC = f"/pledge-makers/{SLUG}/"


def test_from_the_invitation_to_the_published_update_and_a_reminder(
    worker: Any, site: Site, publisher: Person, person: Callable[..., Person], settings: Any
) -> None:
    leader = person("Dr Ngozi Bello", "ngozi.bello@northtown.example")
    coordinator = person("Tom Ashworth", "tom.ashworth@northtown.example")
    visitor = person()
    late = _somebody_who_will_not_report()

    _staff_invite_a_leader(publisher, leader)
    _the_leader_accepts(leader)
    _the_leader_signs_the_statement(leader)
    _staff_publish_the_statement(publisher, visitor)
    _the_leader_invites_a_coordinator(leader, coordinator)
    _half_a_year_and_a_round_go_by()
    due = _staff_open_a_round(publisher)
    _the_coordinator_writes(coordinator)
    _the_leader_signs_the_update(leader)
    _staff_send_it_back(publisher)
    _the_coordinator_answers(coordinator)
    _the_leader_signs_the_update(leader)
    _staff_publish_the_update(publisher)
    _the_public_reads_it(visitor)
    _who_has_not_reported_is_reminded_once(site.mail, late, due, leader, settings)


def _somebody_who_will_not_report() -> str:
    maker = make_public_pledge_maker(name="Westmarsh Partnership NHS Trust")
    return make_member(pledge_maker=maker, role=Role.COORDINATOR, email="ravi.nair@westmarsh.example").user.email


def _staff_invite_a_leader(publisher: Person, leader: Person) -> None:
    make_organisation(name="Northtown Mental Health NHS Trust", ods_code="X9A")
    make_organisation(name="Northtown City Council", kind="local_authority")
    publisher.signs_in(at="/staff/invite/")
    publisher.reads("Invite a leader")
    publisher.types("Organisation", "X9A")
    publisher.page.get_by_text("It is a partnership of several organisations").click()
    publisher.types("Organisation 2 of a partnership", "Northtown City Council")
    publisher.types("Name of the Pledge Maker", NAME)
    publisher.types("Full name", leader.name)
    publisher.types("Their role", "Chief executive")
    publisher.types("E-mail address", leader.email)
    publisher.presses("Send the invitation")
    publisher.sees(leader.email)


def _the_leader_accepts(leader: Person) -> None:
    leader.follows_mail("Accept your invitation")
    leader.reads("Your invitation")
    leader.page.reload()
    assert Invitation.objects.get(email=leader.email).accepted_at is None  # opening changes nothing
    assert not PledgeMaker.objects.get(slug=SLUG).memberships.exists()
    leader.presses("Accept the invitation")
    leader.signs_in()
    leader.reads(NAME)


def _the_leader_signs_the_statement(leader: Person) -> None:
    leader.follows("Go to the Statement of Intent")
    leader.sees("Wording from May 2021")
    write_statement(leader, "We want everyone in Northtown to get the same good care.")
    leader.comes_back_an_hour_later()
    leader.follows("Go on to sign")
    leader.proves_who_they_are()
    leader.reads("Sign the Statement of Intent")
    leader.types("Your full name", leader.name)
    leader.types("Your role", "Chief executive")
    leader.chooses("We agree to be part of the national network")
    leader.presses("Sign the Statement of Intent")
    leader.reads("Statement of Intent signed")


def _staff_publish_the_statement(publisher: Person, visitor: Person) -> None:
    visitor.opens("/pledge-makers/").does_not_see(NAME)
    publisher.mail("Publish the Statement of Intent of Northtown Together")
    publisher.opens(f"/staff/pledge-makers/{SLUG}/").follows("Version 1")
    publisher.comes_back_an_hour_later()
    publisher.presses("Publish the Statement of Intent")
    publisher.proves_who_they_are()
    publisher.presses("Publish the Statement of Intent")
    publisher.sees("Published by Pat Lindqvist")
    visitor.opens("/pledge-makers/").follows(NAME)
    visitor.reads(NAME)
    visitor.sees("We want everyone in Northtown to get the same good care.")
    visitor.sees("Northtown City Council")


def _the_leader_invites_a_coordinator(leader: Person, coordinator: Person) -> None:
    leader.opens(f"{WORKSPACE}people/").follows("Invite somebody")
    leader.types("Full name", coordinator.name)
    leader.types("E-mail address", coordinator.email)
    leader.page.get_by_role("radio", name="Coordinator").check()
    leader.presses("Send the invitation")
    leader.sees(coordinator.email)
    coordinator.follows_mail("Accept your invitation")
    coordinator.presses("Accept the invitation")
    coordinator.signs_in()
    coordinator.reads(NAME)


def _half_a_year_and_a_round_go_by() -> None:
    """An earlier round, written by the same people, that ended well."""
    then = timezone.now() - timedelta(days=150)
    round_ = make_round(
        label="Round 1, the year before", due_on=timezone.localdate(then) + timedelta(days=20), now=then
    )
    make_update(entry=round_.entries.get(pledge_maker__slug=SLUG), state="published", now=then)


def _staff_open_a_round(publisher: Person) -> date:
    due = timezone.localdate() + timedelta(days=30)
    publisher.opens("/staff/rounds/").follows("Make a new round")
    publisher.types("Name of the round", ROUND)
    publisher.types_date("Due", due)
    publisher.presses("Save the round")
    publisher.reads(ROUND)
    publisher.presses("Open the round")
    publisher.sees("Westmarsh Partnership NHS Trust")
    assert Round.objects.get(slug=ROUND_SLUG).entries.count() == 2
    return due


def _the_coordinator_writes(coordinator: Person) -> None:
    coordinator.puts_old_mail_aside()
    coordinator.opens(WORKSPACE).follows(f"See all of {ROUND}")
    coordinator.reads("Your progress update")
    coordinator.follows("Objective 1")
    coordinator.sees("Publish the figures")  # what was promised last round
    coordinator.opens(f"{WORKSPACE}{ROUND_SLUG}/")
    by_when = timezone.localdate() + timedelta(days=120)
    write_update(coordinator, text="We met local people and changed the rota.", by_when=by_when, done=True)
    coordinator.presses("Ask for the signature")
    coordinator.reads("Signature asked for")


def _the_leader_signs_the_update(leader: Person) -> None:
    leader.follows_mail("Read and sign the update")
    leader.comes_back_an_hour_later()
    leader.page.reload()
    leader.proves_who_they_are()
    leader.reads("Read and sign")
    leader.page.get_by_role("checkbox").check()
    leader.presses("Sign and submit")
    leader.reads("Signed and sent")


def _staff_send_it_back(publisher: Person) -> None:
    publisher.opens("/staff/").follows(NAME)
    publisher.presses("Start the review")
    publisher.page.get_by_text("Send it back instead").click()
    publisher.types("What should they change?", "Please name the partner under objective 3.")
    publisher.types_date("By when do you hope", timezone.localdate() + timedelta(days=14))
    publisher.presses("Send it back")
    publisher.sees("Returned")


def _the_coordinator_answers(coordinator: Person) -> None:
    coordinator.follows_mail("Change the update")
    coordinator.opens(f"{WORKSPACE}{ROUND_SLUG}/")
    coordinator.sees("Please name the partner under objective 3.")
    coordinator.follows("Objective 3")
    coordinator.types("What changed", "With the Caribbean Elders’ Circle we changed the rota.")
    coordinator.presses("Save and return to the list")
    coordinator.reads("Your progress update")
    coordinator.opens(f"{WORKSPACE}{ROUND_SLUG}/check/")
    coordinator.presses("Ask for the signature")
    coordinator.reads("Signature asked for")


def _staff_publish_the_update(publisher: Person) -> None:
    publisher.opens("/staff/").follows(NAME)
    publisher.presses("Start the review")
    publisher.sees("Caribbean Elders’ Circle")
    publisher.presses("Accept")
    publisher.comes_back_an_hour_later()
    publisher.presses("Publish now")
    publisher.proves_who_they_are()
    publisher.presses("Publish now")
    publisher.sees("You can undo the publication until")


def _the_public_reads_it(visitor: Person) -> None:
    visitor.opens("/pledge-makers/")
    visitor.sees("Received on time")
    visitor.follows(NAME)
    visitor.sees("Round 1, the year before")
    visitor.follows("Read it")  # the newest stands first
    visitor.sees("With the Caribbean Elders’ Circle we changed the rota.")
    visitor.waits_until_it_says(f"{PUBLIC}{ROUND_SLUG}/", "Download as PDF")
    pdf = visitor.page.request.get(f"{visitor.site.url}{PUBLIC}{ROUND_SLUG}.pdf")
    assert (pdf.status, pdf.headers["content-type"], pdf.body()[:5]) == (200, "application/pdf", b"%PDF-")


def _who_has_not_reported_is_reminded_once(sink: SmtpSink, late: str, due: date, leader: Person, settings: Any) -> None:
    sink.use_in(settings)
    [step] = [step for step in ladder.LADDER if step.name == "2_days_before"]
    then = datetime.combine(ladder.day_of(step, due), time(9), tzinfo=ladder.LONDON)
    _plan_and_send(then)
    [reminder] = [m for m in sink.to(late) if "Send your progress update" in m["Subject"]]
    assert ROUND in reminder["Subject"]
    assert not any("progress update by" in m["Subject"] for m in sink.to(leader.email))
    before = len(sink.messages)
    _plan_and_send(then + timedelta(hours=1))
    assert len(sink.messages) == before


def _plan_and_send(now: datetime) -> None:
    call_command("plan_reminders", "--now", now.isoformat())
    call_command("send_mail", "--now", now.isoformat())
