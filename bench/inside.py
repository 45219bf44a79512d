"""What is measured inside the site's own process: `python -m bench.inside pages|reminders|documents|sign_in`.

Prints JSON."""

import json
import os
import resource
import statistics
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import django

from bench.load import numbered

LONDON = ZoneInfo("Europe/London")


class Counted:
    """How many queries and seconds something takes."""

    def __enter__(self) -> "Counted":
        from django.db import connection

        self.queries, self._began = 0, time.perf_counter()
        self._wrapper = connection.execute_wrapper(self._count)
        self._wrapper.__enter__()
        return self

    def _count(self, execute: Callable[..., Any], *args: Any) -> Any:
        self.queries += 1
        return execute(*args)

    def __exit__(self, *failure: Any) -> None:
        self.seconds = time.perf_counter() - self._began
        self._wrapper.__exit__(*failure)


# --- Pages -------------------------------------------------------------------------------------------------


def pages() -> list[dict[str, Any]]:
    """Address, cookie, queries and bytes of each page that is measured."""
    return [_page(name, path, cookie) for name, path, cookie in _addresses()]


def _addresses() -> list[tuple[str, str, str]]:
    from django.utils import timezone

    from pledge_tracker.demo_people import CASEWORKER
    from progress_updates.models import ProgressUpdate, Round, State
    from reports import national

    national.build_due(now=timezone.now())
    open_round, last = Round.objects.newest_first()[:2]
    published = ProgressUpdate.objects.filter(state=State.PUBLISHED, entry__round=last).latest("pk")
    maker = published.entry.pledge_maker
    words = maker.name.split()[0].lower()[:-1]  # with one letter missing
    draft = _draft(open_round)
    staff, writer = _cookie(CASEWORKER.email), _cookie(_writer(draft.entry.pledge_maker).email)
    own = f"/workspace/{draft.entry.pledge_maker.slug}/{open_round.slug}"
    found = f"/pledge-makers/?q={words}&region={_region(maker)}&kind=mental_health_trust&sort=status"
    public = [
        ("Home", "/"),
        ("Public list", "/pledge-makers/"),
        ("Public list, a name mistyped and three filters", found),
        ("Profile", f"/pledge-makers/{maker.slug}/"),
        ("National report", f"/rounds/{last.slug}/"),
    ]
    return [
        ("A view that does nothing", "/bench/trivial", ""),
        *((name, path, "") for name, path in public),
        ("Published update", f"/pledge-makers/{maker.slug}/{last.slug}/", ""),
        # Another address each time, so that nothing was made before.
        *((f"{name}: first in its minute", f"{path}{'&' if '?' in path else '?'}n={{n}}", "") for name, path in public),
        ("Staff: what waits", "/staff/", staff),
        ("Staff: dashboard of the round", f"/staff/rounds/{open_round.slug}/", staff),
        ("Workspace: tasks", f"{own}/", writer),
        ("Workspace: one objective", f"{own}/objective-1/", writer),
    ]  # fmt: skip


def _region(maker: Any) -> str:
    from signatories.models import Organisation, Region

    organisation = Organisation.objects.filter(pledge_makers=maker).first()
    return Region(organisation.region).name.lower() if organisation else ""


def _draft(round_: Any) -> Any:
    """One that is being written; the first to begin where nobody is."""
    from django.utils import timezone

    from progress_updates import drafting
    from progress_updates.models import ProgressUpdate, State

    draft = ProgressUpdate.objects.filter(entry__round=round_, state=State.DRAFT).first()
    entry = round_.entries.filter(updates=None).first()
    return draft or drafting.start_update(entry=entry, by=_writer(entry.pledge_maker), now=timezone.now())


def _writer(maker: Any) -> Any:
    from signatories.models import Membership, Role

    return Membership.objects.get(pledge_maker=maker, role=Role.COORDINATOR).user


def _client() -> Any:
    from django.conf import settings
    from django.test import Client

    return Client(SERVER_NAME=settings.ALLOWED_HOSTS[0])


def _cookie(email: str) -> str:
    """A session of this person, who has given a second factor."""
    from allauth.account.internal.flows import login
    from allauth.account.internal.userkit import user_id_to_str
    from django.conf import settings

    from accounts.models import User

    client, user = _client(), User.objects.get(email=email)
    client.force_login(user)
    session = client.session
    session[login.AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "mfa", "at": time.time(), "type": "webauthn"}]
    session[login._AUTHENTICATION_METHODS_USER_SESSION_KEY] = user_id_to_str(user)
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


def _page(name: str, path: str, cookie: str) -> dict[str, Any]:
    client = _client()
    if cookie:
        key, _, value = cookie.partition("=")
        client.cookies[key] = value
    client.get(numbered(path, -1), secure=True)  # what is done once for a process is not the page's
    with Counted() as counted:
        answer = client.get(numbered(path, 0), secure=True)
    return {"name": name, "path": path, "cookie": cookie, "status": answer.status_code,
            "queries": counted.queries, "bytes": len(answer.content)}  # fmt: skip


# --- Reminders ---------------------------------------------------------------------------------------------


def reminders() -> list[dict[str, Any]]:
    """Planning a week before the due date: everybody at once, then again with nothing to do."""
    from progress_updates.models import Round
    from reminders.plan import plan

    due = Round.objects.newest_first()[0].due_at.astimezone(LONDON)
    now = (due - timedelta(days=7)).replace(hour=10, minute=0, second=0)
    found = []
    for name in ("Plan all reminders of a day", "Plan again: nothing new"):
        with Counted() as counted:
            result = plan(now=now)
        found.append({"name": name, "seconds": counted.seconds, "queries": counted.queries, "mails": result.messages})
    return found


# --- Signing in --------------------------------------------------------------------------------------------


def sign_in(times: str) -> list[dict[str, Any]]:
    """Asking for a code with an address that somebody has and with one that nobody has: milliseconds.

    In turns, and each first every second time, so that both meet the same machine."""
    from accounts.models import User

    known = User.objects.filter(is_active=True, synergi_role="").earliest("pk").email
    addresses = {"An address that somebody has": known, "An address that nobody has": f"{'x' * 6}{known[6:]}"}
    took: dict[str, list[float]] = {name: [] for name in addresses}
    for number in range(-4, int(times)):  # the first four are not counted
        for name in sorted(addresses, reverse=bool(number % 2)):
            seconds = _asking(addresses[name])
            took[name] += [seconds * 1000] if number >= 0 else []
    return [{"name": name, "asked": len(each), "p50": statistics.median(each),
             "p95": sorted(each)[int(len(each) * 0.95)]} for name, each in took.items()]  # fmt: skip


def _asking(email: str) -> float:
    """Seconds. What was counted of earlier tries is forgotten, so that none is refused."""
    from accounts.models import RateCount

    RateCount.objects.all().delete()
    client, began = _client(), time.perf_counter()
    answer = client.post("/account/login/", {"email": email}, secure=True)
    took = time.perf_counter() - began
    if answer.status_code != 302:
        raise RuntimeError(f"Asking for a code was answered with {answer.status_code}.")
    return took


# --- Documents ---------------------------------------------------------------------------------------------


def documents(times: str) -> list[dict[str, Any]]:
    """Ours beside WeasyPrint alone on the same HTML: seconds, peak memory of the process, pages.

    One update is made that many times, and the middle one counts."""
    from progress_updates.models import ProgressUpdate, State
    from reports import national, rendering
    from reports.models import NationalReport

    snapshot = ProgressUpdate.objects.filter(state=State.PUBLISHED).latest("pk").snapshots.latest()
    report = NationalReport.objects.order_by("-as_at", "-pk")[0]
    withheld = national.withheld_in(report)
    return [
        _compared("PDF of one update", lambda: rendering.pdf_of(snapshot), rendering.html_of(snapshot), int(times)),
        _compared(f"PDF of the national report, {report.updates.count()} updates",
                  lambda: rendering.national_pdf_of(report, withheld), rendering.national_html_of(report, withheld), 1),
    ]  # fmt: skip


def _compared(name: str, ours: Callable[[], bytes], html: str, times: int) -> dict[str, Any]:
    seconds, memory, pdf = _children(ours, times)
    bare_seconds, bare_memory, _ = _children(lambda: _bare(html), times)
    return {"name": name, "seconds": seconds, "memory": memory, "pages": _pages(pdf), "bytes": len(pdf),
            "bare_seconds": bare_seconds, "bare_memory": bare_memory}  # fmt: skip


def _children(make: Callable[[], bytes], times: int) -> tuple[float, float, bytes]:
    """Middle of the seconds, and megabytes of the largest process, in a fork so that each starts from nothing."""
    from django.db import connections

    connections.close_all()  # a fork must not close its parent's
    read, write = os.pipe()
    if (child := os.fork()) == 0:
        _in_the_child(make, times, write)
    os.close(write)
    with os.fdopen(read, "rb") as out:
        first, pdf = out.readline(), out.read()
    if os.waitpid(child, 0)[1]:
        raise RuntimeError("The document could not be made; see above.")
    seconds, largest = json.loads(first)
    return seconds, largest, pdf


def _in_the_child(make: Callable[[], bytes], times: int, write: int) -> None:
    code, took = 1, []
    try:
        for _ in range(times):
            began = time.perf_counter()
            pdf = make()
            took.append(time.perf_counter() - began)
        largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        with os.fdopen(write, "wb") as out:
            out.write(json.dumps([statistics.median(took), largest]).encode() + b"\n" + pdf)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def _bare(html: str) -> bytes:
    from design.pdf import assets

    order = json.dumps({"html": html, "assets": {name: str(path) for name, path in assets().items()}})
    return subprocess.run([sys.executable, "-m", "bench.bare"], input=order.encode(), capture_output=True,
                          check=True).stdout  # fmt: skip


def _pages(pdf: bytes) -> int:
    from io import BytesIO

    from pypdf import PdfReader

    return len(PdfReader(BytesIO(pdf)).pages)


if __name__ == "__main__":
    django.setup()
    what: dict[str, Callable[..., Any]] = {"pages": pages, "reminders": reminders, "documents": documents,
                                            "sign_in": sign_in}  # fmt: skip
    sys.stdout.write(json.dumps(what[sys.argv[1]](*sys.argv[2:])))
