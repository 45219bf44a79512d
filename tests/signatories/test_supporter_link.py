"""The link of a supporter: mailed anew, and the page that it opens."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEvent
from mail.models import Message
from signatories import joining, supporters
from signatories.models import SupporterState
from tests.factories.accounts import make_caseworker, make_publisher
from tests.factories.joining import SUPPORTER, mailed_link, make_changed_supporter, make_supporter, token_of
from tests.signatories.backing import NOW, fresh, mails, vars_of

pytestmark = pytest.mark.django_db
LINK, LIST = "/supporters/link/", "/supporters/"


# --- A fresh link ---------------------------------------------------------------------------------------


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


# --- The page of the link -------------------------------------------------------------------------------


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
