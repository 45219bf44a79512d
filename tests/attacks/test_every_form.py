"""Every form of the site, found as a browser finds it: nothing but its own boxes counts, and nobody is sent to
another site."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import time_machine

from tests.attacks.found_forms import FoundForm, filled
from tests.attacks.test_redirects import check
from tests.attacks.typed import special, words
from tests.attacks.world import World, post_routes, rows_of, same_dice, taken_back, told_once, watched

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(300)]

# Nobody may say these of themselves or of what they send. A box of the form that has the name is left as it is.
EXTRA = {
    "status": "published",
    "state": "published",
    "owner": "1",
    "author": "1",
    "by": "1",
    "user": "1",
    "user_id": "1",
    "id": "1",
    "pk": "1",
    "version": "77",
    "role": "leader",
    "synergi_role": "administrator",
    "is_active": "",
    "pledge_maker": "1",
    "pledge_maker_id": "1",
    "objectives": "1",
    "caseworker_id": "1",
    "created_at": "2020-01-01T00:00:00Z",
    "signed_by": "1",
    "signed_at": "2020-01-01T00:00:00Z",
    "published_at": "2020-01-01T00:00:00Z",
    "published_by": "1",
    "withheld_at": "",
    "entered_by": "1",
}
# Tables that every request may write to.
BESIDE = {"django_session", "accounts_auditevent", "accounts_ratecount", "usersessions_usersession"}


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    yield from told_once(django_db_blocker)


@pytest.fixture(autouse=True)
def _at_that_moment(world: World) -> Iterator[None]:
    with time_machine.travel(world.now, tick=False):
        yield


@dataclass
class Left:
    """What a request left behind."""

    status: int
    rows: dict[str, list[str]] = field(default_factory=dict)

    def unlike(self, other: "Left") -> list[str]:
        tables = sorted(self.rows.keys() | other.rows.keys())
        lines = {table: set(self.rows.get(table, [])) ^ set(other.rows.get(table, [])) for table in tables}
        return [f"{table}: {line}" for table, found in lines.items() for line in sorted(found)]


def leaves(world: World, form: FoundForm, more: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Left:
    with taken_back(), same_dice(monkeypatch), watched() as written:
        answer = world.send(form, filled(form, words, more | special(form)))
        return Left(answer.status_code, {table: rows_of(table) for table in written.tables})


# On no page of the demonstration as the journeys open it. A new address that takes a POST does not belong here.
NOT_REACHED = {
    "account/passkeys/<int:pk>/remove/",
    "account/sessions/<int:pk>/end/",
    "account/sessions/end-others/",
    "staff/documents/<int:pk>/retry/",
    "staff/mail/<int:pk>/retry/",
    "staff/people/<int:pk>/give-back/<int:change>/",
    "staff/people/<int:pk>/reset-second-factor/",
    "staff/people/<int:pk>/role/",
    "staff/people/new-colleague/",
    "staff/pledge-makers/<slug:slug>/people/<int:pk>/",
    "staff/pledge-makers/<slug:slug>/people/<int:pk>/end/",
    "staff/pledge-makers/<slug:slug>/people/invite/",
    "staff/pledge-makers/<slug:slug>/people/resend/<int:pk>/",
    "staff/pledge-makers/<slug:slug>/people/withdraw/<int:pk>/",
    "staff/rounds/<slug:slug>/entries/<slug:maker_slug>/require/",
    "staff/rounds/<slug:slug>/national/v<int:version>/publish/",
    "staff/rounds/<slug:slug>/remind/send/",
    "staff/stuck/mail/retry/",
    "staff/updates/<int:pk>/cancel-publication/",
    "staff/updates/<int:pk>/end-withholding/",
    "staff/updates/<int:pk>/undo-publication/",
    "staff/updates/<int:pk>/write/<slug:section>/in-full/",
    "staff/updates/<int:pk>/write/<slug:section>/no-change/",
    "staff/updates/<int:pk>/write/take-back/",
    "workspace/<slug:slug>/<slug:round_slug>/<slug:section>/in-full/",
    "workspace/<slug:slug>/<slug:round_slug>/start/",
    "workspace/<slug:slug>/<slug:round_slug>/take-back/",
    "workspace/<slug:slug>/people/<int:pk>/",
    "workspace/<slug:slug>/people/<int:pk>/end/",
    "workspace/<slug:slug>/people/resend/<int:pk>/",
    "workspace/<slug:slug>/people/withdraw/<int:pk>/",
    "workspace/<slug:slug>/statement/new-version/",
}


def test_twenty_extra_fields_change_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the clock stopped and the dice loaded, a post with the fields leaves the very rows of one without."""
    told, moved, seen = [], 0, set()
    for form in world.posts:
        extra = {name: value for name, value in EXTRA.items() if name not in form.names}
        assert len(extra) >= 20, form
        plain = leaves(world, form, {}, monkeypatch)
        fuzzed = leaves(world, form, extra, monkeypatch)
        seen.add(form.route)
        moved += bool(plain.rows.keys() - BESIDE)
        unlike = fuzzed.unlike(plain)
        if plain.status != fuzzed.status or unlike:
            told.append(f"{form}: {plain.status}, with extra fields {fuzzed.status}\n  " + "\n  ".join(unlike))
    assert told == []
    assert post_routes() - seen <= NOT_REACHED
    # Else two posts that are refused would be alike as well.
    assert moved > 70


# --- Other sites -----------------------------------------------------------------------------------------------

EVIL = dict.fromkeys(("next", "back", "return_to", "redirect_to", "url", "continue"), "//evil.example/")


def test_no_form_leads_to_another_site(world: World) -> None:
    """Whatever name the address has under which it is sent, and wherever the browser came from."""
    for form in world.posts:
        with taken_back():
            data = filled(form, words, special(form) | EVIL)
            check(world.send(form, data, headers={"referer": "https://evil.example/"}))
