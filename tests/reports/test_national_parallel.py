"""Several builders at once, and builders that are killed: one version, no half of one, and its PDF in the end."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from reports import build, national
from reports.models import Document, Kind, NationalReport, State
from tests.factories.progress_updates import make_round
from tests.factories.signatories import make_public_pledge_maker

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def round_():
    """A round that is over, in which nobody reported."""
    now = timezone.now()
    make_public_pledge_maker(name="Quiet", now=now - timedelta(days=300))
    due_on = timezone.localdate(now) - timedelta(days=100)
    return make_round(label="Round 1", due_on=due_on, now=now - timedelta(days=150))


def test_two_builders_at_once_make_one_version(round_):
    now, made = timezone.now(), []
    together = threading.Barrier(4)

    def run() -> None:
        together.wait()
        made.append(national.build_due(now=now))
        connection.close()

    builders = [threading.Thread(target=run) for _ in range(4)]
    [each.start() for each in builders]
    [each.join() for each in builders]
    assert sorted(made) == [0, 0, 0, 1]
    assert NationalReport.objects.get().round == round_


@pytest.mark.servers
@pytest.mark.parametrize(
    ("at", "left"),
    [("reports.national_counted", 0), ("reports.national_stored", 0), ("reports.claimed", 1), ("reports.stored", 1)],
)
def test_a_killed_builder_leaves_a_whole_version_or_none_and_the_next_one_finishes(
    round_, media, start_child, client, at, left
):
    builder = start_child("django", "build_reports", MEDIA_ROOT=str(media), CRASH_AT=at,
                          DJANGO_SETTINGS_MODULE="pledge_tracker.settings")  # fmt: skip
    assert builder.process.wait(60) == -9
    assert NationalReport.objects.count() == left
    assert build.build_national(now=timezone.now() + build.NATIONAL_LEASE) == 1
    report = NationalReport.objects.get()
    document = Document.objects.get(national_report=report, kind=Kind.NATIONAL_REPORT)
    assert (report.version, report.is_intact(), document.state, document.is_whole()) == (1, True, State.READY, True)
    assert len(b"".join(client.get(f"/rounds/{round_.slug}.pdf").streaming_content)) == document.bytes
