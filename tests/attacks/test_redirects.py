"""Nobody is sent from here to another site, whatever stands in an address, a box or a header."""

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from django.http import HttpResponse
from django.test import Client

from accounts.kept import mark_of
from tests.factories.accounts import mailed_code, make_caseworker, make_user, sign_in

pytestmark = pytest.mark.django_db
EVIL = "evil.example"
# None of these is a page of ours; browsers take each of them for another site, or for a script, or for nothing.
HOSTILE = (
    "https://evil.example/",
    "http://evil.example",
    "HTTPS://EVIL.EXAMPLE/",
    "//evil.example/",
    "///evil.example/",
    "////evil.example/",
    "/\\evil.example/",
    "\\/evil.example/",
    "\\\\evil.example/",
    "/\\/evil.example/",
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "http:\\\\evil.example",
    "https:\\/evil.example",
    "ftp://evil.example/",
    "//evil.example\\@testserver/",
    "//testserver@evil.example/",
    "https://testserver@evil.example/",
    "https://testserver:80@evil.example/",
    "https://testserver.evil.example/",
    "https://evil.example#testserver",
    "https://evil.example?testserver",
    "https://evil.example\\.testserver",
    "//evil.example:80/workspace/",
    "/\t/evil.example/",
    "/\n/evil.example/",
    "/\r/evil.example/",
    "\t//evil.example/",
    " //evil.example/",
    "\x00//evil.example/",
    "\x01https://evil.example/",
    "\x1f//evil.example/",
    "h\nttps://evil.example/",
    "ht\ttps://evil.example/",
    "//evil\u3002example/",
    "//\u24d4vil.example/",
    "//xn--vil-bla.evil.example/",
    "//[::1]@evil.example/",
    "//[evil.example/",
    "https://[::evil.example",
    "//0x7f000001/",
    "//2130706433/",
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    "java\nscript:alert(1)",
    "\x01javascript:alert(1)",
    "javascript://testserver/%0aalert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "blob:https://evil.example/1",
    "mailto:all@evil.example",
    "//evil.example/%2e%2e",
)
# Ours, however it looks: nothing of it may become a header.
STRANGE = (
    "/workspace/\r\nLocation: https://evil.example/",
    "/workspace/\r\nSet-Cookie: sessionid=evil",
    "/%0d%0aLocation:%20https://evil.example/",
    "\uff0f\uff0fevil.example/",
    "/..//evil.example/",
    "/.//evil.example/",
)


def as_a_browser_reads(address: str) -> str:
    """What a browser makes of it: blanks at its ends and line breaks within are gone, \\ is /."""
    stripped = address.strip("".join(map(chr, range(33))))
    return re.sub(r"[\t\r\n]", "", stripped).replace("\\", "/")


def stays(address: str) -> bool:
    """Whether a browser that follows it is still on our site."""
    read = as_a_browser_reads(address)
    try:
        parts = urlsplit(read)
    except ValueError:
        return False
    own = parts.scheme in ("", "http", "https") and parts.netloc in ("", "testserver")
    return own and not read.startswith("//") and not (parts.scheme and not parts.netloc)


def check(answer: Any) -> None:
    """Neither its Location nor a link or form on it leads away."""
    location = answer.headers.get("Location", "")
    assert stays(location), f"{answer.request['PATH_INFO']} leads to {location!r}"
    assert [each for each in location if ord(each) < 32] == []
    assert all("evil" not in value for value in answer.headers.values() if value != location)
    if not answer.streaming and "html" in answer.headers.get("Content-Type", ""):
        assert [link for link in _links(answer.content.decode()) if not stays(link) and EVIL in link] == []


class _Links(HTMLParser):
    NAMES = ("href", "action", "formaction", "src", "content")

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if name in self.NAMES]


def _links(html: str) -> list[str]:
    reader = _Links()
    reader.feed(html)
    return reader.found


# --- Signing in, proving afresh, signing out -------------------------------------------------------------------


def _signs_in(page: str) -> list[HttpResponse]:
    user, client = make_user(), Client()
    asked = client.post("/account/login/", {"email": user.email, "next": page})
    return [client.get("/account/login/", {"next": page}), asked, client.get("/account/login/code/", {"next": page}),
            client.post("/account/login/code/", {"code": mailed_code(user.email), "next": page})]  # fmt: skip


def _is_signed_in_already(page: str) -> list[HttpResponse]:
    client = sign_in(Client(), make_user())
    return [client.get("/account/login/", {"next": page}), client.post("/account/login/", {"next": page})]


def _proves(page: str) -> list[HttpResponse]:
    user = make_user()
    client = sign_in(Client(), user, fresh=False)
    address = f"/account/confirm/?next={quote(page, safe='')}"
    sent = client.post(address, {"action": "send", "next": page})
    right = {"action": "prove", "next": page, "code": mailed_code(user.email)}
    return [client.get(address), sent, client.post(address, {"action": "prove", "code": "x"}),
            client.post(address, right)]  # fmt: skip


def _signs_out(page: str) -> list[HttpResponse]:
    client = sign_in(Client(), make_user())
    return [client.get("/account/logout/", {"next": page}), client.post("/account/logout/", {"next": page})]


def _gives_a_second_factor(page: str) -> list[HttpResponse]:
    """Who has given it, and who has none and is led to set one up."""
    given, without = sign_in(Client(), make_caseworker()), sign_in(Client(), make_caseworker(), second_factor=False)
    address = f"/account/second-factor/?next={quote(page, safe='')}"
    return [given.get(address), given.post(address, {"next": page}), without.get(address),
            without.post("/account/second-factor/", {"next": page})]  # fmt: skip


def _has_recovery_codes(page: str) -> list[HttpResponse]:
    client = sign_in(Client(), make_caseworker())
    address = f"/account/recovery-codes/?next={quote(page, safe='')}"
    made = client.post(address, {"action": "make", "next": page})
    return [made, client.get(address), client.post(address, {"next": page}),
            client.get("/account/passkeys/add/", {"next": page})]  # fmt: skip


def _tries_a_passkey(page: str) -> list[HttpResponse]:
    """One that is none, so that the page comes back."""
    answer = Client().post("/account/login/passkey/", {"next": page, "answer": "{}"})
    return [answer, Client().get(answer.headers["Location"])]


def _comes_from_elsewhere(page: str) -> list[HttpResponse]:
    """A button that needs a second factor first goes back to the page before, if that was ours."""
    client = sign_in(Client(), make_caseworker(), second_factor=False)
    path = page if page.isascii() and page.isprintable() else "//evil.example/"
    asked = client.post("/staff/stuck/mail/retry/", headers={"referer": f"http://testserver{path}"})
    return [asked, client.get(asked.headers.get("Location", "/"))]


def _comes_back_after_the_session_had_ended(page: str) -> list[Any]:
    """What was sent too late waits for the sign-in, and names the page on which it was written."""
    user, client = make_user(), Client()
    path = page if page.isascii() and page.isprintable() else "//evil.example/"
    typed = {"written_by": mark_of(user), "why": "Words that should not be lost."}
    late = client.post("/workspace/nowhere/people/invite/", typed, headers={"referer": f"http://testserver{path}"})
    [next_, *_more] = re.findall(r'name="next" value="([^"]*)"', late.content.decode())
    client.post("/account/login/", {"email": user.email, "next": next_})
    back = client.post("/account/login/code/", {"code": mailed_code(user.email)})
    return [late, back, client.get(back.headers["Location"])]


PLACES: dict[str, Callable[[str], list[HttpResponse]]] = {
    "signing in": _signs_in,
    "signed in already": _is_signed_in_already,
    "proving afresh": _proves,
    "signing out": _signs_out,
    "second factor": _gives_a_second_factor,
    "recovery codes": _has_recovery_codes,
    "passkey": _tries_a_passkey,
    "coming from elsewhere": _comes_from_elsewhere,
    "session had ended": _comes_back_after_the_session_had_ended,
}


@pytest.mark.parametrize("place", PLACES)
def test_no_hostile_page_is_gone_to(place: str) -> None:
    for page in (*HOSTILE, *STRANGE):
        for answer in PLACES[place](page):
            check(answer)


def test_a_page_of_ours_is_gone_to() -> None:
    """Else the tests above would be true of a site that never goes anywhere."""
    page = "/workspace/northtown/people/?q=1"
    assert _signs_in(page)[-1].headers["Location"] == page
    assert _proves(page)[-1].headers["Location"] == page


def test_the_judge_knows_what_is_hostile() -> None:
    assert len(set(HOSTILE)) >= 40
    assert [page for page in HOSTILE if stays(page)] == []
    assert [page for page in STRANGE if not stays(page)] == []
    assert [stays(page) for page in ("/workspace/", "?q=1", "http://testserver/x", "")] == [True] * 4


@pytest.mark.parametrize("name", ["next", "back", "return_to", "redirect_to", "url", "continue"])
def test_no_page_of_the_team_takes_an_address_to_go_to(name: str) -> None:
    """Nor the one that a browser came from."""
    client = sign_in(Client(), make_caseworker())
    for path in ("/", "/staff/", "/staff/queue/", "/workspace/", "/pledge-makers/", "/supporters/"):
        for page in HOSTILE[:6]:
            check(client.get(path, {name: page}, headers={"referer": f"https://{EVIL}/"}))
