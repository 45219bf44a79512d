"""Walking the site as a person would who follows every link, and presses nothing."""

from collections import deque
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode, urljoin

from django.http import HttpResponse
from django.test import Client

# So many choices of one page are followed: filters and sort orders multiply.
CHOICES = 12
START = {"nobody": ("/", "/account/login/"), "members": ("/", "/workspace/"), "team": ("/", "/staff/", "/workspace/")}


@dataclass
class Page:
    """What one address answered, and the page on which it was found."""

    path: str
    found_on: str
    status: int
    text: str
    is_action: bool = False


@dataclass
class _Links(HTMLParser):
    """Links, forms that ask by GET with what stands in them, and the addresses that other forms send to."""

    links: list[str] = field(default_factory=list)
    actions: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._form: dict[str, str] | None = None
        self._action, self._select = "", ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = {name: value or "" for name, value in attrs}
        if tag in ("a", "link") and (tag == "a" or at.get("rel") in ("alternate", "canonical")):
            self.links.append(at.get("href", ""))
        elif tag == "form":
            self._begin(at)
        elif self._form is not None:
            self._control(tag, at)

    def _begin(self, at: dict[str, str]) -> None:
        if at.get("method", "get").lower() == "get":
            self._form, self._action = {}, at.get("action", "")
        elif at.get("action"):
            self.actions.append(at["action"])

    def _control(self, tag: str, at: dict[str, str]) -> None:
        assert self._form is not None
        if tag == "select":
            self._select = at.get("name", "")
        elif tag == "option" and (self._select not in self._form or "selected" in at):
            self._form[self._select] = at.get("value", "")
        elif tag == "input" and at.get("name") and (at.get("type") not in ("checkbox", "radio") or "checked" in at):
            self._form[at["name"]] = at.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self._form is not None:
            self.links.append(f"{self._action}?{urlencode(self._form)}")
            self._form = None


def walk(client: Client, starts: tuple[str, ...]) -> list[Page]:
    """Every page that can be reached by links and by forms that ask by GET."""
    queue = deque((path, "the start", False) for path in starts)
    seen, choices, pages = set(starts), dict[str, int](), []
    while queue:
        path, found_on, is_action = queue.popleft()
        response = client.get(path)
        page = Page(path, found_on, response.status_code, text_of(response), is_action)
        pages.append(page)
        for target, action in _onward(response, page):
            bare, _, query = target.partition("?")
            choices[bare] = choices.get(bare, 0) + bool(query)
            if target not in seen and choices[bare] <= CHOICES:
                seen.add(target)
                queue.append((target, path, action))
    return pages


def _onward(response: HttpResponse, page: Page) -> list[tuple[str, bool]]:
    if response.has_header("Location"):
        return [(each, False) for each in [_inside(response["Location"], page.path)] if each]
    if not response.get("Content-Type", "").startswith("text/html"):
        return []
    found = _Links()
    found.feed(page.text)
    links = [(_inside(href, page.path), False) for href in found.links]
    actions = [(_inside(href, page.path), True) for href in found.actions]
    return [(each, action) for each, action in links + actions if each]


def _inside(href: str, page: str) -> str:
    """The path of a link within the site; empty for all others. Static files are no pages."""
    if not href or href.startswith(("http:", "https:", "mailto:", "#", "//")):
        return ""
    path = urljoin(page, href).partition("#")[0]
    return "" if path.startswith("/static/") else path


def text_of(response: HttpResponse) -> str:
    """The body as text, with its headers before it; binary as it is."""
    body = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]
    return "\n".join([*(f"{name}: {value}" for name, value in response.items()), body.decode("utf-8", "replace")])
