"""The team's pages about reminders: what comes next, who was told, and reminding in bulk."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client

from accounts.models import AuditEvent, User
from mail import sending
from mail.models import Message
from progress_updates.models import Round, RoundEntry
from progress_updates.models import State as UpdateState
from reminders.models import Chase, Reminder
from reminders.plan import plan
from signatories.models import PledgeMaker
from tests.factories.accounts import make_caseworker, make_user, sign_in
from tests.factories.progress_updates import make_round, make_update
from tests.factories.reminders import DUE_ON, LONG_BEFORE, entry_of, make_maker

pytestmark = pytest.mark.django_db
# 10:00 in London, seven days before the due day.
NOW = datetime(2026, 9, 23, 9, 0, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
PAGE, REMIND = "/staff/rounds/round-4/reminders/", "/staff/rounds/round-4/remind/"


@pytest.fixture(autouse=True)
def _at(time_machine) -> None:
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def casey(client: Client, _at: None) -> User:
    user = make_caseworker(name="Casey Worker")
    sign_in(client, user, proved=NOW)
    return user


@pytest.fixture
def round_(casey: User) -> Round:
    """Ashford has a leader and a coordinator, Brookvale a leader."""
    make_maker(name="Ashford", members=1)
    make_maker(name="Brookvale")
    found = make_round(label="Round 4", due_on=DUE_ON, now=LONG_BEFORE, by=casey)
    Message.objects.all().delete()
    return found


def entries() -> list[str]:
    return [str(pk) for pk in RoundEntry.objects.order_by("pk").values_list("pk", flat=True)]


def preview(client: Client, **more: object) -> dict:
    return client.post(REMIND, {"entries": entries(), "sentence": "", **more}).context


def send(client: Client, **more: object):
    seen = preview(client)["found"].fingerprint
    return client.post(f"{REMIND}send/", {"entries": entries(), "sentence": "", "seen": seen, **more})


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


# --- What comes next, and who was told ------------------------------------------------------------


def test_the_page_says_what_comes_next_and_for_whom(client, round_):
    RoundEntry.objects.filter(pledge_maker__name="Brookvale").update(extended_to=datetime(2026, 10, 14, 22, tzinfo=UTC))
    coming = client.get(PAGE).context["coming"]
    assert [(each.day, each.label, each.hears, each.makers) for each in coming] == [
        (date(2026, 9, 28), "2 days before it is due", "coordinators and contributors, leaders", ("Ashford",)),
        (date(2026, 9, 30), "14 days before it is due", "coordinators and contributors", ("Brookvale",)),
    ]


def test_the_page_says_who_was_told_what_and_what_became_of_it(client, round_):
    plan(now=NOW)
    sending.send_due(now=NOW)
    rows = client.get(PAGE).context["rows"]
    assert [(row.reminder.entry.pledge_maker.name, row.label, row.became) for row in rows] == [
        ("Ashford", "7 days before it is due", "Sent 23 September 2026, 10am"),
        ("Ashford", "7 days before it is due", "Sent 23 September 2026, 10am"),
        ("Brookvale", "7 days before it is due", "Sent 23 September 2026, 10am"),
    ]


def test_what_was_not_sent_waits_or_failed_says_so(client, round_):
    plan(now=NOW)
    first, second, third = Reminder.objects.order_by("entry__pledge_maker__name", "-pk")
    Reminder.objects.filter(pk=first.pk).update(skipped="no_longer_owed")
    Message.objects.filter(pk=second.message_id).update(state="failed", error="550", error_class="permanent")
    rows = client.get(PAGE).context["rows"]
    assert [row.became for row in rows] == [
        "Not sent: no longer needed",
        "Failed: The mail server refused the message",
        "Leaves 23 September 2026, 10am",
    ]
    assert third.entry.pledge_maker.name == "Brookvale"


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 3),
        ("?maker=ashford", 2),
        ("?step=7_days_before", 3),
        ("?step=opening", 0),
        ("?became=sent", 0),
        ("?became=waiting", 2),
        ("?became=not_sent", 1),
        ("?became=failed", 0),
        ("?became=skipped__gt", 3),
        ("?page=99", 3),
    ],
)
def test_the_ledger_is_filtered_by_the_address_and_by_nothing_unknown(client, round_, query, count):
    plan(now=NOW)
    Reminder.objects.filter(pk=Reminder.objects.latest("pk").pk).update(skipped="no_longer_owed")
    assert len(client.get(PAGE + query).context["rows"]) == count


@pytest.mark.parametrize("makers", [1, 3, 60])
def test_the_page_takes_the_same_queries_for_any_number_of_rows(client, casey, makers, django_assert_num_queries):
    for number in range(makers):
        make_maker(name=f"Maker {number}", members=1)
    make_round(label="Round 4", due_on=DUE_ON, now=LONG_BEFORE, by=casey)
    plan(now=NOW)
    client.get(PAGE)
    with django_assert_num_queries(7):  # session, person; round, outstanding, names, ledger, chases
        assert len(client.get(PAGE).context["rows"]) == min(50, 2 * makers)


# --- Whom to remind -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["Ashford", "Brookvale", "Coldwater"]),
        ("?who=late", []),
        ("?who=early", ["Ashford", "Brookvale", "Coldwater"]),
        ("?who=no_draft", ["Ashford"]),
        ("?who=draft", ["Brookvale"]),
        ("?who=waits", ["Coldwater"]),
        ("?who=everything", ["Ashford", "Brookvale", "Coldwater"]),
    ],
)
def test_the_address_chooses_who_is_listed(client, casey, query, names):
    makers = [make_maker(name=name, members=1) for name in ("Ashford", "Brookvale", "Coldwater")]
    make_round(label="Round 4", due_on=DUE_ON, now=LONG_BEFORE, by=casey)
    make_update(entry=entry_of(makers[1]), now=NOW - DAY)
    make_update(entry=entry_of(makers[2]), state=UpdateState.AWAITING_SIGN_OFF, now=NOW - DAY)
    choices = client.get(REMIND + query).context["form"].fields["entries"].choices
    assert [words.partition(":")[0] for _key, words in choices] == names


def test_the_preview_shows_the_numbers_and_both_mails(client, round_):
    answer = client.post(REMIND, {"entries": entries(), "sentence": "We can help on Thursday."})
    words = text_of(answer.content.decode())
    assert "3 people of 2 Pledge Makers will be mailed." in words
    assert "It leaves on 23 September 2026, 10:05am, London time." in words
    assert [mail["audience"] for mail in answer.context["mails"]] == ["writers", "leaders"]
    assert words.count("“We can help on Thursday.”") == 2
    assert Chase.objects.count() == Message.objects.count() == 0


def test_the_preview_names_who_is_skipped_and_why(client, round_):
    plan(now=NOW)
    sending.send_due(now=NOW)
    PledgeMaker.objects.get(name="Brookvale").memberships.update(ended_at=NOW)
    words = text_of(client.post(REMIND, {"entries": entries(), "sentence": ""}).content.decode())
    assert "Nobody will be mailed." in words
    assert "2 people are skipped: reminded in the last 48 hours." in words
    assert "At 1 Pledge Maker nobody can be reached. Brookvale" in words
    assert "Send it in five minutes" not in words


def test_nothing_ticked_is_an_error_and_the_sentence_stays(client, round_):
    html = client.post(REMIND, {"sentence": "We can help."}).content.decode()
    assert '<a href="#id_entries_0">Tick at least one Pledge Maker.</a>' in html
    assert 'value="We can help."' in html


def test_a_sentence_that_is_too_long_comes_back_whole(client, round_):
    html = client.post(REMIND, {"entries": entries(), "sentence": "x" * 301}).content.decode()
    assert '<a href="#id_sentence">Write 300 characters or fewer.</a>' in html
    assert "x" * 301 in html


def test_change_something_brings_back_what_was_ticked_and_typed(client, round_):
    context = preview(client, entries=entries()[:1], sentence="We can help.", change="1")
    assert context["form"]["entries"].value() == entries()[:1]
    assert context["form"]["sentence"].value() == "We can help."


# --- Sent, and cancelled --------------------------------------------------------------------------


def test_after_the_button_the_page_says_how_long_it_can_be_cancelled(client, round_, time_machine):
    answer = send(client)
    chase = Chase.objects.get()
    assert answer.headers["Location"] == f"{REMIND}{chase.pk}/"
    assert Reminder.objects.count() == Message.objects.count() == 3
    words = text_of(client.get(answer.headers["Location"]).content.decode())
    assert "3 people will be mailed on 23 September 2026, 10:05am." in words
    assert "You can cancel it for 5 more minutes." in words
    for later, said in ((3 * MINUTE + timedelta(seconds=59), "for 1 more minute."), (4.5 * MINUTE, "for less than a")):
        time_machine.move_to(NOW + later, tick=False)
        assert f"You can cancel it {said}" in text_of(client.get(answer.headers["Location"]).content.decode())
    time_machine.move_to(NOW + 5 * MINUTE, tick=False)
    words = text_of(client.get(answer.headers["Location"]).content.decode())
    assert "Reminders have left" in words
    assert "Cancel these reminders" not in words


def test_in_the_evening_it_can_be_cancelled_until_the_morning(client, casey, round_, time_machine):
    evening = datetime(2026, 9, 23, 19, 0, tzinfo=UTC)
    time_machine.move_to(evening, tick=False)
    sign_in(client, casey, proved=evening)
    page = send(client).headers["Location"]
    assert "You can cancel it until 24 September 2026, 8am." in text_of(client.get(page).content.decode())


def test_the_button_cancels(client, casey, round_):
    page = send(client).headers["Location"]
    assert client.post(f"{page}cancel/").headers["Location"] == page
    words = text_of(client.get(page).content.decode())
    assert "Cancelled. Nobody is mailed." in words
    assert "Casey Worker cancelled this on 23 September 2026, 10am." in words
    assert [row.became for row in client.get(PAGE).context["rows"]] == ["Cancelled 23 September 2026, 10am"] * 3
    client.post(f"{page}cancel/")
    assert "It is too late to cancel, or a colleague was faster." in client.get(page).content.decode()
    assert AuditEvent.objects.filter(action="reminders.chase_cancelled").count() == 1


def test_when_the_list_has_changed_it_is_shown_again_and_nothing_is_queued(client, round_):
    seen = preview(client)["found"].fingerprint
    PledgeMaker.objects.get(name="Brookvale").memberships.update(ended_at=NOW)
    answer = client.post(f"{REMIND}send/", {"entries": entries(), "sentence": "Hello", "seen": seen})
    words = text_of(answer.content.decode())
    assert "The list has changed since you looked. Look at it again." in words
    assert "2 people of 1 Pledge Maker will be mailed." in words
    assert (Chase.objects.count(), answer.context["sentence"]) == (0, "Hello")


def test_somebody_who_sent_meanwhile_is_named_as_no_longer_owing(client, round_):
    RoundEntry.objects.filter(pledge_maker__name="Brookvale").update(received_at=NOW)
    html = client.post(f"{REMIND}send/", {"entries": entries(), "sentence": "Hello", "seen": "x"}).content.decode()
    assert "One that you ticked owes nothing any more. Look at the list again." in html
    assert 'value="Hello"' in html
    assert not Chase.objects.exists()


def test_without_a_fresh_sign_in_nothing_is_sent_and_all_that_was_typed_comes_back(client, casey, round_):
    sign_in(client, casey, proved=NOW - 11 * MINUTE)
    data = {"entries": entries()[:1], "sentence": "We can help.", "seen": "x"}
    answer = client.post(f"{REMIND}send/", data)
    assert answer.headers["Location"] == "/account/confirm/?next=%2Fstaff%2Frounds%2Fround-4%2Fremind%2F"
    assert not Chase.objects.exists()
    sign_in(client, casey, proved=NOW)
    back = client.get(REMIND)
    assert (back.context["entries"], back.context["sentence"]) == ([int(entries()[0])], "We can help.")


# --- Who may --------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["reminders/", "remind/", "remind/1/"])
def test_nobody_else_finds_these_pages(client, round_, address):
    sign_in(client, make_user())
    assert client.get(f"/staff/rounds/round-4/{address}").status_code == 404


def test_nothing_is_sent_or_cancelled_by_looking_or_by_anybody_else(client, round_):
    page = send(client).headers["Location"]
    for address in (f"{REMIND}send/", f"{page}cancel/"):
        assert client.get(address).status_code == 405
    sign_in(client, make_user())
    for address in (f"{REMIND}send/", f"{page}cancel/"):
        assert client.post(address).status_code == 404
    assert list(Chase.objects.values_list("cancelled_at", flat=True)) == [None]


def test_a_chase_of_another_round_is_not_found(client, casey, round_):
    page = send(client).headers["Location"]
    make_round(label="Round 5", due_on=DUE_ON + 200 * DAY, now=NOW, by=casey)
    assert client.get(page.replace("round-4", "round-5")).status_code == 404


@pytest.mark.parametrize("changes", [{"is_past": True}, {"opened_at": None, "opened_by": None}])
def test_a_round_of_the_past_or_not_yet_open_has_no_such_pages(client, round_, changes):
    Round.objects.update(**changes)
    assert [client.get(page).status_code for page in (PAGE, REMIND)] == [404, 404]


def test_the_page_of_the_round_leads_here(client, round_):
    assert f'href="{PAGE}"' in client.get("/staff/rounds/round-4/").content.decode()
