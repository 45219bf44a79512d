"""Every page of the team, opened by every kind of person."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from accounts.models import AuditEvent, User
from mail.models import Message
from progress_updates.models import Rating, Round, State, StatusChange
from signatories.models import Invitation, Role, Statement
from staff.urls import urlpatterns
from tests.factories.accounts import make_administrator, make_caseworker, make_publisher, sign_in
from tests.factories.joining import make_application, make_changed_supporter
from tests.factories.past import make_entered, make_past_round
from tests.factories.progress_updates import leader_of, make_entry, make_round, make_update, writer_of
from tests.factories.signatories import (
    make_invitation,
    make_leader,
    make_member,
    make_public_pledge_maker,
    make_statement,
)

pytestmark = pytest.mark.django_db

PAGES = {
    "overview",
    "queue",
    "queue_csv",
    "stuck",
    "round_csv",
    "give",
    "give_one",
    "applications",
    "application",
    "supporters",
    "supporter",
    "invite",
    "invitation_sent",
    "pledge_makers",
    "pledge_maker",
    "invite_further",
    "statement",
    "rounds",
    "new_round",
    "round",
    "question",
    "update",
    "new_past_round",
    "open_past_round",
    "on_behalf",
    "import_past_round",
    "past_leader",
    "add_document",
    "document",
    "write",
    "write_check",
    "write_section",
    "write_no_change",
}
BUTTONS = {
    "write_sign",
    "write_ask",
    "write_take_back",
    "write_in_full",
    "approve_application",
    "decline_application",
    "publish_supporter",
    "decline_supporter",
    "accept_supporter_change",
    "refuse_supporter_change",
    "retry_mail",
    "retry_all_mail",
    "retry_document",
    "send_invitation_again",
    "withdraw_invitation",
    "publish_statement",
    "open_round",
    "start_review",
    "send_back",
    "accept",
    "publish",
    "undo_publication",
}
# What the team does there is told beside each of them; here, that nobody else finds them.
ELSEWHERE = {
    "add_document",
    "add_organisation",
    "audit",
    "audit_csv",
    "build_national",
    "cancel_chase",
    "cancel_publication",
    "change",
    "chase",
    "cover_entry",
    "document",
    "end_leadership",
    "withdraw_last_day",
    "end_membership",
    "end_withholding",
    "entry",
    "entry_words",
    "erase_person",
    "excuse_entry",
    "extend",
    "give_back_account",
    "give_role",
    "import_past_round",
    "invite_member",
    "member",
    "members",
    "merge",
    "more_time",
    "national",
    "national_pdf",
    "national_versions",
    "new_colleague",
    "new_past_round",
    "on_behalf",
    "open_past_round",
    "past_leader",
    "people",
    "person",
    "publish_national",
    "remind",
    "reminders",
    "remove_organisation",
    "rename",
    "require_entry",
    "resend_member_invitation",
    "reset_second_factor",
    "roles",
    "round_dates",
    "send_reminders",
    "take_words_away",
    "undo_withdrawal",
    "withdraw",
    "withdraw_member_invitation",
    "withhold",
    "write",
    "write_ask",
    "write_check",
    "write_in_full",
    "write_no_change",
    "write_section",
    "write_sign",
    "write_take_back",
}
# What each person gets: pages, buttons pressed.
STAFF = ("caseworker", "publisher", "administrator")
MEMBERS = ("coordinator", "leader", "other_leader", "reader")
NOBODY = ("visitor", "disabled_publisher")


@dataclass
class World:
    people: dict[str, User | None]
    urls: dict[str, str]


@pytest.fixture
def world() -> World:
    now = timezone.now()
    entry = make_entry()
    update = make_update(entry=entry, state=State.SUBMITTED)
    maker = entry.pledge_maker
    statement = make_statement(state="signed")
    planned = make_round(opened=False)
    invitation = make_invitation()
    mail = Message.objects.latest("pk")
    people: dict[str, User | None] = {
        "visitor": None,
        "reader": make_member(pledge_maker=maker, role=Role.READER, now=now).user,
        "coordinator": writer_of(maker),
        "leader": leader_of(maker),
        "other_leader": make_leader().user,
        "caseworker": make_caseworker(),
        "publisher": make_publisher(),
        "administrator": make_administrator(),
        "disabled_publisher": make_publisher(),
    }
    arguments: dict[str, Any] = {
        "slug": maker.slug,
        "pk": update.pk,
        "version": statement.version,
        "key": "why",
        "maker_slug": maker.slug,
        "part": "late_reason",
        "document": 1,
        "change": 1,
        "section": "why",
    }
    application, supporter = make_application(), make_changed_supporter()
    special: dict[str, dict[str, Any]] = {
        **{key: {"pk": application.pk} for key in ("application", "approve_application", "decline_application")},
        **{pattern.name: {"pk": supporter.pk} for pattern in urlpatterns if "supporter" in str(pattern.name)},
        "retry_mail": {"pk": mail.pk},
        "retry_document": {"pk": 999_999},
        **{key: {"pk": invitation.pk} for key in ("invitation_sent", "send_invitation_again", "withdraw_invitation")},
        **{key: {"slug": statement.pledge_maker.slug} for key in ("statement", "publish_statement")},
        **{key: {"slug": entry.round.slug} for key in ("round_csv", "give")},
        **{key: {"slug": planned.slug} for key in ("round", "open_round", "question")},
    }
    special |= _from_documents()
    urls = {}
    for pattern in urlpatterns:
        known = {**arguments, **special.get(pattern.name, {})}
        wanted = {name: known[name] for name in pattern.pattern.converters}
        urls[pattern.name] = reverse(f"staff:{pattern.name}", kwargs=wanted)
    return World(people, urls)


def _from_documents() -> dict[str, dict[str, Any]]:
    """A past round that is not opened, one that is, and an update that the team enters in a third."""
    maker = make_public_pledge_maker()
    first = make_past_round(makers=[maker])
    sent = make_entered(entry=first.entries.get(), state=State.SUBMITTED)
    # "No change" is offered only where the last update gave a rating.
    sent.answers.filter(question__key="objective-1").update(rating=Rating.PRIORITISED)
    second = make_past_round(label="Round 2, autumn 2021", due_on=date(2021, 10, 31), makers=[maker])
    update = make_entered(entry=second.entries.get())
    planned = make_past_round(label="Round 3, summer 2022", due_on=date(2022, 6, 1))
    entered = {"pk": update.pk, "section": "objective-1", "document": update.sources.get().pk}
    pages = ("add_document", "document", *(name for name in PAGES | BUTTONS if name.startswith("write")))
    return {
        "open_past_round": {"slug": planned.slug},
        **{name: {"slug": first.slug} for name in ("on_behalf", "import_past_round")},
        **dict.fromkeys(pages, entered),
    }


def browser_of(world: World, person: str) -> Client:
    client, user = Client(), world.people[person]
    if user:
        sign_in(client, user)
    if person.startswith("disabled"):
        User.objects.filter(pk=user.pk).update(is_active=False)  # type: ignore[union-attr]
    return client


def test_every_address_of_the_team_is_in_the_table() -> None:
    assert {pattern.name for pattern in urlpatterns} == PAGES | BUTTONS | ELSEWHERE
    assert get_resolver().resolve("/staff/").view_name == "staff:overview"


def status_of(response: Any) -> int:
    """A download is read to its end, as a browser would, so that its file is closed."""
    if response.streaming:
        b"".join(response.streaming_content)
    return response.status_code


@pytest.mark.parametrize("person", STAFF)
def test_the_team_sees_every_page(world: World, person: str) -> None:
    client = browser_of(world, person)
    answers = {name: status_of(client.get(world.urls[name])) for name in PAGES}
    assert answers == dict.fromkeys(PAGES, 200)


@pytest.mark.parametrize("person", STAFF)
def test_a_button_is_not_an_address_to_open(world: World, person: str) -> None:
    client = browser_of(world, person)
    answers = {name: client.get(world.urls[name]).status_code for name in BUTTONS}
    assert answers == dict.fromkeys(BUTTONS, 405)


def counts() -> tuple[int, ...]:
    tables = (StatusChange, Invitation, Statement, Round, Message)
    return (*(table.objects.count() for table in tables), Round.objects.opened().count())


@pytest.mark.parametrize("person", MEMBERS)
def test_for_members_the_pages_of_the_team_do_not_exist(world: World, person: str) -> None:
    client, before = browser_of(world, person), counts()
    names = PAGES | BUTTONS | ELSEWHERE
    assert {name: client.get(world.urls[name]).status_code for name in names} == dict.fromkeys(names, 404)
    assert {name: client.post(world.urls[name]).status_code for name in names} == dict.fromkeys(names, 404)
    assert counts() == before
    acts = AuditEvent.objects.filter(by=world.people[person], action="access.refused")
    assert acts.count() == 2 * len(names)


@pytest.mark.parametrize("person", NOBODY)
def test_who_is_not_signed_in_is_asked_to(world: World, person: str) -> None:
    client, before = browser_of(world, person), counts()
    for name, url in world.urls.items():
        asked, sent = client.get(url), client.post(url)
        assert (name, asked.status_code, sent.status_code) == (name, 302, 401)
        assert asked.headers["Location"].startswith("/account/login/?next=/staff/")
        assert "Sign in to go on</h1>" in sent.content.decode()
    assert counts() == before


@pytest.mark.parametrize("name", ["update", "invitation_sent", "pledge_maker", "round", "statement", "question"])
def test_what_is_unknown_is_not_found(world: World, name: str) -> None:
    unknown = {
        "update": "/staff/updates/999999/",
        "invitation_sent": "/staff/invite/999999/sent/",
        "pledge_maker": "/staff/pledge-makers/nowhere/",
        "round": "/staff/rounds/nowhere/",
        "statement": world.urls["statement"].replace("/1/", "/77/"),
        "question": world.urls["question"].replace("/why/", "/why-not/"),
    }
    client = browser_of(world, "publisher")
    assert client.get(world.urls[name]).status_code == 200
    assert client.get(unknown[name]).status_code == 404


def test_an_invitation_that_a_leader_sent_is_not_the_teams_to_see_or_withdraw(world: World) -> None:
    theirs = make_invitation(role=Role.COORDINATOR)
    client = browser_of(world, "administrator")
    assert client.get(f"/staff/invite/{theirs.pk}/sent/").status_code == 404
    assert client.post(f"/staff/invite/{theirs.pk}/withdraw/").status_code == 404
    theirs.refresh_from_db()
    assert theirs.withdrawn_at is None
