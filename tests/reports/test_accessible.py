"""Public pages that the demonstration lacks, in a real browser: axe, the Nu checker, no scrolling sideways."""

from datetime import timedelta

import pytest
from django.utils import timezone

from progress_updates.models import ProgressUpdate, RoundEntry, State
from tests.factories.progress_updates import make_round, make_update
from tests.factories.signatories import make_public_pledge_maker

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def addresses() -> list[str]:
    """One that replies to its silence, one whose update is withheld."""
    quiet, withheld = (make_public_pledge_maker(name=name) for name in ("Quiet", "Withheld"))
    now = timezone.now()
    round_ = make_round(label="Round 4, autumn 2026", due_on=(now - timedelta(days=20)).date())
    RoundEntry.objects.filter(pledge_maker=quiet).update(right_of_reply="We lost our lead.")
    make_update(entry=RoundEntry.objects.get(pledge_maker=withheld), state=State.PUBLISHED)
    ProgressUpdate.objects.filter(entry__pledge_maker=withheld).update(withheld_at=now, withheld_note="A name.")
    return [f"/pledge-makers/{quiet.slug}/", f"/pledge-makers/{withheld.slug}/{round_.slug}/"]


def test_no_public_page_keeps_anybody_out(addresses, live_site, page, axe):
    for address in addresses:
        page.goto(f"{live_site}{address}")
        axe.everywhere(page)
    assert page.context.cookies() == []


def test_what_the_server_sends_is_valid(addresses, client, nu):
    nu({address: client.get(address).content.decode() for address in addresses})
