"""The start page: what waits, oldest first, and what went wrong."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEvent, User
from mail.models import Message
from mail.models import State as MailState
from progress_updates.models import RoundEntry, State
from reports import build
from reports.models import Document
from reports.models import State as DocumentState
from tests.factories.accounts import make_caseworker, sign_in
from tests.factories.progress_updates import leader_of, make_entry, make_round, make_update, take, writer_of
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
    assert "Nothing waits for a review." in section(html, "review")
    assert "No accepted update waits for publication." in section(html, "publish")
    assert "No signed Statement waits for publication." in section(html, "statements")
    assert "Every e-mail and every PDF went through." in section(html, "failures")


def test_each_update_stands_in_the_list_of_what_it_waits_for(client: Client) -> None:
    lists = {
        State.SUBMITTED: "review",
        State.IN_REVIEW: "in-review",
        State.ACCEPTED: "publish",
        State.RETURNED: "returned",
    }
    makers = {state: make_public_pledge_maker(name=f"Trust {state.value}") for state in State}
    round_ = make_round()
    for state, maker in makers.items():
        make_update(entry=make_entry(pledge_maker=maker, round_=round_), state=state)
    html = html_of(client)
    found = {
        state: [name for name in lists.values() if f"{makers[state].name}<" in section(html, name)] for state in State
    }
    assert found == {state: [lists[state]] if state in lists else [] for state in State}


def test_the_oldest_comes_first(client: Client) -> None:
    now = timezone.now()
    makers = [make_public_pledge_maker(name=name, now=now - timedelta(days=9)) for name in ("Late", "Early")]
    round_ = make_round(now=now - timedelta(days=8))
    for maker, days in zip(makers, (1, 5), strict=True):
        entry = make_entry(pledge_maker=maker, round_=round_)
        make_update(entry=entry, state=State.SUBMITTED, now=now - timedelta(days=days))
    waiting = client.get("/staff/").context["waiting"].to_review
    assert [update.entry.pledge_maker.name for update in waiting] == ["Early", "Late"]


def test_what_came_back_after_a_return_waits_from_its_second_arrival(client: Client) -> None:
    update = make_update(state=State.RETURNED, now=timezone.now() - timedelta(days=3))
    maker, later = update.entry.pledge_maker, timezone.now() - timedelta(days=1)
    for step in ("ask_for_signature", "sign"):
        take(step, update, writer=writer_of(maker), leader=leader_of(maker), now=later)
    assert [row.since for row in client.get("/staff/").context["waiting"].to_review] == [later]


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


def test_a_failed_mail_says_why_and_can_be_tried_again(client: Client, caseworker: User) -> None:
    message = failed_mail()
    html = section(html_of(client), "failures")
    assert "The mail server refused the message: 550 No such &lt;b&gt;user&lt;/b&gt;" in html
    answer = client.post(f"/staff/mail/{message.pk}/retry/", follow=True)
    assert f"The message to {message.to} will be tried again." in answer.content.decode()
    message.refresh_from_db()
    assert (message.state, message.attempts, message.retried_by) == (MailState.QUEUED, 0, caseworker)
    again = client.post(f"/staff/mail/{message.pk}/retry/", follow=True).content.decode()
    assert "This message is no longer one that failed. Nothing was changed." in again
    assert AuditEvent.objects.filter(action="mail.retried", by=caseworker).count() == 1


def test_a_code_that_failed_cannot_be_sent_again(client: Client) -> None:
    message = failed_mail(secret=True, text="", html="")
    html = section(html_of(client), "failures")
    assert "A sign-in code: it has run out." in html
    assert "Try again" not in html
    client.post(f"/staff/mail/{message.pk}/retry/")
    message.refresh_from_db()
    assert message.state == MailState.FAILED


def test_a_failed_pdf_says_why_and_can_be_tried_again(client: Client, caseworker: User) -> None:
    make_update(state=State.PUBLISHED)
    build.plan(now=timezone.now())
    Document.objects.update(state=DocumentState.FAILED, error="It took longer than 60 seconds.", attempts=3)
    document = Document.objects.get()
    assert "It took longer than 60 seconds." in section(html_of(client), "failures")
    client.post(f"/staff/documents/{document.pk}/retry/")
    document.refresh_from_db()
    assert (document.state, document.attempts, document.retried_by) == (DocumentState.WAITING, 0, caseworker)
    said = client.post(f"/staff/documents/{document.pk}/retry/", follow=True).content.decode()
    assert "This document is no longer one that failed. Nothing was changed." in said


def test_of_many_failures_the_newest_twenty_are_listed(client: Client) -> None:
    message = failed_mail()
    values = {f.attname: getattr(message, f.attname) for f in Message._meta.concrete_fields}
    Message.objects.bulk_create(
        Message(**{**values, "id": None, "message_id": f"<{n}@x>", "unique_key": None}) for n in range(30)
    )
    html = section(html_of(client), "failures")
    assert html.count("Try again") == 20
    assert "There are more. These are the newest." in html


@pytest.mark.parametrize("count", [1, 3, 100])
def test_the_overview_takes_nine_queries(client: Client, django_assert_num_queries, count: int) -> None:
    make_many_updates(count)
    with django_assert_num_queries(9):
        html = html_of(client)
    waiting = client.get("/staff/").context["waiting"]
    assert waiting.total + len(waiting.returned) == count
    assert html.count("/staff/updates/") == count


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
