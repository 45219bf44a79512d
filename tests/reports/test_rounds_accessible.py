"""Pages of rounds that the demonstration lacks, in a real browser: axe, the Nu checker, no scrolling sideways."""

import pytest
from django.test import Client
from django.utils import timezone

from progress_updates.models import ProgressUpdate
from reports import build, national
from reports.models import Document, State
from tests.factories.accounts import make_publisher, sign_in
from tests.factories.national import make_national_report, make_over_round

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def addresses() -> list[str]:
    """A report with something withheld, and its PDF that failed."""
    scene = make_over_round()
    make_national_report(scene)
    build.build_national(now=timezone.now())
    make_national_report(scene)
    national.plan_documents(now=timezone.now())
    Document.objects.exclude(state=State.READY).update(state=State.FAILED, error="It took too long.")
    ProgressUpdate.objects.filter(pk=scene.updates["late"].pk).update(withheld_at=timezone.now())
    return [scene.address, f"/rounds/{scene.round.slug}.pdf"]


def test_no_page_of_a_round_keeps_anybody_out(addresses, live_site, page, axe):
    for address in addresses:
        page.goto(f"{live_site}{address}")
        axe.everywhere(page)
    assert page.context.cookies() == []


def test_what_the_server_sends_of_rounds_is_valid(addresses, client, nu):
    nu({address: client.get(address).content.decode() for address in addresses})


def test_the_pages_of_the_team_keep_nobody_out(live_site, page, axe, nu):
    scene = make_over_round()
    staff = sign_in(Client(), make_publisher())
    page.context.add_cookies([{"name": "sessionid", "value": staff.cookies["sessionid"].value, "url": live_site}])
    place = f"/staff/rounds/{scene.round.slug}/national/"
    page.goto(f"{live_site}{place}")
    axe.everywhere(page)
    make_national_report(scene, public=False)
    national.plan_documents(now=timezone.now())
    Document.objects.update(state=State.FAILED, lease_until=None, error="It took too long.")
    for address in (place, f"{place}v1/"):
        page.goto(f"{live_site}{address}")
        axe.everywhere(page)
    nu({address: staff.get(address).content.decode() for address in (place, f"{place}v1/")})
