"""Every public page in a real browser: nothing for axe, nothing for the Nu checker, no scrolling sideways."""

from datetime import timedelta

import pytest
from django.utils import timezone

from progress_updates.models import ProgressUpdate, RoundEntry, State
from reports import build
from tests.factories.progress_updates import make_round, make_update
from tests.factories.signatories import make_organisation, make_pledge_maker, make_public_pledge_maker, make_statement

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def addresses() -> list[str]:
    """Every public page of the journey, with something on it."""
    parts = [make_organisation(name="Westmarsh City Council"), make_organisation(name="Westmarsh Trust")]
    maker = make_pledge_maker(name="Westmarsh Partnership", organisations=parts)
    make_statement(pledge_maker=maker, state="published")
    quiet, withheld, waiting = (make_public_pledge_maker(name=name) for name in ("Quiet", "Withheld", "Waiting"))
    now = timezone.now()
    round_ = make_round(label="Round 4, autumn 2026", due_on=(now - timedelta(days=20)).date())
    RoundEntry.objects.filter(pledge_maker=quiet).update(right_of_reply="We lost our lead.")
    made = make_update(entry=RoundEntry.objects.get(pledge_maker=maker), state=State.PUBLISHED)
    build.build_missing(now=now)
    for other in (withheld, waiting):
        make_update(entry=RoundEntry.objects.get(pledge_maker=other), state=State.PUBLISHED)
    ProgressUpdate.objects.filter(entry__pledge_maker=withheld).update(withheld_at=now, withheld_note="A name.")
    assert made.state == State.PUBLISHED
    profiles = [f"/pledge-makers/{slug}/" for slug in (maker.slug, quiet.slug)]
    updates = [f"/pledge-makers/{slug}/{round_.slug}/" for slug in (maker.slug, withheld.slug, waiting.slug)]
    pdf = f"/pledge-makers/{waiting.slug}/{round_.slug}.pdf"
    return ["/", "/pledge-makers/", *profiles, f"{profiles[0]}statement/v1/", *updates, pdf]


def test_no_public_page_keeps_anybody_out(addresses, live_site, page, axe):
    for address in addresses:
        page.goto(f"{live_site}{address}")
        axe.everywhere(page)
    assert page.context.cookies() == []


def test_what_the_server_sends_is_valid(addresses, client, nu):
    nu({address: client.get(address).content.decode() for address in addresses})
