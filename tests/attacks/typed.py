"""What is typed into each form so that the site takes it, and which addresses are reached in another way."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts import recovery_codes
from accounts.models import User
from mail.models import Message
from pledge_tracker.demo_people import LEADER, PUBLISHER
from progress_updates.models import SourceDocument
from signatories.models import Organisation, PledgeMaker, Supporter
from tests.attacks.found_forms import Box, FoundForm
from tests.factories.accounts import mailed_code, sign_in

NEW_ADDRESS = "new.address@northtown.example"
TABLE = "pledge_maker,question,text,received_on\n{slug},why,We owe it to our patients.,2021-05-03\n"


def words(box: Box) -> str:
    """Something right for a box that people type into."""
    if box.name == "homepage" or (box.name.startswith("organisation_") and box.name[-1].isdigit()):
        return box.value
    if box.kind == "email" or box.name in ("email", "address"):
        return box.value or "new.person@northtown.example"
    if box.value.isdigit():
        return box.value
    return f"{box.value} And more.".strip()


def special(form: FoundForm) -> dict[str, Any]:
    """What this form needs beside: it is about rows of the demonstration."""
    make = SPECIAL.get(form.route)
    return make(form) if make else {}


def _address_of_the_person(form: FoundForm) -> dict[str, Any]:
    number = form.path.rstrip("/").split("/")[-2]
    return {"address": User.objects.get(pk=int(number)).email}


def _organisation(form: FoundForm) -> dict[str, Any]:
    free = Organisation.objects.filter(parts=None, closed_on=None, confirmed=True).order_by("pk")[0]
    return {name: free.name for name in ("organisation", "organisation_1") if name in form.names}


def _table(form: FoundForm) -> dict[str, Any]:
    here = PledgeMaker.objects.filter(entries__round__slug=form.path.split("/")[3])
    maker = PledgeMaker.objects.published().exclude(pk__in=here).order_by("pk")[0]
    table = TABLE.format(slug=maker.slug).encode()
    return {"table": SimpleUploadedFile("round.csv", table), "documents": ""}


def _right_code(form: FoundForm) -> dict[str, Any]:
    return {"code": lambda: mailed_code(form.email or LEADER.email)} if "code" in form.names else {}


def _recovery_code(form: FoundForm) -> dict[str, Any]:
    """One of those that were made just now; `before` has made them."""
    return {"code": lambda: recovery_codes.in_groups(Authenticator.objects.latest("pk"))[0]}


def _another(name: str) -> Callable[[FoundForm], dict[str, Any]]:
    """What is offered under this name and is not chosen now: else nothing would change."""

    def choice(form: FoundForm) -> dict[str, Any]:
        boxes = [box for box in form.boxes if box.name == name]
        now = {box.value for box in boxes if box.kind == "select" or box.chosen}
        offered = [value for box in boxes for value in box.options or [box.value]]
        return {name: next(value for value in offered if value and value not in now)}

    return choice


def _signed_before_it_came(form: FoundForm) -> dict[str, Any]:
    number = next(box.value for box in form.boxes if box.name == "document")
    document = SourceDocument.objects.select_related("update__entry__pledge_maker").get(pk=int(number))
    day = document.received_on - timedelta(days=1)
    in_office = document.update.entry.pledge_maker.leaders.on(day)
    return parts_of("signed_on", day) | {"leader": in_office[0].pk}


def parts_of(name: str, day: date) -> dict[str, Any]:
    """A day as its three boxes send it."""
    return {f"{name}_{part}": getattr(day, part) for part in ("day", "month", "year")}


def _in(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


SPECIAL: dict[str, Callable[[FoundForm], dict[str, Any]]] = {
    "staff/people/<int:pk>/erase/": _address_of_the_person,
    "staff/invite/": _organisation,
    "staff/pledge-makers/<slug:slug>/change/organisation/": _organisation,
    "supporters/link/": lambda form: {"email": Supporter.objects.order_by("pk")[0].email},
    "staff/rounds/<slug:slug>/import/": _table,
    "staff/rounds/<slug:slug>/owners/": _another("caseworker"),
    "staff/pledge-makers/<slug:slug>/owner/": _another("caseworker"),
    "staff/people/<int:pk>/role/": _another("role"),
    "staff/rounds/<slug:slug>/dates/": lambda form: parts_of("publishes_on", _in(90)),
    "staff/rounds/new/past/": lambda form: parts_of("due_on", _in(-10)),
    "staff/updates/<int:pk>/write/sign/": _signed_before_it_came,
    "workspace/<slug:slug>/people/invite/": lambda form: {"role": "contributor"},
    "account/login/code/": _right_code,
    "account/confirm/": _right_code,
    "account/address/code/": lambda form: {"code": lambda: _code_to(NEW_ADDRESS)},
    "account/second-factor/": _recovery_code,
}


def told_now(data: dict[str, Any]) -> dict[str, Any]:
    """What is known only at the moment of sending: a code that was just mailed."""
    return {name: value() if callable(value) else value for name, value in data.items()}


# --- Before ----------------------------------------------------------------------------------------------------


def on_no_page() -> list[FoundForm]:
    """Forms that stand on a page only after another step, and what scripts post."""
    code, here = Box("code", "text"), Box("next", "hidden", "/workspace/")
    return [
        FoundForm("", "/account/login/code/", "/account/login/code/", "post", [code]),
        FoundForm(LEADER.email, "/account/confirm/", "/account/confirm/", "post", [_action("prove"), here, code]),
        FoundForm(LEADER.email, "/account/address/code/", "/account/address/code/", "post", [code]),
        FoundForm(PUBLISHER.email, "/account/second-factor/", "/account/second-factor/", "post",
                  [_action("code"), here, code]),
        FoundForm(PUBLISHER.email, "/account/recovery-codes/", "/account/recovery-codes/", "post", [_action("make")]),
        FoundForm("", "/account/login/", "/account/passkeys/options/", "post", []),
        FoundForm("", "/account/login/", "/account/login/passkey/", "post", [Box("answer", "hidden", "{}"), here]),
        FoundForm(LEADER.email, "/account/", "/account/passkeys/add/options/", "post", []),
        FoundForm(LEADER.email, "/account/", "/account/stay/", "post", []),
    ]  # fmt: skip


def _action(value: str) -> Box:
    return Box("action", "hidden", value)


def before(form: FoundForm, browser: Client) -> None:
    """What has to have happened in this browser for the form to be there."""
    if form.route == "account/login/code/":
        browser.post("/account/login/", {"email": LEADER.email})
    elif form.route == "account/confirm/" and "code" in form.names:
        browser.post("/account/confirm/", {"action": "send"})
    elif form.route == "account/address/code/":
        browser.post("/account/address/", {"email": NEW_ADDRESS})
    elif form.route == "account/second-factor/":
        person = User.objects.get(email=form.email)
        sign_in(browser, person, second_factor=False)
        recovery_codes.make(user=person, now=timezone.now(), tell=False)


def _code_to(email: str) -> str:
    found = re.search(r"^[A-Z]{4}-[A-Z]{4}$", Message.objects.filter(to=email).latest("pk").text, re.MULTILINE)
    assert found
    return found.group()
