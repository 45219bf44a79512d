"""The start page: what waits, oldest first, and what went wrong."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from mail.models import Message
from mail.models import State as MailState
from progress_updates.models import RoundEntry, State
from reports import build
from reports.models import Document
from reports.models import State as DocumentState
from tests.factories.accounts import make_caseworker, sign_in
from tests.factories.progress_updates import make_entry, make_round, make_update
from tests.factories.signatories import make_public_pledge_maker, make_statement
from tests.staff.many import make_many_updates

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def caseworker(client: Client) -> User:
    user = make_caseworker()
    sign_in(client, user)
    return user


def html_of(client: Client) -> str:
    return client.get("/staff/").content.decode()


def section(html: str, name: str) -> str:
    """The words of one section of the page."""
    return html.split(f'aria-labelledby="{name}-heading"')[1].split("</section>")[0]


def test_with_nothing_there_it_says_so(client: Client) -> None:
    html = html_of(client)
    assert "No round has opened yet." in html
    assert "Nothing waits for a review." in section(html, "queue")
    assert "No signed Statement waits for publication." in section(html, "statements")
    assert "Every e-mail and every PDF went through." in section(html, "stuck")


def test_the_ten_that_wait_longest_are_shown_and_the_rest_are_counted(client: Client) -> None:
    make_many_updates(60)
    context = client.get("/staff/").context
    assert (len(context["items"]), context["to_review"]) == (10, 15)
    assert "See all 15" in html_of(client)


def test_the_current_round_in_a_sentence(client: Client) -> None:
    now = timezone.now()
    makers = [make_public_pledge_maker(now=now - timedelta(days=40)) for _ in range(3)]
    round_ = make_round(due_on=timezone.localdate(now) - timedelta(days=2), now=now - timedelta(days=30))
    entry = make_entry(pledge_maker=makers[0], round_=round_)
    make_update(entry=entry, state=State.SUBMITTED, now=now - timedelta(days=10))
    assert client.get("/staff/").context["finding"] == ("We have received 1 of 3 updates. 2 are past their due date.")
    RoundEntry.objects.filter(round=round_).update(received_at=now - timedelta(days=10))
    assert client.get("/staff/").context["finding"] == "We have received 3 of 3 updates."


def test_signed_statements_wait_for_publication(client: Client) -> None:
    statement = make_statement(state="signed")
    make_statement(state="published")
    make_statement(state="draft")
    html = section(html_of(client), "statements")
    assert html.count("<tbody") == html.count('scope="row"') == 1
    assert f"/staff/pledge-makers/{statement.pledge_maker.slug}/statement/1/" in html


# --- What went wrong ---------------------------------------------------------------------------------------


def failed_mail(**more: object) -> Message:
    make_statement(state="published")
    message = Message.objects.filter(secret=False).latest("pk")
    why = {"state": MailState.FAILED, "error_class": "permanent", "error": "550 No such <b>user</b>", **more}
    Message.objects.filter(pk=message.pk).update(**why)
    message.refresh_from_db()
    return message


def test_failures_are_counted_and_lead_to_what_is_stuck(client: Client) -> None:
    failed_mail()
    make_update(state=State.PUBLISHED)
    build.plan(now=timezone.now())
    Document.objects.update(state=DocumentState.FAILED, error="It took longer than 60 seconds.")
    html = section(html_of(client), "stuck")
    assert "2 e-mails or PDFs failed." in html
    assert 'href="/staff/stuck/"' in html


@pytest.mark.parametrize("count", [1, 3, 100])
def test_the_overview_takes_nine_queries(client: Client, django_assert_num_queries, count: int) -> None:
    make_many_updates(count)
    with django_assert_num_queries(9):
        figures = client.get("/staff/").context["figures"]
    assert (
        sum(number for key, number, _, _ in figures if key in ("review", "in_review", "returned", "publish")) == count
    )


@pytest.mark.parametrize("count", [1, 3, 100])
def test_the_list_of_pledge_makers_takes_the_same_queries(
    client: Client, django_assert_num_queries, count: int
) -> None:
    make_many_updates(count)
    with django_assert_num_queries(3):
        html = client.get("/staff/pledge-makers/").content.decode()
    assert html.count('scope="row"') == count


@pytest.mark.parametrize("count", [1, 3, 100])
def test_the_list_of_rounds_takes_the_same_queries(client: Client, django_assert_num_queries, count: int) -> None:
    for n in range(count):
        make_round(due_on=date(2027, 1, 1) + timedelta(days=n), opened=False)
    with django_assert_num_queries(4):
        html = client.get("/staff/rounds/").content.decode()
    assert html.count('scope="row"') == count
