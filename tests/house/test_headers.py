"""What every answer carries, whoever gives it: production's settings, a real server, every kind of answer."""

import http.client
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings as site_settings
from django.test import Client
from django.utils import timezone
from django_permissions_policy import _FEATURE_NAMES as KNOWN
from playwright.sync_api import Page

from accounts.models import User
from pledge_tracker.browser_features import SELF_ONLY, SWITCHED_OFF
from reports import build
from tests.factories.accounts import make_administrator, sign_in
from tests.factories.progress_updates import leader_of, make_entry
from tests.factories.reports import make_published

HOST = "pledge.example"
KEY = "a-key-for-the-tests-of-headers-0123456789-abcdefghijklmnopqrstuvwxyz"
NONE, SELF = frozenset({"'none'"}), frozenset({"'self'"})
POLICY = {
    "default-src": NONE,
    "base-uri": NONE,
    "frame-ancestors": NONE,
    **dict.fromkeys(
        ("script-src", "style-src", "img-src", "font-src", "connect-src", "manifest-src", "form-action"), SELF
    ),
}
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
HSTS = "max-age=63072000; includeSubDomains; preload"
BY_TLS = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1"}


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def __getitem__(self, name: str) -> str:
        """A header; empty where there is none. One that came twice fails."""
        found = self.headers.get_all(name) or [""]
        assert len(found) == 1, f"{name} came {len(found)} times"
        return str(found[0])


class Site:
    """Asks as the proxy does: by the site's name, saying that the visitor came by TLS."""

    def __init__(self, address: str) -> None:
        self._where = urlsplit(address).netloc
        self.users: dict[str, str] = {}

    def ask(self, method: str, path: str, *, who: str = "", body: bytes | None = None, **headers: str) -> Answer:
        sent = {"Host": HOST, **BY_TLS, **{name.replace("_", "-"): value for name, value in headers.items()}}
        if who:
            sent["Cookie"] = f"__Host-session={self.users[who]}"
        connection = http.client.HTTPConnection(self._where, timeout=20)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            if body is not None:
                sent.setdefault("Content-Length", str(len(body)))
            for name, value in sent.items():
                if value:
                    connection.putheader(name, value)
            connection.endheaders(body)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()


def production(folder: Path) -> dict[str, str]:
    return {
        "ENVIRONMENT": "production",
        "DJANGO_SETTINGS_MODULE": "tests.house.production_settings",
        "SECRET_KEY": KEY,
        "ALLOWED_HOSTS": HOST,
        "SITE_URL": f"https://{HOST}",
        "CONTACT_EMAIL": f"team@{HOST}",
        "EMAIL_URL": "submission://mailer:word@mail.example:587",
        "VAR_DIR": str(folder / "var"),
        "MEDIA_ROOT": str(folder / "media"),
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Holds the static files as production collects them."""
    found = tmp_path_factory.mktemp("production")
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity=0"]
    env = {**os.environ, **production(found), "DATABASE_URL": "postgres://nobody@nowhere.invalid/none"}
    subprocess.run(command, cwd=site_settings.BASE_DIR, env=env, check=True, timeout=120)
    return found


@pytest.fixture
def start_site(gunicorn_site: Callable[..., str], folder: Path, settings: Any) -> Callable[..., Site]:
    """The site as production serves it."""
    settings.SECRET_KEY, settings.MEDIA_ROOT = KEY, folder / "media"
    return lambda **environment: Site(gunicorn_site(**{**production(folder), **environment}))


def _session(user: User) -> str:
    return str(sign_in(Client(), user).session.session_key)


def policy_of(answer: Answer) -> dict[str, frozenset[str]]:
    parts = [part.split() for part in answer["Content-Security-Policy"].split(";") if part.strip()]
    return {name: frozenset(values) for name, *values in parts}


def features_of(answer: Answer) -> dict[str, str]:
    return dict(part.strip().split("=") for part in answer["Permissions-Policy"].split(","))


def problems_of(answer: Answer, *, tls: bool, signed_in: bool) -> list[str]:
    """What is missing from this answer."""
    wanted = {**ALWAYS, "Strict-Transport-Security": HSTS if tls else ""}
    found = [f"{name}: {answer[name]!r}" for name, value in wanted.items() if answer[name] != value]
    if policy_of(answer) != POLICY:
        found.append(f"Content-Security-Policy: {answer['Content-Security-Policy']}")
    if features_of(answer) != dict.fromkeys(SWITCHED_OFF, "()") | dict.fromkeys(SELF_ONLY, "(self)"):
        found.append(f"Permissions-Policy: {answer['Permissions-Policy']}")
    if signed_in and {part.strip() for part in answer["Cache-Control"].split(",")} != {"no-store", "private"}:
        found.append(f"Cache-Control: {answer['Cache-Control']}")
    cookies = answer.headers.get_all("Set-Cookie") or []
    return found + [f"Set-Cookie: {cookie}" for cookie in cookies if not _is_ours(cookie)]


def _is_ours(cookie: str) -> bool:
    """For this host and TLS only, out of reach for scripts."""
    name, *parts = (part.strip() for part in cookie.split(";"))
    attributes = {part.partition("=")[0].lower(): part.partition("=")[2] for part in parts}
    return name.startswith("__Host-") and {"secure", "httponly"} <= set(attributes) and (
        attributes.get("path"), attributes.get("domain")
    ) == ("/", None)  # fmt: skip


def too_many_files() -> tuple[bytes, str]:
    part = '--x\r\nContent-Disposition: form-data; name="f{}"; filename="f"\r\n\r\nx\r\n'
    body = "".join(part.format(number) for number in range(101)) + "--x--\r\n"
    return body.encode(), "multipart/form-data; boundary=x"


@pytest.mark.servers
def test_every_kind_of_answer_carries_every_header(start_site: Callable[..., Site]) -> None:
    site = start_site()
    entry, published = make_entry(), make_published().entry
    build.build_missing(now=timezone.now())
    people = {"leader": leader_of(entry.pledge_maker), "administrator": make_administrator()}
    site.users = {name: _session(user) for name, user in people.items()}
    place = f"/workspace/{entry.pledge_maker.slug}/{entry.round.slug}/"
    home = site.ask("GET", "/")
    css = re.search(rb'href="(/static/app\.[0-9a-f]+\.css)"', home.body)
    assert css
    files, kind = too_many_files()
    hashed = css[1].decode()
    seen = site.ask("GET", hashed)
    form = {"Content_Type": "application/x-www-form-urlencoded"}
    walks: dict[str, tuple[int, str, str, dict[str, Any]]] = {
        "public page": (200, "GET", "/", {}),
        "public page, head only": (200, "HEAD", "/", {}),
        "not modified": (304, "GET", "/", {"If_None_Match": home["ETag"]}),
        "sign-in page": (200, "GET", "/account/login/", {}),
        "public form": (200, "GET", "/supporters/join/", {}),
        "not found": (404, "GET", "/nowhere/", {}),
        "not found, signed in": (404, "GET", "/nowhere/", {"who": "leader"}),
        "to TLS": (301, "GET", "/privacy/", {"X_Forwarded_Proto": ""}),
        "to the address with a slash": (301, "GET", "/privacy", {}),
        "to sign in": (302, "GET", "/workspace/", {}),
        "static": (200, "GET", hashed, {}),
        "static in Brotli": (200, "GET", hashed, {"Accept_Encoding": "br"}),
        "static, not modified": (304, "GET", hashed, {"If_None_Match": seen["ETag"]}),
        "static, missing": (404, "GET", "/static/none.css", {}),
        "another site's name": (400, "GET", "/", {"Host": "evil.example"}),
        "another site's name without TLS": (400, "GET", "/", {"Host": "evil.example", "X_Forwarded_Proto": ""}),
        "too many files": (400, "POST", "/supporters/join/", {"body": files, "Content_Type": kind}),
        "no token": (403, "POST", "/account/login/", {"body": b"email=a", **form}),
        "no token, signed in": (403, "POST", "/account/confirm/", {"body": b"a=b", "who": "leader", **form}),
        "no right": (403, "GET", "/fails/rights/", {}),
        "method not taken": (405, "POST", "/health/live", {"body": b"a=b", **form}),
        "method not taken, signed in": (405, "GET", "/staff/stuck/mail/retry/", {"who": "administrator"}),
        "length not said": (411, "POST", "/supporters/join/", {"Transfer_Encoding": "chunked"}),
        "too large": (413, "POST", "/supporters/join/", {"Content_Length": str(3 * 1024 * 1024), **form}),
        "our fault": (500, "GET", "/fails/ours/", {}),
        "without the database": (503, "GET", "/fails/database/", {}),
        "alive": (200, "GET", "/health/live", {}),
        "alive, asked by number": (200, "GET", "/health/live", {"Host": "10.0.0.1", "X_Forwarded_Proto": ""}),
        "ready": (200, "GET", "/health/ready", {}),
        "status": (200, "GET", "/status", {}),
        "status as JSON": (200, "GET", "/status?format=json", {}),
        "PDF": (200, "GET", f"/pledge-makers/{published.pledge_maker.slug}/{published.round.slug}.pdf", {}),
        "calendar": (200, "GET", f"{place}deadline.ics", {"who": "leader"}),
        "workspace": (200, "GET", place, {"who": "leader"}),
        "staff page": (200, "GET", "/staff/", {"who": "administrator"}),
        "staff CSV": (200, "GET", "/staff/audit.csv", {"who": "administrator"}),
        "staff page, not yours": (404, "GET", "/staff/", {"who": "leader"}),
    }
    found, kinds = {}, {}
    for name, (status, method, path, more) in walks.items():
        answer = site.ask(method, path, **more)
        wrong = [f"status {answer.status}"] if answer.status != status else []
        tls = more.get("X_Forwarded_Proto") != ""
        found[name] = wrong + problems_of(answer, tls=tls, signed_in="who" in more)
        kinds[name] = answer["Content-Type"].partition(";")[0]
    assert {name: wrong for name, wrong in found.items() if wrong} == {}
    misunderstood = site.ask("GET", "/", Host="evil.example").body.decode()
    assert "go back with your browser’s back button" in misunderstood
    assert "evil.example" not in misunderstood
    assert [kinds[name] for name in ("PDF", "staff CSV", "calendar", "alive", "static")] == [
        "application/pdf", "text/csv", "text/calendar", "application/json", "text/css"
    ]  # fmt: skip


@pytest.mark.servers
def test_without_its_database_every_answer_carries_them_too(start_site: Callable[..., Site], tmp_path: Path) -> None:
    site = start_site(DATABASE_URL=f"postgres://nobody@{str(tmp_path).replace('/', '%2F')}/nowhere")
    answers = {path: site.ask("GET", path) for path in ("/", "/health/ready", "/account/login/", "/nowhere/")}
    assert {path: answer.status for path, answer in answers.items()} == {
        "/": 503, "/health/ready": 503, "/account/login/": 200, "/nowhere/": 404
    }  # fmt: skip
    assert [problems_of(answer, tls=True, signed_in=False) for answer in answers.values()] == [[]] * 4


# What the browser may go on doing: none of it tells a page about a person, nor acts for one.
HARMLESS = {
    *("aria-notify", "autoplay", "captured-surface-control", "clipboard-write", "compute-pressure"),
    *("cross-origin-isolated", "deferred-fetch", "deferred-fetch-minimal", "digital-credentials-create"),
    *("encrypted-media", "gamepad", "interest-cohort", "keyboard-map", "language-detector", "language-model"),
    *("local-network", "loopback-network", "media-playback-while-not-visible", "on-device-speech-recognition"),
    *("picture-in-picture", "private-state-token-issuance", "private-state-token-redemption"),
    *("speaker-selection", "summarizer", "sync-xhr", "translator", "unload"),
}


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_what_this_browser_knows_is_switched_off_or_harmless(live_site: str, page: Page) -> None:
    page.goto(f"{live_site}/privacy/")
    known = set(page.evaluate("document.featurePolicy.features()"))
    allowed = set(page.evaluate("document.featurePolicy.allowedFeatures()"))
    assert allowed & set(SWITCHED_OFF) == set()
    assert set(SWITCHED_OFF) - known == set(), "A name that no browser of today knows only makes answers longer."
    # A newer browser may know what nobody can switch off yet. Hints are sent to us alone, and we ask for none.
    left = {name for name in allowed & KNOWN if not name.startswith("ch-")}
    assert left - HARMLESS == set(SELF_ONLY)


def test_the_policy_of_features_is_short(client: Client) -> None:
    assert len(client.get("/health/live")["Permissions-Policy"]) < 620
