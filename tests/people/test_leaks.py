"""Nothing of one Pledge Maker reaches another, or the public, but what is public: markers planted and looked for.

Every text field of everything that theirs has holds a marker of its own (`planting.py`): drafts, earlier versions,
reasons of returns, requests for more time, names and addresses of contributors, invitations, kept requests, documents,
notes of the team, and what is public as well. The list of fields is read from the models: a new one is planted or
named with a reason, or this fails. Then everybody of ours, and visitors, open every address of the site for own and
foreign things, send every form, follow every link, read every export, calendar and PDF, and their mail: no private
marker, and public ones on public pages only. Theirs and the team see the private ones, so they are there to be seen.
"""

import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pypdf
import pytest
from django.db import transaction
from django.urls import Resolver404, resolve
from django.utils import timezone

from accounts.models import User
from mail.models import Message
from progress_updates import changed_dates, extensions
from reminders.plan import plan
from reports import build
from reports.models import Document, State
from tests.people.everybody import MEMBERS, NOBODY, World, told_once
from tests.people.planted_rows import ROWS
from tests.people.planting import MARKER, NOT_PLANTED, Planting, text_fields
from tests.people.rows import everybody
from tests.people.test_crawl import starts_of
from tests.people.test_matrix import tries_of
from tests.people.walking import text_of, walk
from tests.people.who_gets_what import TABLE

pytestmark = pytest.mark.django_db
OURS = (*NOBODY, *(person for person in MEMBERS if person != "other_leader"))
FOR_EVERYBODY = everybody("200").audience


@pytest.fixture(scope="module")
def planting() -> Planting:
    return Planting()


@pytest.fixture(scope="module")
def world(planting: Planting, django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    yield from told_once(django_db_blocker, planting)


def markers_in(text: str) -> set[str]:
    return {found.lower() for found in MARKER.findall(text.replace("\r\n ", ""))}


def is_public(path: str) -> bool:
    try:
        row = TABLE.get(resolve(path.partition("?")[0]).view_name)
    except Resolver404:
        return False
    return row is not None and row.audience == FOR_EVERYBODY


def private(markers: set[str]) -> set[str]:
    return {each for each in markers if each.startswith("prv")}


def told(planting: Planting, where: str, markers: set[str]) -> list[str]:
    return [f"{where}: {planting.plants[each].field}" for each in sorted(markers)]


# --- The list of fields -------------------------------------------------------------------------------------------


def test_every_text_field_is_planted_or_named_with_a_reason(planting: Planting, world: World) -> None:
    every = {name for name, _column in text_fields()}
    assert sorted(every - NOT_PLANTED.keys() - {plant.field for plant in planting.plants.values()}) == []
    assert sorted(NOT_PLANTED.keys() - every) == []
    assert sorted(ROWS.keys() - {name.rpartition(".")[0] for name in every}) == []


def test_what_the_public_may_read_is_planted_as_such(planting: Planting, world: World) -> None:
    public = {f"{label}.{name}" for label, rows in ROWS.items() for name in rows.public}
    never = {"progress_updates.Answer.no_change_reason", "progress_updates.StepOutcome.why"}
    assert {plant.field for plant in planting.plants.values() if not plant.is_private} >= public - never


# --- Pages, exports, calendars ------------------------------------------------------------------------------------


@pytest.mark.parametrize("person", OURS)
def test_no_address_shows_what_is_theirs(person: str, planting: Planting, world: World) -> None:
    found = []
    for each in tries_of(world, person):
        if each.whose == "none" or ("token" in TABLE[each.route].at and each.whose == "foreign"):
            continue  # a token is only in the mail of whom it is for
        with transaction.atomic():
            browser = world.browser(person)
            text = text_of(browser.get(each.path) if each.method == "GET" else browser.post(each.path))
            transaction.set_rollback(True)
        bad = private(markers_in(text)) if is_public(each.path) else markers_in(text) - markers_in(each.path)
        found += told(planting, f"{each.method} {each.path}", bad)
    assert found == []


@pytest.mark.parametrize("person", ["visitor", "coordinator", "leader"])
def test_no_link_leads_to_what_is_theirs(person: str, planting: Planting, world: World) -> None:
    found = []
    for page in walk(world.browser(person), starts_of(person)):
        markers = markers_in(page.text)
        found += told(planting, page.path, private(markers) if is_public(page.path) else markers)
    assert found == []


def test_theirs_and_the_team_do_see_it(planting: Planting, world: World) -> None:
    """So that the silence elsewhere proves something."""
    seen = set[str]()
    for person in ("other_leader", "publisher"):
        for page in walk(world.browser(person), starts_of(person)):
            seen |= markers_in(page.text)
    assert planting.fields_of(seen, private=True) >= SEEN_BY_THEIRS
    assert planting.fields_of(seen, private=False) >= SEEN_BY_ALL


SEEN_BY_THEIRS = {
    "accounts.User.name",
    "progress_updates.Answer.text",
    "progress_updates.NextStep.what",
    "progress_updates.StatusChange.note",
    "progress_updates.ExtensionRequest.reason",
    "progress_updates.ExtensionRequest.refusal",
    "signatories.Application.why",
    "signatories.Invitation.email",
    "signatories.Statement.why",
    "signatories.Supporter.new_statement",
}
SEEN_BY_ALL = {
    "progress_updates.Answer.text",
    "progress_updates.NextStep.what",
    "progress_updates.RoundEntry.late_reason",
    "signatories.Leader.name",
    "signatories.Plan.text",
    "signatories.PledgeMaker.name",
    "signatories.Statement.why",
}


# --- PDF ------------------------------------------------------------------------------------------------------------


def test_no_pdf_holds_what_is_theirs_alone(planting: Planting, world: World) -> None:
    later = world.now + timedelta(hours=1)
    build.build_missing(now=later)
    build.build_national(now=later)
    ready = Document.objects.filter(state=State.READY)
    assert ready.count() >= 4
    for document in ready:
        markers = markers_in(text_of_pdf(document.path))
        assert told(planting, str(document), private(markers)) == []
    theirs = ready.get(snapshot__update=world.theirs.things["update_spring"])
    shown = planting.fields_of(markers_in(text_of_pdf(theirs.path)), private=False)
    assert shown >= {"progress_updates.Answer.text", "signatories.PledgeMaker.name"}


def text_of_pdf(path: Path) -> str:
    """Words that a line's end divides are whole again."""
    pages = pypdf.PdfReader(io.BytesIO(path.read_bytes())).pages
    return "\n".join(page.extract_text() for page in pages)


# --- Mail -----------------------------------------------------------------------------------------------------------


def test_no_mail_to_others_tells_what_is_theirs(planting: Planting, world: World) -> None:
    """What goes to all at once: other dates, more time, reminders."""
    _tell_everybody(world)
    to_ours = {user.email for user in world.ours.people.values()}
    read = Message.objects.filter(to__in=to_ours)
    assert set(read.values_list("kind", flat=True)) >= {
        "due_day_changed",
        "more_time_given",
        "reminder",
        "update_to_sign",
    }
    found = []
    for message in Message.objects.exclude(to__in=User.objects.exclude(synergi_role="").values("email")):
        if not markers_in(message.to) and message.to not in world.theirs.things["invited"]:
            words = "\n".join([message.subject, message.to_name, message.text, message.html])
            found += told(planting, f"{message.kind} to {message.to}", markers_in(words))
    assert found == []


def _tell_everybody(world: World) -> None:
    round_, by, now = world.rounds["autumn"], world.team["caseworker"], world.now
    day = timezone.localdate(round_.due_at)
    changed_dates.change_dates(
        round_=round_,
        opens_on=timezone.localdate(round_.opens_at),
        due_on=day + timedelta(days=1),
        closes_on=timezone.localdate(round_.closes_at),
        publishes_on=timezone.localdate(round_.publishes_at),
        by=by,
        now=now,
    )
    extensions.grant(
        round_=round_,
        entries=list(round_.entries.all()),
        due_on=day + timedelta(days=9),
        reason="Flood.",
        by=by,
        now=now,
    )
    plan(now=now + timedelta(days=20))
