"""With more Pledge Makers than marks can show, the home page draws one bar, and its key leads to the list."""

import pytest

from pledge_tracker import views
from tests.factories.progress_updates import make_round
from tests.factories.signatories import make_public_pledge_maker

pytestmark = pytest.mark.django_db


def test_above_the_limit_one_bar_and_a_key_that_leads_to_the_list(client, monkeypatch):
    for _ in range(3):
        make_public_pledge_maker()
    make_round()
    assert 'class="dots"' in client.get("/").content.decode()
    monkeypatch.setattr(views, "MARKS_SHOWN", 2)
    html = client.get("/").content.decode()
    assert 'class="dots"' not in html
    assert html.count('class="status-bar"') == 1
    assert 'href="/pledge-makers/?status=not_due_yet"><b>3</b> not due yet</a>' in html
