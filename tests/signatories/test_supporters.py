"""Backing the pledge: joining, changing one’s words, leaving; and what the team decides."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client

from accounts.models import AuditEvent
from mail.erasing import REMOVED
from mail.models import Message
from mail.models import State as MailState
from signatories import joining, supporters
from signatories.models import Supporter, SupporterState
from tests.factories.accounts import make_caseworker, make_publisher, make_user
from tests.factories.joining import SUPPORTER, make_changed_supporter, make_supporter, token_of
from tests.signatories.backing import NOW, fresh, mails, public_names, vars_of

pytestmark = pytest.mark.django_db
FORM = {**SUPPORTER, "consents": "on"}
JOIN = "/supporters/join/"


# --- Joining --------------------------------------------------------------------------------------------


def test_who_joins_is_not_public_and_gets_a_link() -> None:
    row = make_supporter(email="Grace.Addo@Southmoor.example", now=NOW)
    assert (row.state, row.email, row.consented_at) == (SupporterState.WAITING, SUPPORTER["email"], NOW)
    assert public_names() == set()
    [message] = mails("supporter_received")
    assert (message.to, message.secret) == (row.email, True)
    assert "answers by 15 March 2027" in message.text
    assert supporters.find(token=token_of(row)) == row
    assert AuditEvent.objects.get(action="supporter.joined").about_id == row.pk


def test_only_the_hash_of_the_token_is_kept_and_the_words_of_the_mail_go_when_it_is_sent() -> None:
    row = make_supporter(now=NOW)
    assert token_of(row) not in str(Supporter.objects.filter(pk=row.pk).values().get())
    assert mails("supporter_received")[0].secret is True


def test_the_first_mail_repeats_nothing_that_was_typed() -> None:
    make_supporter(name="Spam name", statement="Spam statement", now=NOW)
    [message] = mails("supporter_received")
    assert "Spam" not in f"{message.subject} {message.text} {message.html} {message.to_name}"


def test_nobody_joins_without_consent() -> None:
    with pytest.raises(ValidationError, match="whose name we may publish"):
        supporters.join(**SUPPORTER, consents=False, looks_automatic=False, now=NOW)
    assert Supporter.objects.count() == 0


def test_the_same_words_again_are_the_ones_that_wait() -> None:
    first, again = (make_supporter(email="grace@southmoor.example", now=NOW) for _ in range(2))
    assert (again, len(mails("supporter_received"))) == (first, 1)


def test_ten_a_day_from_one_address_are_taken_and_no_more() -> None:
    for number in range(10):
        make_supporter(name=f"Group {number}", email="network@southmoor.example", now=NOW)
    with pytest.raises(joining.TooMany, match="10 from this address within a day"):
        make_supporter(name="Group 10", email="network@southmoor.example", now=NOW)
    assert make_supporter(name="Group 10", email="network@southmoor.example", now=NOW + timedelta(days=1)).pk


@pytest.mark.django_db(transaction=True)
def test_of_thirty_at_once_from_one_address_ten_are_taken() -> None:
    def press(number: int) -> str:
        try:
            make_supporter(name=f"Group {number}", email="network@southmoor.example", now=NOW)
        except joining.TooMany:
            return "refused"
        finally:
            connection.close()
        return "taken"

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(press, range(30)))
    assert (outcomes.count("taken"), Supporter.objects.count()) == (10, 10)


def test_the_form_leads_to_a_page_of_thanks(client: Client) -> None:
    answer = client.post(JOIN, FORM)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/supporters/join/received/")
    assert Supporter.objects.get().statement == SUPPORTER["statement"]
    assert "Thank you for backing the pledge" in client.get("/supporters/join/received/").content.decode()


def test_a_statement_may_be_left_empty(client: Client) -> None:
    client.post(JOIN, {**FORM, "statement": ""})
    assert Supporter.objects.get().statement == ""


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"kind": ""}, "Choose whether you are a person or an organisation."),
        ({"kind": "robot"}, "robot"),
        ({"name": " "}, "Enter a name for the public list."),
        ({"email": "grace"}, "Enter an e-mail address in the right form"),
        ({"consents": ""}, "Agree that we publish your name and words, or do not join."),
        ({"statement": "word " * 151}, "must be 150 words or fewer. It has 151."),
    ],
)
def test_what_is_wrong_is_named_and_nothing_typed_is_cleared(client: Client, change: dict, sentence: str) -> None:
    typed = {**FORM, **change}
    page = client.post(JOIN, typed).content.decode()
    assert "<title>Error: Become a supporter" in page
    assert sentence in page
    assert typed["statement"].strip() in page
    assert Supporter.objects.count() == 0


def test_the_box_that_people_do_not_see_marks_and_drops_nothing(client: Client) -> None:
    client.post(JOIN, {**FORM, "homepage": "https://spam.example"})
    assert Supporter.objects.get().looks_automatic is True


def test_too_many_are_refused_with_everything_typed_still_there(client: Client) -> None:
    for number in range(10):
        client.post(JOIN, {**FORM, "name": f"Group {number}"})
    answer = client.post(JOIN, {**FORM, "name": "The eleventh group"})
    assert answer.status_code == 429
    assert 'value="The eleventh group"' in answer.content.decode()


# --- Deciding -------------------------------------------------------------------------------------------


def test_publishing_puts_the_words_on_the_list_and_says_so() -> None:
    row, by = make_supporter(now=NOW), make_publisher()
    supporters.publish(supporter=row, by=by, now=NOW)
    row = fresh(row)
    assert (row.state, row.decided_by, row.decided_at) == (SupporterState.PUBLISHED, by, NOW)
    [message] = mails("supporter_published")
    assert (message.to, message.subject) == (row.email, "You are on the list of Pledge Supporters")
    assert "Dear Grace Addo," in message.text
    assert AuditEvent.objects.get(action="supporter.published").by == by


def test_only_publishers_publish_and_only_the_team_declines() -> None:
    row, changed = make_supporter(now=NOW), make_changed_supporter(now=NOW)
    for by in (make_caseworker(), make_user()):
        with pytest.raises(PermissionDenied):
            supporters.publish(supporter=row, by=by, now=NOW)
        with pytest.raises(PermissionDenied):
            supporters.accept_change(supporter=changed, by=by, now=NOW)
    with pytest.raises(PermissionDenied):
        supporters.decline(supporter=row, reason="No.", by=make_user(), now=NOW)
    with pytest.raises(PermissionDenied):
        supporters.refuse_change(supporter=changed, reason="No.", by=make_user(), now=NOW)
    assert (fresh(row).state, fresh(changed).new_name) == (SupporterState.WAITING, "Grace Addo-Mills")


def test_words_that_changed_since_they_were_read_are_not_published() -> None:
    read = make_supporter(now=NOW)
    supporters.propose_change(supporter=read, name="Grace Addo", statement="Something else.", now=NOW)
    with pytest.raises(supporters.Moved):
        supporters.publish(supporter=read, by=make_publisher(), now=NOW)
    assert public_names() == set()


def test_declining_mails_the_reason() -> None:
    row = make_supporter(now=NOW)
    supporters.decline(supporter=row, reason="We could not tell who you are.", by=make_caseworker(), now=NOW)
    assert fresh(row).state == SupporterState.DECLINED
    [message] = mails("supporter_declined")
    assert "\nWe could not tell who you are.\n" in message.text
    assert "does not show your name" in message.text


def test_a_published_supporter_can_be_taken_off_the_list_with_a_reason() -> None:
    row = make_changed_supporter(now=NOW)
    with pytest.raises(PermissionDenied, match="Only a publisher can take somebody off"):
        supporters.decline(supporter=row, reason="The organisation has closed.", by=make_caseworker(), now=NOW)
    supporters.decline(supporter=row, reason="The organisation has closed.", by=make_publisher(), now=NOW)
    assert (fresh(row).state, fresh(row).changed_at, public_names()) == (SupporterState.DECLINED, None, set())


@pytest.mark.parametrize("act", [supporters.decline, supporters.refuse_change])
def test_no_is_never_said_without_a_reason(act: Any) -> None:
    with pytest.raises(ValidationError, match="Give a reason"):
        act(supporter=make_changed_supporter(now=NOW), reason=" \n", by=make_publisher(), now=NOW)


@pytest.mark.parametrize("state", [SupporterState.PUBLISHED, SupporterState.DECLINED, SupporterState.LEFT])
def test_what_does_not_wait_is_not_published(state: str) -> None:
    row = make_supporter(state=state, now=NOW)
    before = Message.objects.count()
    with pytest.raises(supporters.Moved):
        supporters.publish(supporter=row, by=make_publisher(), now=NOW)
    with pytest.raises(supporters.Moved):
        supporters.accept_change(supporter=row, by=make_publisher(), now=NOW)
    with pytest.raises(supporters.Moved):
        supporters.refuse_change(supporter=row, reason="No.", by=make_publisher(), now=NOW)
    assert (fresh(row).state, Message.objects.count()) == (state, before)


@pytest.mark.django_db(transaction=True)
def test_publish_and_decline_at_once_leave_one_decision_and_one_mail() -> None:
    by, read = make_publisher(), vars_of(make_supporter(now=NOW))

    def press(number: int) -> str:
        try:
            if number % 2:
                supporters.publish(supporter=Supporter(**read), by=by, now=NOW)
            else:
                supporters.decline(supporter=Supporter(**read), reason="No.", by=by, now=NOW)
        except supporters.Moved:
            return "too late"
        finally:
            connection.close()
        return "decided"

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(press, range(16)))
    assert outcomes.count("decided") == 1
    assert len(mails("supporter_published")) + len(mails("supporter_declined")) == 1


# --- Changing one's words -------------------------------------------------------------------------------


def test_before_the_decision_new_words_replace_the_old() -> None:
    row = make_supporter(now=NOW)
    supporters.propose_change(supporter=row, name=" Grace A. ", statement="Shorter.", now=NOW)
    row = fresh(row)
    assert (row.name, row.statement, row.changed_at) == ("Grace A.", "Shorter.", None)


def test_on_the_list_new_words_wait_and_the_old_ones_stay() -> None:
    row = make_changed_supporter(now=NOW)
    assert (row.name, row.new_name, row.changed_at) == ("Grace Addo", "Grace Addo-Mills", NOW)
    assert public_names() == {"Grace Addo"}
    assert list(Supporter.objects.to_decide()) == [row]


def test_typing_the_old_words_takes_the_change_back() -> None:
    row = make_changed_supporter(now=NOW)
    supporters.propose_change(supporter=row, name=row.name, statement=row.statement, now=NOW)
    assert (fresh(row).changed_at, fresh(row).new_name, list(Supporter.objects.to_decide())) == (None, "", [])


def test_an_accepted_change_takes_the_place_of_the_old_words() -> None:
    row = make_changed_supporter(now=NOW)
    supporters.accept_change(supporter=row, by=make_publisher(), now=NOW)
    row = fresh(row)
    assert (row.name, row.statement, row.changed_at) == ("Grace Addo-Mills", "It has begun to change.", None)
    assert len(mails("supporter_published")) == 1  # the first one had the same moment: one mail about it


def test_a_refused_change_leaves_the_list_as_it_is_and_mails_the_reason() -> None:
    row = make_changed_supporter(now=NOW)
    supporters.refuse_change(supporter=row, reason="Please name nobody else.", by=make_caseworker(), now=NOW)
    row = fresh(row)
    assert (row.name, row.changed_at, row.state) == ("Grace Addo", None, SupporterState.PUBLISHED)
    [message] = mails("supporter_declined")
    assert "The words that were there stay." in message.text
    assert "\nPlease name nobody else.\n" in message.text


def test_a_change_that_was_changed_again_since_it_was_read_is_not_accepted() -> None:
    read = make_changed_supporter(now=NOW)
    later = NOW + timedelta(minutes=1)
    supporters.propose_change(supporter=read, name="Grace", statement="Unread words.", now=later)
    with pytest.raises(supporters.Moved):
        supporters.accept_change(supporter=read, by=make_publisher(), now=later)
    assert public_names() == {"Grace Addo"}


@pytest.mark.parametrize("state", [SupporterState.DECLINED, SupporterState.LEFT])
def test_who_was_declined_or_has_left_changes_nothing(state: str) -> None:
    row = make_supporter(state=state, now=NOW)
    with pytest.raises(supporters.Moved):
        supporters.propose_change(supporter=row, name="Back again", statement="", now=NOW)


# --- Leaving --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [SupporterState.WAITING, SupporterState.PUBLISHED, SupporterState.DECLINED])
def test_leaving_erases_name_words_and_address_at_once(state: str) -> None:
    row = make_supporter(state=state, email="grace@southmoor.example", now=NOW)
    stays = make_supporter(name="Somebody else", email="else@southmoor.example", now=NOW)
    supporters.leave(supporter=row, now=NOW)
    row = fresh(row)
    assert (row.state, row.left_at) == (SupporterState.LEFT, NOW)
    assert (row.name, row.statement, row.email, row.decline_reason) == ("", "", "", "")
    kept = str(list(Message.objects.values())) + str(list(AuditEvent.objects.values()))
    assert "grace@southmoor" not in kept
    assert "Grace Addo" not in kept
    assert Message.objects.filter(to=REMOVED, state=MailState.SKIPPED).exists()
    assert Message.objects.get(to=stays.email).state == MailState.QUEUED
    assert AuditEvent.objects.filter(action="supporter.left", about_id=row.pk).count() == 1


def test_leaving_with_a_waiting_change_erases_that_too() -> None:
    row = make_changed_supporter(now=NOW)
    supporters.leave(supporter=row, now=NOW)
    assert (fresh(row).new_name, fresh(row).new_statement) == ("", "")


def test_leaving_twice_is_leaving_once() -> None:
    row = make_supporter(now=NOW)
    for minutes in (0, 5):
        supporters.leave(supporter=row, now=NOW + timedelta(minutes=minutes))
    assert (fresh(row).left_at, AuditEvent.objects.filter(action="supporter.left").count()) == (NOW, 1)
