"""What is stuck: each kind of thing is found, says what to do, and is bounded; nothing stuck is said nicely."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEvent, User
from jobs import heartbeat
from mail.models import ErrorClass, Message
from mail.models import State as MailState
from progress_updates.models import ExtensionRequest, ProgressUpdate, Round, State
from reports import build, national
from reports.models import Document, Kind
from reports.models import State as DocumentState
from signatories.models import Invitation
from tests.factories.accounts import make_caseworker, make_publisher, sign_in
from tests.factories.progress_updates import make_entry, make_update, writer_of
from tests.factories.signatories import make_invitation
from tests.staff.many import make_many_updates

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def casey(client: Client) -> User:
    user = make_caseworker(name="Casey Worker")
    sign_in(client, user)
    for name in (heartbeat.WORKER, "reminders"):
        heartbeat.beat(name=name, now=timezone.now())
    return user


def troubles(client: Client):  # type: ignore[no-untyped-def]
    return {trouble.key: trouble for trouble in client.get("/staff/stuck/").context["troubles"]}


def make_messages(count: int = 1, **more: object) -> list[Message]:
    """Messages in a state of their own, failed when nothing else is said."""
    why = {"state": MailState.FAILED, "error_class": ErrorClass.PERMANENT, "error": "550 No such <b>user</b>"}
    values = {
        "kind": "x",
        "subject": "Your update",
        "created_at": timezone.now(),
        "next_attempt_at": timezone.now(),
        **why,
        **more,
    }
    first = Message.objects.count()
    return Message.objects.bulk_create(
        Message(to=f"a{n}@x.example", message_id=f"<{n}@x>", **values) for n in range(first, first + count)
    )


def test_when_nothing_is_stuck_it_says_so(client: Client) -> None:
    html = client.get("/staff/stuck/").content.decode()
    assert "Nothing is stuck. Every mail and every PDF went through, and nobody waits for an answer." in html
    assert "staff-problems" not in html


def test_a_worker_and_a_planner_that_are_silent_are_named(client: Client) -> None:
    for name in (heartbeat.WORKER, "reminders"):
        heartbeat.beat(name=name, now=timezone.now() - timedelta(minutes=11))
    found = troubles(client)
    assert [found[key].heading for key in ("worker", "reminders")] == [
        "No worker is heard of",
        "Reminders are not planned",
    ]
    assert found["worker"].items[0].title.startswith("Last heard of ")


def test_a_site_where_nothing_ever_ran_says_never(client: Client) -> None:
    heartbeat.Heartbeat.objects.all().delete()
    assert {key: each.items[0].title for key, each in troubles(client).items()} == dict.fromkeys(
        ("worker", "reminders"), "Never since this site was set up"
    )


# --- Mail --------------------------------------------------------------------------------------------------


def test_a_failed_mail_says_why_and_can_be_tried_again(client: Client, casey: User) -> None:
    [message] = make_messages()
    html = client.get("/staff/stuck/").content.decode()
    assert "E-mails that failed: the mail server refused the message" in html
    assert "550 No such &lt;b&gt;user&lt;/b&gt;" in html
    answer = client.post(f"/staff/mail/{message.pk}/retry/", follow=True)
    assert f"The message to {message.to} will be tried again." in answer.content.decode()
    message.refresh_from_db()
    assert (message.state, message.attempts, message.retried_by) == (MailState.QUEUED, 0, casey)
    again = client.post(f"/staff/mail/{message.pk}/retry/", follow=True).content.decode()
    assert "This message is no longer one that failed. Nothing was changed." in again
    assert AuditEvent.objects.filter(action="mail.retried", by=casey).count() == 1


def test_a_code_that_failed_cannot_be_sent_again(client: Client) -> None:
    [message] = make_messages(secret=True)
    html = client.get("/staff/stuck/").content.decode()
    assert "A sign-in code: it has run out. They can ask for a new one." in html
    assert "Try again" not in html
    client.post(f"/staff/mail/{message.pk}/retry/")
    message.refresh_from_db()
    assert message.state == MailState.FAILED


def test_all_of_one_kind_of_failure_are_tried_again_and_no_other(client: Client, casey: User) -> None:
    make_messages(30, error_class=ErrorClass.UNREACHABLE)
    make_messages(2)
    make_messages(1, error_class=ErrorClass.UNREACHABLE, secret=True)
    found = troubles(client)["mail-unreachable"]
    assert (len(found.items), found.count, found.more) == (20, 31, 11)
    answer = client.post("/staff/stuck/mail/retry/", {"error_class": "unreachable"}, follow=True)
    assert "30 messages will be tried again." in answer.content.decode()
    assert sorted(Message.objects.values_list("state", flat=True)) == [MailState.FAILED] * 3 + [MailState.QUEUED] * 30
    event = AuditEvent.objects.get(action="mail.all_retried")
    assert (event.by, event.detail) == (casey, {"error_class": "unreachable", "count": 30})
    again = client.post("/staff/stuck/mail/retry/", {"error_class": "unreachable"}, follow=True)
    assert "There is no such message any more. Nothing was changed." in again.content.decode()


def test_an_unknown_kind_of_failure_tries_nothing(client: Client) -> None:
    make_messages()
    answer = client.post("/staff/stuck/mail/retry/", {"error_class": "state"}, follow=True)
    assert "We do not know this kind of failure. Nothing was changed." in answer.content.decode()
    assert Message.objects.get().state == MailState.FAILED


def test_mailing_many_again_asks_for_a_fresh_sign_in(casey: User) -> None:
    make_messages(2)
    client = Client()
    sign_in(client, casey, fresh=False)
    answer = client.post("/staff/stuck/mail/retry/", {"error_class": "permanent"})
    assert answer.headers["Location"].startswith("/account/confirm/")
    assert set(Message.objects.values_list("state", flat=True)) == {MailState.FAILED}


def test_mail_that_waits_too_long_and_mail_on_hold_are_listed(client: Client) -> None:
    long_ago, calm = timezone.now() - timedelta(hours=3), {"error_class": "", "error": ""}
    make_messages(1, state=MailState.QUEUED, created_at=long_ago, error_class="temporary", error="451 Later")
    make_messages(1, state=MailState.QUEUED, created_at=long_ago, not_before=timezone.now() + timedelta(days=1), **calm)
    make_messages(1, state=MailState.QUEUED, **calm)
    make_messages(25, state=MailState.HELD, **calm)
    found = troubles(client)
    assert set(found) == {"mail-waiting", "mail-held"}
    assert [item.reason for item in found["mail-waiting"].items] == ["451 Later"]
    assert (len(found["mail-held"].items), found["mail-held"].more) == (20, 1)


# --- Documents ---------------------------------------------------------------------------------------------


def test_failed_pdfs_of_updates_and_of_a_national_report_can_be_tried_again(client: Client, casey: User) -> None:
    update = make_update(state=State.PUBLISHED)
    build.plan(now=timezone.now())
    national.build(round_=update.entry.round, by=make_publisher(), now=timezone.now())
    national.plan_documents(now=timezone.now())
    Document.objects.update(state=DocumentState.FAILED, error="It took longer than 60 seconds.", attempts=3)
    assert {document.kind for document in Document.objects.all()} == set(Kind.values)
    found = troubles(client)["documents"]
    titles = {item.title for item in found.items}
    label = update.entry.round.label
    assert titles == {
        f"{update.entry.pledge_maker.name}, {label}",
        f"National progress report, {label}, version 1",
    }
    for item in found.items:
        assert item.reason == "It took longer than 60 seconds."
        client.post(item.retry)
    assert set(Document.objects.values_list("state", "attempts")) == {(DocumentState.WAITING, 0)}
    assert "documents" not in troubles(client)
    said = client.post(found.items[0].retry, follow=True).content.decode()
    assert "This document is no longer one that failed. Nothing was changed." in said


# --- Updates, requests, invitations ------------------------------------------------------------------------


def test_a_publication_whose_time_has_passed_is_listed(client: Client) -> None:
    update = make_update(state=State.ACCEPTED)
    for minutes, listed in ((-60, True), (-5, False), (60, False)):
        at = timezone.now() + timedelta(minutes=minutes)
        ProgressUpdate.objects.filter(pk=update.pk).update(publish_at=at)
        assert ("publications" in troubles(client)) == listed


def test_a_request_for_more_time_waits_until_it_is_answered(client: Client, casey: User) -> None:
    entry = make_entry()
    asked = {
        "wanted_on": timezone.now().date(),
        "reason": "Our systems are down.",
        "asked_by": writer_of(entry.pledge_maker),
    }
    row = ExtensionRequest.objects.create(entry=entry, asked_at=timezone.now(), **asked)
    assert [item.url for item in troubles(client)["requests"].items] == [f"/staff/more-time/{row.pk}/"]
    ExtensionRequest.objects.filter(pk=row.pk).update(answered_at=timezone.now(), answered_by=casey, refusal="Sorry.")
    assert "requests" not in troubles(client)


@pytest.mark.parametrize(("days", "listed"), [(8, True), (6, False)])
def test_an_update_waits_too_long_for_its_signature_after_a_week(client: Client, days: int, *, listed: bool) -> None:
    make_update(state=State.AWAITING_SIGN_OFF, now=timezone.now() - timedelta(days=days))
    assert ("signatures" in troubles(client)) == listed


def test_a_closed_round_with_reviews_left_leads_to_its_rows(client: Client) -> None:
    round_ = make_many_updates(9).entry.round
    assert "reviews" not in troubles(client)
    Round.objects.filter(pk=round_.pk).update(
        due_at=timezone.now() - timedelta(days=3), closes_at=timezone.now() - timedelta(days=2)
    )
    [item] = troubles(client)["reviews"].items
    assert item.detail.endswith(": 3 wait, 2 are in review")
    rows = client.get(item.url.split("#")[0]).context["rows"]
    assert [row.state for row in rows] == ["Submitted"] * 3


def test_an_invitation_that_ran_out_is_listed_until_it_is_sent_again(client: Client) -> None:
    invitation = make_invitation()
    Invitation.objects.update(expires_at=timezone.now() - timedelta(days=1))
    assert [item.url for item in troubles(client)["invitations"].items] == ["/staff/invite/#open-heading"]
    client.post(f"/staff/invite/{invitation.pk}/again/")
    assert "invitations" not in troubles(client)


@pytest.mark.parametrize("count", [1, 3, 100])
def test_the_page_takes_fourteen_queries(client: Client, django_assert_num_queries, count: int) -> None:
    make_many_updates(count)
    make_messages(count)
    make_messages(count, error_class=ErrorClass.INTERNAL)
    with django_assert_num_queries(14):
        client.get("/staff/stuck/")
