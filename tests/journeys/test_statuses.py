"""A round with twelve Pledge Makers in every public status: each says the same wherever it is read."""

import csv
import io
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from progress_updates import extensions, not_required, rounds
from progress_updates.after_changes import withdraw
from progress_updates.lateness import KINDS, NOT_DUE_YET, public_status
from progress_updates.models import Round, RoundEntry, State
from signatories.models import PledgeMaker
from tests.factories.accounts import make_caseworker
from tests.factories.progress_updates import make_entry, make_round, make_update
from tests.factories.signatories import make_public_pledge_maker
from tests.journeys.people import Person

pytestmark = [pytest.mark.browser, pytest.mark.servers, pytest.mark.django_db(transaction=True)]

LABEL = "Round 4, spring 2027"
DAY = timedelta(days=1)
NAMES = (
    "Ashby", "Brindle", "Coldharbour", "Dunmere", "Eastwick", "Fernhill",
    "Greenlow", "Hartsea", "Inverley", "Juniper Vale", "Kingsmoor", "Lowfield",
)  # fmt: skip
# What each row says of its Pledge Maker. The mark before the words is for the eye only.
STATUSES = """rows => Object.fromEntries(rows.map(row => [
    row.querySelector('th a').innerText.trim(), row.querySelector('.status > span:last-child').innerText.trim()]))"""


class Scene:
    """Twelve Pledge Makers and a round that was due on `due`, as it stands now."""

    def __init__(self, due: datetime) -> None:
        self.now, self.staff = timezone.now(), make_caseworker()
        self.opened = due - 55 * DAY
        self.makers = {name: make_public_pledge_maker(name=name, now=self.opened - 90 * DAY) for name in NAMES[:11]}
        day = timezone.localdate(due)
        self.round = make_round(label=LABEL, due_on=day, now=self.opened, by=self.staff)

    def entry(self, name: str) -> RoundEntry:
        return make_entry(pledge_maker=self.makers[name], round_=self.round)

    def joins_late(self, name: str) -> None:
        self.makers[name] = make_public_pledge_maker(name=name, now=self.opened + 3 * DAY)
        rounds.add_those_who_joined(round_=self.round)

    def sends(self, name: str, when: datetime, state: str = State.SUBMITTED) -> None:
        make_update(entry=self.entry(name), state=state, now=when)

    def more_time(self, name: str) -> None:
        extensions.grant(
            round_=self.round,
            entries=[self.entry(name)],
            due_on=timezone.localdate(max(self.now, self.round.due_at) + 9 * DAY),
            reason="Their office was flooded.",
            public_words="Flooded office.",
            by=self.staff,
            now=self.now,
        )

    def reports_with(self, name: str, other: str) -> None:
        by_entry = self.entry(other)
        not_required.cover(entry=self.entry(name), by_entry=by_entry, by=self.staff, now=self.opened + DAY)

    def withdraws(self, name: str) -> None:
        withdraw(
            pledge_maker=self.makers[name],
            on=timezone.localdate(self.now),
            note="It has joined another scheme.",
            by=self.staff,
            now=self.now,
        )


def before_the_due_day() -> Scene:
    """Nobody can be late yet. Ashby and Brindle were quick, Coldharbour has a draft, the others have nothing."""
    scene = Scene(due=timezone.now() + 20 * DAY)
    scene.reports_with("Hartsea", "Ashby")
    scene.sends("Ashby", scene.opened + 20 * DAY, State.PUBLISHED)
    scene.sends("Brindle", scene.opened + 21 * DAY)
    scene.sends("Coldharbour", scene.opened + 22 * DAY, State.DRAFT)
    scene.more_time("Fernhill")
    scene.joins_late("Lowfield")
    scene.withdraws("Kingsmoor")
    return scene


def after_the_due_day() -> Scene:
    """Every status that a round can have once its day has passed."""
    scene = Scene(due=timezone.now() - 10 * DAY)
    due = scene.round.due_at
    scene.reports_with("Hartsea", "Ashby")
    scene.sends("Ashby", due - 2 * DAY, State.PUBLISHED)
    scene.sends("Brindle", due, State.IN_REVIEW)
    scene.sends("Coldharbour", due - DAY, State.RETURNED)
    scene.sends("Dunmere", due + timedelta(seconds=1), State.PUBLISHED)
    scene.sends("Eastwick", due + 6 * DAY, State.SUBMITTED)
    scene.more_time("Fernhill")
    scene.sends("Greenlow", due - DAY, State.DRAFT)
    scene.joins_late("Lowfield")
    scene.withdraws("Kingsmoor")
    return scene


def expected(round_: Round) -> dict[str, str]:
    """The words of the one function that knows them."""
    now = timezone.now()
    entries = round_.entries.select_related("pledge_maker", "covered_by__pledge_maker", "round")
    return {entry.pledge_maker.name: public_status(entry, now).words for entry in entries}


def kinds(round_: Round) -> set[str]:
    now = timezone.now()
    return {public_status(entry, now).kind for entry in round_.entries.all()}


def test_before_the_due_day_every_page_and_file_says_the_same(publisher: Person) -> None:
    scene = before_the_due_day()
    wanted = expected(scene.round)
    assert len(wanted) == 12
    assert {wanted["Juniper Vale"], wanted["Greenlow"], wanted["Coldharbour"]} == {"Not due yet"}
    publisher.is_signed_in()
    seen = _seen(publisher, scene)
    assert sorted(seen) == ["dashboard", "list", "profiles", "round in public", "the team's file"]
    assert seen == dict.fromkeys(seen, wanted)


def test_after_the_due_day_every_page_and_file_says_the_same(publisher: Person) -> None:
    scene = after_the_due_day()
    wanted = expected(scene.round)
    assert len(wanted) == 12
    assert (wanted["Brindle"], wanted["Dunmere"], wanted["Eastwick"]) == (
        "Received on time",
        "Received 1 day late",
        "Received 6 days late",
    )
    # Only "not due yet" is missing: the other test has it.
    assert kinds(scene.round) == set(KINDS) - {NOT_DUE_YET}
    publisher.is_signed_in()
    _builds_the_national_report(publisher, scene.round)
    seen = _seen(publisher, scene)
    assert sorted(seen) == ["dashboard", "list", "profiles", "public file", "round in public", "the team's file"]
    assert seen == dict.fromkeys(seen, wanted)
    counted = _figures_of_the_dashboard(publisher, scene.round)
    assert counted == {kind: sum(_kind(entry) == kind for entry in scene.round.entries.all()) for kind in KINDS}


def _kind(entry: RoundEntry) -> str:
    return public_status(entry, timezone.now()).kind


def _builds_the_national_report(publisher: Person, round_: Round) -> None:
    publisher.opens(f"/staff/rounds/{round_.slug}/national/")
    publisher.presses("Build the national report")
    publisher.opens(f"/staff/rounds/{round_.slug}/national/v1/")
    publisher.presses("Publish this version")
    publisher.opens(f"/rounds/{round_.slug}/v1/")
    publisher.reads(LABEL)


def _seen(somebody: Person, scene: Scene) -> dict[str, dict[str, str]]:
    """What each place says of each Pledge Maker."""
    slug = scene.round.slug
    return {
        "list": _rows(somebody, "/pledge-makers/", ".pledge-makers tbody tr"),
        "profiles": {name: _on_its_profile(somebody, maker) for name, maker in scene.makers.items()},
        "dashboard": _rows(somebody, f"/staff/rounds/{slug}/", "table.table-dense tr:has(.status)"),
        "round in public": _rows(somebody, f"/rounds/{slug}/", "table.makers-table tbody tr, table.rounds tbody tr"),
        "the team's file": _file(somebody, f"/staff/rounds/{slug}.csv", "Pledge Maker", "What the public reads"),
        **_public_file(somebody, slug),
    }


def _rows(somebody: Person, address: str, rows: str) -> dict[str, str]:
    return somebody.opens(address).page.eval_on_selector_all(rows, STATUSES)


def _on_its_profile(somebody: Person, maker: PledgeMaker) -> str:
    row = somebody.opens(f"/pledge-makers/{maker.slug}/").page.locator("table.rounds tbody tr").filter(has_text=LABEL)
    return row.locator(".status > span").last.inner_text().strip()


def _file(somebody: Person, address: str, name: str, words: str) -> dict[str, str]:
    response = somebody.page.request.get(f"{somebody.site.url}{address}")
    assert (response.status, response.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    rows = csv.DictReader(io.StringIO(response.body().decode("utf-8-sig")))
    return {row[name]: row[words] for row in rows}


def _public_file(somebody: Person, slug: str) -> dict[str, dict[str, str]]:
    """Data of the national report, once there is one."""
    address = f"/rounds/{slug}.csv"
    if somebody.page.request.get(f"{somebody.site.url}{address}").status == 404:
        return {}
    return {"public file": _file(somebody, address, "pledge_maker", "status_words")}


def _figures_of_the_dashboard(somebody: Person, round_: Round) -> dict[str, int]:
    """Each figure by its status, read from the rows that its link leads to."""
    somebody.opens(f"/staff/rounds/{round_.slug}/")
    found: dict[str, int] = {}
    for kind in KINDS:
        somebody.opens(f"/staff/rounds/{round_.slug}/?status={kind}")
        found[kind] = somebody.page.locator("table.table-dense tr:has(.status)").count()
    return found
