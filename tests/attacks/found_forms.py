"""Every form of the site as a browser meets it: read off the pages that the journeys name, filled in, and sent."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import Resolver404, resolve
from django.utils import timezone

from tests.factories.past import make_docx

VOID = ("text", "email", "search", "url", "tel", "password", "")
PARTS_OF_A_DATE = ("_day", "_month", "_year")


@dataclass
class Box:
    """One thing to fill in. `options` are the values that a choice offers, in their order."""

    name: str
    kind: str
    value: str = ""
    chosen: bool = False
    options: list[str] = field(default_factory=list)

    @property
    def is_text(self) -> bool:
        """People type words into it: no date, number or choice."""
        return self.kind in ("textarea", "email", "text") and not self.name.endswith(PARTS_OF_A_DATE)


@dataclass
class FoundForm:
    """A form on a page: who sees it, where it stands, where it goes."""

    email: str
    page: str
    path: str
    method: str
    boxes: list[Box] = field(default_factory=list)

    @property
    def route(self) -> str:
        try:
            return str(resolve(self.path.partition("?")[0]).route)
        except Resolver404:
            return ""

    @property
    def names(self) -> frozenset[str]:
        return frozenset(box.name for box in self.boxes)

    def __str__(self) -> str:
        return f"{self.route} on {self.page}, for {self.email or 'a visitor'}"


class _Reader(HTMLParser):
    def __init__(self, email: str, page: str) -> None:
        super().__init__()
        self.forms: list[FoundForm] = []
        self._email, self._page = email, page
        self._form: FoundForm | None = None
        self._open: Box | None = None
        # Where the buttons of this form send it that do not send it where it says itself.
        self._elsewhere: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            path = urljoin(self._page, told.get("action", "")) or self._page
            self._form = FoundForm(self._email, self._page, path, told.get("method", "get").lower())
            self.forms.append(self._form)
        elif self._form:
            self._box(self._form, tag, told)

    def _box(self, form: FoundForm, tag: str, told: dict[str, str]) -> None:
        name, value = told.get("name", ""), told.get("value", "")
        if tag == "option" and self._open:
            self._open.options.append(value)
            self._open.value = value if "selected" in told else self._open.value
        elif name and tag == "input":
            kind = "text" if told.get("type", "text") in VOID and told.get("type") != "email" else told["type"]
            on = "checked" in told
            form.boxes.append(Box(name, kind, value or ("on" if kind == "checkbox" else ""), on))
        elif name and tag in ("textarea", "select", "button"):
            self._open = Box(name, tag, value if tag == "button" else "")
            form.boxes.append(self._open)
        if "formaction" in told:
            self._elsewhere.append(urljoin(self._page, told["formaction"]))

    def handle_data(self, data: str) -> None:
        if self._open and self._open.kind == "textarea":
            self._open.value += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self._form:
            self.forms += [replace(self._form, path=path) for path in self._elsewhere]
            self._form, self._elsewhere = None, []
        elif self._open and tag == self._open.kind:
            self._open.value = self._open.value.removeprefix("\n")
            self._open = None


def forms_on(html: str, *, email: str, page: str) -> list[FoundForm]:
    reader = _Reader(email, page)
    reader.feed(html)
    return reader.forms


# --- Filling in ------------------------------------------------------------------------------------------------

# Days of a date, from today, by the name of its box; today where nothing is said.
DAYS = {"due_on": 40, "closes_on": 70, "publishes_on": 100, "respond_by": 14, "wanted_on": 60, "opens_on": 1,
        "period_from": -200, "period_to": -20, "asked_on": -60, "published_on": -1, "received_on": -2,
        "signed_on": -3, "from_on": -400, "until_on": -100}  # fmt: skip


def filled(
    form: FoundForm, text: Callable[[Box], str], more: dict[str, Any] | None = None, *, choose: bool = True
) -> dict[str, Any]:
    """What a person sends who fills in every box: `text` says what they type. Without `choose` nothing is chosen."""
    sent: dict[str, Any] = {}
    pressed = False
    for box in form.boxes:
        if box.name == "csrfmiddlewaretoken" or (box.kind == "button" and pressed):
            continue
        if box.kind == "button":
            pressed, sent[box.name] = True, box.value
        elif box.kind == "hidden":
            sent[box.name] = box.value
        elif box.is_text:
            sent[box.name] = text(box)
        elif choose:
            _choose(sent, box)
    return sent | (more or {})


def _choose(sent: dict[str, Any], box: Box) -> None:
    if box.kind == "file":
        sent[box.name] = SimpleUploadedFile("report.docx", make_docx("We met local people."))
    elif box.name.endswith(PARTS_OF_A_DATE):
        sent[box.name] = box.value or _part_of(box.name)
    elif box.kind == "select":
        sent[box.name] = box.value or next((value for value in box.options if value), "")
    elif box.kind not in ("radio", "checkbox") or box.chosen or box.name not in sent:
        sent[box.name] = box.value


def _part_of(name: str) -> int:
    field_name, _, part = name.rpartition("_")
    day = timezone.localdate() + timedelta(days=DAYS.get(field_name, 0))
    return int(getattr(day, part))


# --- Browsers --------------------------------------------------------------------------------------------------


class Browsers:
    """One for each person, whose session was made once; each request starts from it anew."""

    def __init__(self, sign_in: Callable[[Client, str], Client]) -> None:
        self._sign_in, self._cookies = sign_in, dict[str, Any]()

    def of(self, email: str, **more: Any) -> Client:
        if email not in self._cookies:
            client = Client()
            self._cookies[email] = self._sign_in(client, email).cookies if email else client.cookies
        client = Client(**more)
        for name, morsel in self._cookies[email].items():
            client.cookies[name] = morsel.value
        return client


def distinct(forms: Iterable[FoundForm]) -> list[FoundForm]:
    """One of each kind: the same address in the URLconf and the same boxes."""
    kinds = {(form.method, form.route, form.names): form for form in reversed(list(forms))}
    return list(reversed(kinds.values()))
