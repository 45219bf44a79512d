"""Backing the pledge: joining, the mailed link, changing words, leaving; and what the team decides."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEvent
from mail.erasing import REMOVED
from mail.models import Message
from mail.models import State as MailState
from signatories import joining, supporters
from signatories.models import Supporter, SupporterKind, SupporterState
from tests.factories.accounts import make_caseworker, make_publisher, make_user
from tests.factories.joining import SUPPORTER, mailed_link, make_changed_supporter, make_supporter, token_of

NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
FORM = {**SUPPORTER, "consents": "on"}
JOIN, LINK, LIST = "/supporters/join/", "/supporters/link/", "/supporters/"
pytestmark = pytest.mark.django_db


def fresh(row: Supporter) -> Supporter:
    return Supporter.objects.get(pk=row.pk)


def public_names() -> set[str]:
    return set(Supporter.objects.published().values_list("name", flat=True))


def mails(kind: str) -> list[Message]:
    return list(Message.objects.filter(kind=kind).order_by("pk"))


# --- Joining ---------------------------------------------------------------------------------------------


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


# --- Deciding --------------------------------------------------------------------------------------------


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


def vars_of(row: Supporter) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


# --- Changing one's words ----------------------------------------------------------------------------------


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


# --- Leaving ---------------------------------------------------------------------------------------------


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


# --- A fresh link ------------------------------------------------------------------------------------------


def test_a_fresh_link_works_and_the_old_one_does_not() -> None:
    row = make_supporter(now=NOW)
    old = token_of(row)
    supporters.send_link(email=row.email.upper(), now=NOW)
    assert (supporters.find(token=old), supporters.find(token=token_of(row))) == (None, row)
    assert [message.secret for message in mails("supporter_link")] == [True]


def test_an_unknown_address_gets_the_same_answer_and_the_same_work(client: Client) -> None:
    make_supporter(email="grace@southmoor.example", now=NOW)
    client.post(LINK, {"email": "first@southmoor.example"})  # forms of this network are being counted from now on
    answers, work = [], []
    for email in ("grace@southmoor.example", "nobody@southmoor.example"):
        with CaptureQueriesContext(connection) as asked:
            answers.append(client.post(LINK, {"email": email}))
        sentences = [query["sql"] for query in asked if "SAVEPOINT" not in query["sql"]]
        work.append([" ".join(sql.split()[:4]) for sql in sentences])
    assert {(a.status_code, a.headers["Location"]) for a in answers} == {(302, "/supporters/link/sent/")}
    assert work[0] == work[1]
    assert len(work[0]) == 9
    assert [message.to for message in mails("supporter_link")] == ["grace@southmoor.example"]
    assert AuditEvent.objects.filter(action="supporter.link_asked").count() == 3


def test_who_has_left_gets_no_link() -> None:
    row = make_supporter(email="grace@southmoor.example", now=NOW)
    supporters.leave(supporter=row, now=NOW)
    supporters.send_link(email="grace@southmoor.example", now=NOW)
    assert mails("supporter_link") == []


def test_an_address_with_two_supporters_gets_a_link_for_each() -> None:
    rows = [make_supporter(name=name, email="grace@southmoor.example", now=NOW) for name in ("Grace", "Elders’ Circle")]
    supporters.send_link(email="grace@southmoor.example", now=NOW)
    links = {re.search(r"/manage/([\w-]+)/", message.text)[1] for message in mails("supporter_link")}  # type: ignore[index]
    assert {supporters.find(token=token) for token in links} == set(rows)


def test_ten_links_a_day_go_to_one_address_and_the_answer_stays_the_same() -> None:
    row = make_supporter(now=NOW)
    for minutes in range(14):
        supporters.send_link(email=row.email, now=NOW + timedelta(minutes=minutes))
    assert len(mails("supporter_link")) == 10
    assert supporters.find(token=token_of(row)) == row  # the last that was mailed still works


def test_links_are_limited_for_everybody_together(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joining, "AN_HOUR_FROM_EVERYBODY", 2)
    codes = [client.post(LINK, {"email": f"someone{n}@southmoor.example"}).status_code for n in range(3)]
    assert codes == [302, 302, 429]
    page = client.post(LINK, {"email": "typed@southmoor.example"}).content.decode()
    assert "Try again in an hour" in page
    assert 'value="typed@southmoor.example"' in page


def test_an_address_that_is_none_is_named(client: Client) -> None:
    page = client.post(LINK, {"email": "grace"}).content.decode()
    assert "<title>Error: Get a fresh link" in page
    assert AuditEvent.objects.count() == 0


# --- The page of the link ----------------------------------------------------------------------------------


@pytest.mark.parametrize("state", list(SupporterState))
def test_a_scanner_that_opens_the_link_five_times_changes_nothing(client: Client, state: str) -> None:
    row = make_supporter(email="grace@southmoor.example", now=NOW)
    link = mailed_link(row)
    if state == SupporterState.PUBLISHED:
        supporters.publish(supporter=row, by=make_publisher(), now=NOW)
    elif state == SupporterState.DECLINED:
        supporters.decline(supporter=row, reason="No.", by=make_publisher(), now=NOW)
    elif state == SupporterState.LEFT:
        supporters.leave(supporter=row, now=NOW)
    before = (vars_of(fresh(row)), Message.objects.count(), AuditEvent.objects.count())
    status = 410 if state == SupporterState.LEFT else 200
    for _time in range(5):
        for more in ("", "?action=leave"):
            assert client.get(f"{link}{more}").status_code == status
            assert client.head(f"{link}{more}").status_code == status
    assert (vars_of(fresh(row)), Message.objects.count(), AuditEvent.objects.count()) == before


def test_the_button_saves_new_words(client: Client) -> None:
    row = make_supporter(state=SupporterState.PUBLISHED, now=NOW)
    link = mailed_link(row)
    answer = client.post(link, {"action": "change", "name": "Grace A.", "statement": "Shorter."})
    assert (answer.status_code, answer.headers["Location"]) == (302, link)
    page = client.get(link).content.decode()
    assert "wait for the Synergi team" in page
    assert "I was a patient here. It must change." in page
    assert ">\nShorter.</textarea>" in page


def test_the_button_leaves_and_the_link_then_says_so(client: Client) -> None:
    row = make_supporter(now=NOW)
    link = mailed_link(row)
    client.post(link, {"action": "leave"})
    answer = client.get(link)
    assert (fresh(row).state, answer.status_code) == (SupporterState.LEFT, 410)
    assert "You have left" in answer.content.decode()
    assert client.post(link, {"action": "change", "name": "Back", "statement": ""}).status_code == 410
    assert fresh(row).name == ""


def test_new_words_without_a_name_are_refused_and_kept_on_the_page(client: Client) -> None:
    row = make_supporter(now=NOW)
    page = client.post(mailed_link(row), {"action": "change", "name": "", "statement": "New words."}).content.decode()
    assert "Enter a name for the public list." in page
    assert "New words." in page
    assert fresh(row).statement == SUPPORTER["statement"]


def test_who_was_declined_reads_why_and_can_only_leave(client: Client) -> None:
    row = make_supporter(now=NOW)
    link = mailed_link(row)
    supporters.decline(supporter=row, reason="Not <b>clear</b> who you are.", by=make_caseworker(), now=NOW)
    page = client.get(link).content.decode()
    assert "Not &lt;b&gt;clear&lt;/b&gt; who you are." in page
    assert page.count("<form") == 1
    typed = client.post(link, {"action": "change", "name": "Grace", "statement": "Typed too late."})
    assert "Typed too late." in typed.content.decode()


def test_a_refused_change_says_why_on_the_page(client: Client) -> None:
    row = make_changed_supporter(now=NOW)
    supporters.refuse_change(supporter=row, reason="Please name nobody else.", by=make_caseworker(), now=NOW)
    assert "Please name nobody else." in client.get(mailed_link(row)).content.decode()


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_link_that_is_wrong_leads_to_help(client: Client, method: str) -> None:
    answer = getattr(client, method)("/supporters/manage/nothing/", {"action": "leave"})
    assert answer.status_code == 404
    assert 'href="/supporters/link/"' in answer.content.decode()


def test_pages_with_a_link_are_never_stored_and_never_found(client: Client) -> None:
    answer = client.get(mailed_link(make_supporter(now=NOW)))
    assert answer.headers["Cache-Control"] == "no-store, private"
    assert '<meta name="robots" content="noindex">' in answer.content.decode()
    assert answer.headers["Referrer-Policy"] == "same-origin"


# --- The public list ---------------------------------------------------------------------------------------


def rows(count: int, **more: Any) -> None:
    """Copies of one that was published through the real workflow."""
    values = vars_of(make_supporter(state=SupporterState.PUBLISHED, now=NOW, **more))
    Supporter.objects.bulk_create(
        Supporter(**{**values, "id": None, "name": f"{values['name']} {n:03}", "token_hash": f"{values['kind']}{n}"})
        for n in range(1, count)
    )


def html_of(client: Client, address: str = LIST) -> str:
    return client.get(address).content.decode()


def test_only_published_supporters_are_public_and_no_address_ever(client: Client) -> None:
    for state in SupporterState:
        make_supporter(name=f"Supporter {state.value}", state=state, now=NOW)
    page = html_of(client)
    shown = re.findall(r'class="supporter-name">([^<]*)<', page)
    assert shown == ["Supporter published"]
    assert "southmoor.example" not in page


def test_with_nobody_there_it_says_so(client: Client) -> None:
    assert "Supporters stand here once the Synergi team has read their words." in html_of(client)


def test_organisations_and_people_stand_apart_by_name(client: Client) -> None:
    names = [
        ("Zoe", "person"),
        ("abel", "person"),
        ("Northtown Carers", "organisation"),
        ("elders’ circle", "organisation"),
    ]
    for name, kind in names:
        make_supporter(name=name, kind=kind, state=SupporterState.PUBLISHED, now=NOW)
    page = html_of(client)
    assert re.findall(r'class="supporter-name">([^<]*)<', page) == ["elders’ circle", "Northtown Carers", "abel", "Zoe"]
    assert re.findall(r'<h2 class="govuk-heading-l" id="(\w+)"', page) == ["organisation", "person"]
    assert "2 organisations and 2 people support the pledge." in re.sub(r"\s+", " ", page)


def test_fifty_stand_on_a_page_and_the_rest_on_the_next(client: Client) -> None:
    rows(60)
    first, second = html_of(client), html_of(client, "/supporters/?page=2")
    assert (first.count("supporter-name"), second.count("supporter-name")) == (50, 10)
    assert 'href="?page=2"' in first
    assert client.get("/supporters/?page=77").context["page"].number == 2
    assert client.get("/supporters/?page=x").context["page"].number == 1


def test_the_search_is_kept_from_page_to_page(client: Client) -> None:
    rows(60)
    rows(3, name="Northtown Carers", kind=SupporterKind.ORGANISATION)
    page = html_of(client, "/supporters/?q=grace")
    assert client.get("/supporters/?q=grace").context["page"].paginator.count == 60
    assert 'href="?q=grace&amp;page=2"' in page
    assert "Northtown" not in page


@pytest.mark.parametrize("typed", ["nobody", "%00", "<script>alert(1)</script>"])
def test_a_search_that_finds_nobody_says_so(client: Client, typed: str) -> None:
    make_supporter(state=SupporterState.PUBLISHED, now=NOW)
    page = html_of(client, f"/supporters/?q={typed}")
    assert "<script>alert(1)" not in page
    if typed != "%00":
        assert "No supporter has “" in page
        assert 'href="/supporters/">Show all' in page


def test_what_looks_like_markup_is_text(client: Client) -> None:
    evil = "<img src=x onerror=alert(1)>"
    make_supporter(name=f"Grace {evil}", statement=f"{evil}\n- <b>bold</b>", state=SupporterState.PUBLISHED, now=NOW)
    page = html_of(client)
    assert "<img" not in page
    assert page.count("&lt;img src=x onerror=alert(1)&gt;") == 2
    assert "<li>&lt;b&gt;bold&lt;/b&gt;</li>" in page


@pytest.mark.parametrize("count", [1, 3, 100])
def test_the_list_takes_three_queries(client: Client, django_assert_num_queries: Any, count: int) -> None:
    rows(count)
    with django_assert_num_queries(3):
        page = html_of(client)
    assert page.count("supporter-name") == min(count, 50)


def test_unchanged_the_list_takes_one_query_and_no_cookie(client: Client, django_assert_num_queries: Any) -> None:
    rows(3)
    first = client.get(LIST)
    assert (first.cookies.output(), first.headers["Cache-Control"]) == ("", "public, no-cache")
    assert "Cookie" not in first.headers.get("Vary", "")
    with django_assert_num_queries(1):
        assert client.get(LIST, headers={"if-none-match": first.headers["ETag"]}).status_code == 304


def test_who_leaves_is_gone_from_the_cached_list_at_once(client: Client) -> None:
    row = make_supporter(state=SupporterState.PUBLISHED)
    etag = client.get(LIST).headers["ETag"]
    client.post(mailed_link(row), {"action": "leave"})
    answer = client.get(LIST, headers={"if-none-match": etag})
    assert (answer.status_code, "Grace Addo" in answer.content.decode()) == (200, False)
