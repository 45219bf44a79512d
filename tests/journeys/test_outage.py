"""Redis refuses, or accepts and never answers: the site goes on, and the work is done when Redis is back."""

import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mail.models import Message
from mail.models import State as MailState
from progress_updates.models import ProgressUpdate, State
from reports.models import Document
from tests.factories.accounts import make_publisher
from tests.factories.progress_updates import leader_of, make_round, make_update, writer_of
from tests.factories.signatories import make_public_pledge_maker
from tests.journeys.people import Person, Site
from tests.servers import free_port
from tests.smtp import SmtpSink
from tests.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.servers, pytest.mark.timeout(240)]
# What a broker that is away may cost a press, in seconds, beyond what opening a page takes the same person on the
# same machine at the same moment. A broker that hangs without limits costs more than a minute.
AT_MOST = 2.0


@pytest.fixture(params=["refused", "hung"])
def dead_redis(request: pytest.FixtureRequest) -> Iterator[str]:
    with socket.socket() as listener:
        port = free_port()
        if request.param == "hung":
            listener.bind(("127.0.0.1", 0))
            listener.listen(128)
            port = listener.getsockname()[1]
        yield f"redis://127.0.0.1:{port}/0"


def seconds(act: Callable[[], object]) -> float:
    began = time.monotonic()
    act()
    return time.monotonic() - began


def test_the_site_goes_on_without_redis_and_the_work_is_done_later(
    dead_redis: str,
    gunicorn_site: Callable[..., str],
    visit: Callable[..., Person],
    smtp_sink: SmtpSink,
    start_worker: Callable[[str], Any],
) -> None:
    draft, accepted = _two_updates()
    Message.objects.all().delete()  # what led here is not what this is about
    site = Site(gunicorn_site(REDIS_URL=dead_redis), smtp_sink)
    maker = draft.entry.pledge_maker
    place = f"/workspace/{maker.slug}/{draft.entry.round.slug}/"
    people = [writer_of(maker), leader_of(maker), make_publisher()]
    coordinator, leader, publisher = [visit(site, one.name, one.email).is_signed_in() for one in people]
    for one, page in ((coordinator, place), (leader, place), (publisher, "/staff/")):
        one.opens(page)  # the first page of a server takes longer

    _saves_and_asks(coordinator, place)
    _signs(leader, place)
    _publishes(publisher, accepted)
    _reads(visit(site), accepted)
    draft.refresh_from_db()
    assert draft.state == State.SUBMITTED
    assert draft.snapshots.get().is_intact()
    waiting = Message.objects.filter(state__in=[MailState.QUEUED, MailState.SENDING])
    assert {"update_to_sign", "update_published"} <= set(waiting.values_list("kind", flat=True))
    assert smtp_sink.messages == []

    wanted = waiting.exclude(kind="update_to_sign").count()  # it has been signed meanwhile
    start_worker(site.url)
    wait_until(lambda: not waiting.exists(), what="the outbox is empty", seconds=90)
    assert len(smtp_sink.messages) == wanted
    assert Message.objects.get(kind="update_to_sign").state == MailState.SKIPPED
    made = Document.objects.filter(snapshot__update=accepted, state="ready")
    wait_until(made.exists, what="the PDF is made", seconds=90)


def _two_updates() -> tuple[ProgressUpdate, ProgressUpdate]:
    """A complete draft of one Pledge Maker, and an accepted update of another."""
    first, second = [
        make_public_pledge_maker(name=f"{place} Mental Health NHS Trust") for place in ("Northtown", "Westmarsh")
    ]
    round_ = make_round()
    return (
        make_update(entry=round_.entries.get(pledge_maker=first), state=State.DRAFT),
        make_update(entry=round_.entries.get(pledge_maker=second), state=State.ACCEPTED),
    )


def _presses(person: Person, button: str, then: Callable[[], object]) -> float:
    """Seconds from the press to the next page."""
    return seconds(lambda: (person.presses(button), then()))


def _saves_and_asks(coordinator: Person, place: str) -> None:
    opening = seconds(lambda: coordinator.opens(f"{place}challenges/"))
    coordinator.types("Your answer", "Written while Redis was away.")
    pressing = _presses(coordinator, "Save and return to the list", lambda: coordinator.reads("Your progress update"))
    assert pressing < opening + AT_MOST
    opening = seconds(lambda: coordinator.opens(f"{place}check/"))
    coordinator.sees("Written while Redis was away.")
    pressing = _presses(coordinator, "Ask for the signature", lambda: coordinator.reads("Signature asked for"))
    assert pressing < opening + AT_MOST


def _signs(leader: Person, place: str) -> None:
    opening = seconds(lambda: leader.opens(f"{place}sign/"))
    leader.page.get_by_role("checkbox").check()
    pressing = _presses(leader, "Sign and submit", lambda: leader.reads("Signed and sent"))
    assert pressing < opening + AT_MOST


def _publishes(publisher: Person, update: ProgressUpdate) -> None:
    opening = seconds(lambda: publisher.opens(f"/staff/updates/{update.pk}/"))
    pressing = _presses(publisher, "Publish now", lambda: publisher.sees("You can undo the publication until"))
    assert pressing < opening + AT_MOST


def _reads(visitor: Person, update: ProgressUpdate) -> None:
    address = f"/pledge-makers/{update.entry.pledge_maker.slug}/{update.entry.round.slug}/"
    opening = seconds(lambda: visitor.opens("/"))
    assert seconds(lambda: visitor.opens("/pledge-makers/")) < opening + AT_MOST
    visitor.opens(address).sees("The PDF is being prepared.")
