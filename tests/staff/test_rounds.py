"""Rounds: made, changed until they open, opened once, watched."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEvent, User
from progress_updates.models import Round, RoundEntry, State
from staff.forms import suggestion
from tests.factories.accounts import make_caseworker, sign_in
from tests.factories.progress_updates import make_entry, make_round, make_update
from tests.factories.signatories import make_public_pledge_maker

pytestmark = pytest.mark.django_db
DATES = {
    "period_from": date(2026, 10, 1),
    "period_to": date(2027, 3, 31),
    "opens_on": date(2027, 4, 1),
    "due_on": date(2027, 5, 28),
    "closes_on": date(2027, 6, 30),
    "publishes_on": date(2027, 7, 15),
}


@pytest.fixture(autouse=True)
def caseworker(client: Client) -> User:
    user = make_caseworker()
    sign_in(client, user)
    return user


def typed(**changes: object) -> dict[str, str]:
    data = {"label": "Round 4, spring 2027", "word_limit": "800", "guidance": "Be plain."}
    for name, day in {**DATES, **{k: v for k, v in changes.items() if k in DATES}}.items():
        data |= {f"{name}_day": str(day.day), f"{name}_month": str(day.month), f"{name}_year": str(day.year)}
    return data | {k: str(v) for k, v in changes.items() if k not in DATES}


def said(client: Client, url: str) -> list[str]:
    return [str(message) for message in client.get(url).context["messages"]]


def test_a_round_is_made_with_the_dates_that_staff_typed(client: Client, caseworker: User) -> None:
    answer = client.post("/staff/rounds/new/", typed())
    round_ = Round.objects.get()
    assert answer.headers["Location"] == "/staff/rounds/round-4-spring-2027/"
    assert (round_.label, round_.word_limit, round_.guidance) == ("Round 4, spring 2027", 800, "Be plain.")
    assert (round_.period_from, round_.period_to) == (DATES["period_from"], DATES["period_to"])
    london = [timezone.localtime(at).isoformat() for at in (round_.opens_at, round_.due_at, round_.publishes_at)]
    assert london == ["2027-04-01T00:00:00+01:00", "2027-05-28T23:59:59+01:00", "2027-07-15T00:00:00+01:00"]
    assert (round_.opened_at, round_.questions.count()) == (None, 12)
    assert AuditEvent.objects.get(action="round.created").by == caseworker


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"label": ""}, "label", "Enter a name for the round."),
        ({"period_to": date(2026, 9, 1)}, "period_to_day", "The last day of the period must not be before its first"),
        ({"due_on": date(2027, 3, 1)}, "due_on_day", "The due day must not be before the opening day."),
        ({"closes_on": date(2027, 5, 1)}, "closes_on_day", "The closing day must not be before the due day."),
        ({"publishes_on": date(2027, 1, 1)}, "publishes_on_day", "Publication must not be before the opening day."),
        ({"due_on_month": "13"}, "due_on_day", "Due must be a real date, like 27 3 2027."),
        ({"due_on_year": ""}, "due_on_year", "Due must include a year."),
        ({"word_limit": "many"}, "word_limit", "The word limit must be a whole number, like 1000."),
        ({"word_limit": "0"}, "word_limit", "The word limit must be 1 or more."),
        ({"word_limit": "99999999999"}, "word_limit", "The word limit must be 10,000 or fewer."),
        ({"label": "x" * 101}, "label", "Ensure this value has at most 100 characters"),
    ],
)
def test_what_is_wrong_is_said_where_it_is_wrong(client: Client, changes: dict, field: str, sentence: str) -> None:
    html = client.post("/staff/rounds/new/", typed(**changes)).content.decode()
    assert f'<a href="#id_{field}">{sentence}' in html
    assert "<title>Error: " in html
    assert "Be plain.</textarea>" in html
    assert not Round.objects.exists()


@pytest.mark.parametrize("label", ["Round 4, spring 2027", "round 4 SPRING 2027", "?!"])
def test_a_name_that_is_taken_or_makes_no_address_is_refused(client: Client, label: str) -> None:
    make_round(label="Round 4, spring 2027", opened=False)
    html = client.post("/staff/rounds/new/", typed(label=label)).content.decode()
    assert '<a href="#id_label">Another round already has this name.' in html
    assert Round.objects.count() == 1


def test_the_boxes_hold_a_suggestion_six_months_after_the_last_round(client: Client) -> None:
    last = make_round(due_on=date(2026, 11, 20), opened=False)
    found = suggestion(last, date(2026, 11, 22))
    assert (found["due_on"], found["period_from"]) == (date(2027, 5, 20), last.period_to + timedelta(days=1))
    assert found["opens_on"] < found["due_on"] < found["closes_on"] < found["publishes_on"]
    html = client.get("/staff/rounds/new/").content.decode()
    assert "The dates below are a suggestion" in html


def test_every_suggestion_could_be_saved() -> None:
    for today in (date(2026, 1, 1) + timedelta(days=n) for n in range(0, 366, 5)):
        found = suggestion(None, today)
        assert found["period_from"] < found["period_to"] < found["due_on"]
        assert today <= found["opens_on"] < found["due_on"] < found["closes_on"] < found["publishes_on"]


def test_a_question_can_be_changed_until_the_round_opens(client: Client) -> None:
    make_public_pledge_maker()
    round_ = make_round(opened=False)
    url = f"/staff/rounds/{round_.slug}/questions/challenges/"
    data = {"title": "What was hard", "hint": "Say <b>it</b>.", "word_limit": "300"}
    assert client.post(url, data).headers["Location"] == f"/staff/rounds/{round_.slug}/"
    question = round_.questions.get(key="challenges")
    assert (question.title, question.hint, question.word_limit) == ("What was hard", "Say <b>it</b>.", 300)
    assert "Say &lt;b&gt;it&lt;/b&gt;." in client.get(f"/staff/rounds/{round_.slug}/").content.decode()
    client.post(f"/staff/rounds/{round_.slug}/open/")
    answer = client.post(url, {**data, "title": "Too late"})
    assert "The questions were frozen when the round opened." in answer.content.decode()
    assert 'value="Too late"' in answer.content.decode()
    question.refresh_from_db()
    assert question.title == "What was hard"
    assert client.get(url).headers["Location"] == f"/staff/rounds/{round_.slug}/"


def test_before_opening_it_says_how_many_will_owe_an_update(client: Client) -> None:
    makers = [make_public_pledge_maker() for _ in range(3)]
    makers[0].withdrawn_on = timezone.localdate()
    makers[0].save()
    round_ = make_round(opened=False)
    html = client.get(f"/staff/rounds/{round_.slug}/").content.decode()
    assert "2 Pledge Makers will get an entry and owe an update." in html
    assert "1 more has withdrawn from the pledge" in html
    client.post(f"/staff/rounds/{round_.slug}/open/")
    assert RoundEntry.objects.filter(round=round_, why_not_required="").count() == 2


def test_a_round_opens_once(client: Client, caseworker: User) -> None:
    make_public_pledge_maker()
    round_ = make_round(opened=False)
    page = f"/staff/rounds/{round_.slug}/"
    client.post(f"{page}open/")
    assert said(client, page) == ["The round is open. 1 Pledge Maker has an entry."]
    opened_at = Round.objects.get().opened_at
    client.post(f"{page}open/")
    assert said(client, page) == ["This round is open already. Nothing was changed."]
    assert (Round.objects.get().opened_at, Round.objects.get().opened_by) == (opened_at, caseworker)
    assert (RoundEntry.objects.count(), AuditEvent.objects.filter(action="round.opened").count()) == (1, 1)


def test_a_round_past_its_due_date_does_not_open(client: Client) -> None:
    round_ = make_round(due_on=timezone.localdate() - timedelta(days=1), opened=False)
    page = f"/staff/rounds/{round_.slug}/"
    client.post(f"{page}open/")
    assert said(client, page) == ["This round’s due date has passed. Make a new round with later dates."]
    assert Round.objects.get().opened_at is None


def test_each_pledge_maker_has_a_row_with_status_state_and_last_activity(client: Client) -> None:
    now = timezone.now()
    names = ("A draft", "B sent", "C silent")
    makers = [make_public_pledge_maker(name=name, now=now - timedelta(days=9)) for name in names]
    round_ = make_round(now=now - timedelta(days=8))
    for maker, state in zip(makers, (State.DRAFT, State.SUBMITTED), strict=False):
        entry = make_entry(pledge_maker=maker, round_=round_)
        make_update(entry=entry, state=state, now=now - timedelta(days=3))
    rows = client.get(f"/staff/rounds/{round_.slug}/").context["rows"]
    assert [(r.entry.pledge_maker.name, r.status.words, r.state, r.last_activity) for r in rows] == [
        ("A draft", "Not due yet", "Draft", now - timedelta(days=3)),
        ("B sent", "Received on time", "Submitted", now - timedelta(days=3)),
        ("C silent", "Not due yet", "No draft yet", None),
    ]


def test_the_rows_can_be_filtered_by_public_status_and_nothing_else(client: Client) -> None:
    names = ("Sent", "Silent")
    makers = [make_public_pledge_maker(name=name) for name in names]
    round_ = make_round()
    make_update(entry=make_entry(pledge_maker=makers[0], round_=round_), state=State.SUBMITTED)
    page = f"/staff/rounds/{round_.slug}/"

    def shown(query: str) -> list[str]:
        return [row.entry.pledge_maker.name for row in client.get(page + query).context["rows"]]

    assert shown("?status=on_time") == ["Sent"]
    assert shown("?status=not_due_yet") == ["Silent"]
    assert shown("?status=withdrawn") == []
    assert shown("?status=pledge_maker__name") == ["Sent", "Silent"]
