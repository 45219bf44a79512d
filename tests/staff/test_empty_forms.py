"""A form of the team that comes with nothing in it is answered with what is missing, never as if nobody had sent it."""

import pytest
from django.test import Client
from django.urls import reverse

from progress_updates.models import State
from tests.factories.accounts import make_publisher, sign_in
from tests.factories.past import make_entered, make_past_round
from tests.factories.progress_updates import make_update

pytestmark = pytest.mark.django_db
PAGES = {
    "invite": (),
    "invite_further": ("maker",),
    "rename": ("maker",),
    "past_leader": ("maker",),
    "new_round": (),
    "new_past_round": (),
    "open_past_round": ("planned",),
    "import_past_round": ("past",),
    "on_behalf": ("past",),
    "round_dates": ("round",),
    "give": ("round",),
    "question": ("planned", "key"),
    "extend": ("round",),
    "take_words_away": ("round", "maker", "part"),
    "add_document": ("entered",),
    "withhold": ("published",),
}


@pytest.fixture
def things() -> dict[str, object]:
    """What stands in the addresses of these pages."""
    published = make_update(state=State.PUBLISHED)
    maker = published.entry.pledge_maker
    planned = make_past_round(label="Planned", makers=None)
    entered = make_entered()
    return {
        "maker": maker.slug,
        "round": published.entry.round.slug,
        "published": published.pk,
        "part": "late_reason",
        "planned": planned.slug,
        "key": planned.questions.first().key,
        "past": entered.entry.round.slug,
        "entered": entered.pk,
    }


@pytest.mark.parametrize("page", PAGES)
def test_nothing_in_it_is_said(client: Client, things: dict[str, object], page: str) -> None:
    sign_in(client, make_publisher())
    html = client.post(reverse(f"staff:{page}", args=[things[each] for each in PAGES[page]])).content.decode()
    assert "<title>Error: " in html
    assert 'class="govuk-error-summary"' in html
