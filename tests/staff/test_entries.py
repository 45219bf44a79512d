"""One Pledge Maker in one round, more time for many, other dates, and withholding: the pages of the team."""

import re
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from mail.models import Message
from progress_updates import beside, extensions, not_required
from progress_updates.models import Extension, ExtensionRequest, ProgressUpdate, Round, RoundEntry, State
from tests.factories.accounts import make_caseworker, make_publisher, sign_in
from tests.factories.progress_updates import leader_of, make_entry, make_round, make_update, writer_of
from tests.factories.signatories import make_public_pledge_maker
from tests.progress_updates.scene import box, errors_of, words_of

pytestmark = pytest.mark.django_db
NAMES = {
    "entry": (),
    "cover_entry": (),
    "excuse_entry": (),
    "require_entry": (),
    "entry_words": (),
    "take_words_away": ("late_reason",),
}


@pytest.fixture
def caseworker(client: Client) -> User:
    user = make_caseworker()
    sign_in(client, user)
    return user


@pytest.fixture
def entries() -> list[RoundEntry]:
    makers = [
        make_public_pledge_maker(name=name) for name in ("Eastmere Together", "Northtown Trust", "Westmarsh Trust")
    ]
    round_ = make_round(label="Autumn")
    return [make_entry(pledge_maker=maker, round_=round_) for maker in makers]


def url(name: str, entry: RoundEntry, *more: str) -> str:
    return reverse(f"staff:{name}", args=[entry.round.slug, entry.pledge_maker.slug, *more])


def day(name: str, value: date) -> dict[str, str]:
    return {f"{name}_day": str(value.day), f"{name}_month": str(value.month), f"{name}_year": str(value.year)}


def said(client: Client, response) -> list[str]:
    return [str(message) for message in client.get(response["Location"]).context["messages"]]


def make_late(entry: RoundEntry) -> RoundEntry:
    long_ago = timezone.now() - timedelta(days=3)
    RoundEntry.objects.filter(pk=entry.pk).update(due_at=long_ago)
    entry.refresh_from_db()
    return entry


# --- One entry ---------------------------------------------------------------------------------------------


def test_the_page_says_what_the_public_reads_and_who_did_what(client: Client, caseworker: User, entries) -> None:
    entry = entries[0]
    now = timezone.now()
    due_on = timezone.localdate(entry.due_at) + timedelta(days=5)
    extensions.ask(
        entry=entry,
        wanted_on=due_on,
        reason="Our lead is ill.",
        by=writer_of(entry.pledge_maker),
        now=now - timedelta(hours=1),
    )
    extensions.grant(
        round_=entry.round,
        entries=[entry],
        due_on=due_on,
        reason="Agreed.",
        public_words="Illness.",
        by=caseworker,
        now=now,
    )
    words = words_of(client.get(url("entry", entry)))
    assert "Why there is more time, for everybody Illness." in words
    assert "Ama Mensah asked for more time, until" in words
    assert "Our lead is ill." in words
    assert re.search(r"Casey Worker gave more time, until .* Agreed\.", words)
    assert words.index("gave more time") < words.index("asked for more time") < words.index("opened the round")


@pytest.mark.parametrize("many", [1, 5])
def test_the_page_takes_the_same_queries_however_long_the_history_is(
    client: Client, caseworker: User, entries, many: int, django_assert_num_queries
) -> None:
    entry = entries[0]
    for _ in range(many):
        not_required.cover(entry=entry, by_entry=entries[1], by=caseworker, now=timezone.now())
        not_required.uncover(entry=entry, by=caseworker, now=timezone.now())
    with django_assert_num_queries(17):
        assert client.get(url("entry", entry)).status_code == 200


def test_staff_say_that_one_reports_for_another_and_undo_it(client: Client, caseworker: User, entries) -> None:
    covered, covering, _ = entries
    answer = client.post(url("cover_entry", covered), {"with_": covering.pk})
    assert said(client, answer) == ["It is reported with Northtown Trust now."]
    assert "To be reported with Northtown Trust" in words_of(client.get(url("entry", covered)))
    assert "Reports for Eastmere Together" in words_of(client.get(url("entry", covering)))
    assert said(client, client.post(url("require_entry", covered))) == ["Its own update is asked for again."]
    covered.refresh_from_db()
    assert covered.why_not_required == ""


def test_a_cover_that_cannot_be_comes_back_with_words(client: Client, caseworker: User, entries) -> None:
    covered, covering, _ = entries
    response = client.post(url("cover_entry", covered), {"with_": ""})
    assert errors_of(response) == [("#id_with_", "Choose who reports for it.")]
    make_update(entry=covering, state=State.SUBMITTED)
    response = client.post(url("cover_entry", covered), {"with_": covering.pk})
    assert errors_of(response) == [("#id_with_", "That Pledge Maker cannot report for it now. Choose another.")]


def test_staff_ask_for_no_update_and_for_it_again(client: Client, caseworker: User, entries) -> None:
    entry = entries[0]
    assert said(client, client.post(url("excuse_entry", entry))) == ["No update is asked of it in this round now."]
    assert "No. It joined after the round opened." in words_of(client.get(url("entry", entry)))
    assert said(client, client.post(url("require_entry", entry))) == ["Its own update is asked for again."]
    assert said(client, client.post(url("require_entry", entry))) == [
        "This cannot be undone here. Nothing was changed."
    ]


def test_staff_enter_words_on_behalf_and_take_them_away(client: Client, caseworker: User, entries) -> None:
    entry = make_late(entries[0])
    typed = {"late_reason": "Jo was ill.", "right_of_reply": "", "seen": beside.mark_of(entry)}
    assert said(client, client.post(url("entry_words", entry), typed)) == [
        "Saved. Everybody can read it beside the status now."
    ]
    remove = url("take_words_away", entry, "late_reason")
    assert "Jo was ill." in words_of(client.get(remove))
    assert errors_of(client.post(remove, {"reason": ""})) == [
        ("#id_reason", "Say why, so that they can write it again.")
    ]
    assert said(client, client.post(remove, {"reason": "It names somebody."})) == [
        "The words are gone. We have written why."
    ]
    assert client.get(remove)["Location"] == url("entry", entry)
    assert client.get(url("take_words_away", entry, "received_at")).status_code == 404


def test_words_that_somebody_else_changed_come_back_with_both(client: Client, caseworker: User, entries) -> None:
    entry = make_late(entries[0])
    seen = beside.mark_of(entry)
    RoundEntry.objects.filter(pk=entry.pk).update(late_reason="Their own words.")
    response = client.post(url("entry_words", entry), {"late_reason": "My words.", "seen": seen})
    assert (response.status_code, box(response, "late_reason")) == (409, "My words.")
    assert "What stands now The reason given Their own words." in words_of(response)


# --- More time ---------------------------------------------------------------------------------------------


def typed_extension(rows: list[RoundEntry], **more: object) -> dict[str, object]:
    due_on = timezone.localdate(rows[0].due_at) + timedelta(days=6)
    return {
        "who": "all",
        "reason": "The site was down.",
        "public_words": "Our site was down.",
        **day("due_on", due_on),
        **more,
    }


def test_an_outage_is_one_press_after_a_preview(client: Client, caseworker: User, entries) -> None:
    address = f"/staff/rounds/{entries[0].round.slug}/extend/"
    make_update(entry=entries[0], state=State.SUBMITTED)
    for entry in entries:
        leader_of(entry.pledge_maker)
    assert "Everybody whose update we have not received (2)" in words_of(client.get(address))
    preview = client.post(address, typed_extension(entries))
    words = words_of(preview)
    assert "2 Pledge Makers get more time. 2 people are written to." in words
    assert "Everybody will read beside each name: Our site was down." in words
    assert (Extension.objects.count(), Message.objects.filter(kind="more_time_given").count()) == (0, 0)
    hidden = dict(re.findall(r'<input type="hidden" name="(?!csrf)([^"]+)" value="([^"]*)"', preview.content.decode()))
    answer = client.post(address, {**hidden, "confirmed": "yes"})
    assert said(client, answer) == ["2 Pledge Makers have more time."]
    assert set(Extension.objects.get().entries.all()) == {entries[1], entries[2]}


def test_what_was_typed_comes_back_to_be_changed(client: Client, caseworker: User, entries) -> None:
    address = f"/staff/rounds/{entries[0].round.slug}/extend/"
    response = client.post(address, typed_extension(entries, change="yes", who="some", entries=[entries[1].pk]))
    assert box(response, "reason") == "The site was down."
    assert re.findall(r'value="(\d+)" checked', response.content.decode()) == [str(entries[1].pk)]
    assert Extension.objects.count() == 0


def test_some_are_ticked_and_who_was_faster_is_left_out(client: Client, caseworker: User, entries) -> None:
    address = f"/staff/rounds/{entries[0].round.slug}/extend/"
    make_update(entry=entries[0], state=State.SUBMITTED)
    data = typed_extension(entries, who="some", entries=[entries[0].pk, entries[1].pk])
    assert "Left out Eastmere Together: its update was received" in words_of(client.post(address, data))
    answer = client.post(address, {**data, "confirmed": "yes"})
    assert said(client, answer) == ["1 Pledge Maker has more time. 1 was left out."]


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"who": "some"}, ("#id_entries_0", "Tick at least one Pledge Maker.")),
        ({"reason": ""}, ("#id_reason", "Say why, for the record.")),
        ({"who": "nobody"}, ("#id_who_0", "Select a valid choice. nobody is not one of the available choices.")),
        ({"entries": ["999999"], "who": "some"}, ("#id_entries_0", "One of these is not in this round. Look again.")),
    ],
)
def test_errors_stand_at_their_box(client: Client, caseworker: User, entries, more: dict, error: tuple) -> None:
    response = client.post(
        f"/staff/rounds/{entries[0].round.slug}/extend/", typed_extension(entries, confirmed="yes", **more)
    )
    assert (errors_of(response), Extension.objects.count()) == ([error], 0)


def test_more_time_for_many_asks_who_is_there_and_loses_nothing(client: Client, entries) -> None:
    sign_in(client, make_caseworker(), fresh=False)
    address = f"/staff/rounds/{entries[0].round.slug}/extend/"
    answer = client.post(address, typed_extension(entries, confirmed="yes"))
    assert answer["Location"].startswith("/account/confirm/")
    assert Extension.objects.count() == 0
    assert "Our site was down." in words_of(client.get(address))


def test_one_is_ticked_when_the_page_is_opened_for_it(client: Client, caseworker: User, entries) -> None:
    html = client.get(
        f"/staff/rounds/{entries[0].round.slug}/extend/?for={entries[1].pledge_maker.slug}"
    ).content.decode()
    assert re.findall(r'value="([^"]+)" checked', html) == ["some", str(entries[1].pk)]


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_of_more_time_takes_the_same_queries(
    client: Client, caseworker: User, count: int, django_assert_num_queries
) -> None:
    for _ in range(count):
        make_public_pledge_maker()
    round_ = make_round()
    assert round_.entries.count() == count
    with django_assert_num_queries(4):
        client.get(f"/staff/rounds/{round_.slug}/extend/")


@pytest.fixture
def request_(entries) -> ExtensionRequest:
    entry = entries[0]
    wanted_on = timezone.localdate(entry.due_at) + timedelta(days=9)
    by = writer_of(entry.pledge_maker)
    return extensions.ask(entry=entry, wanted_on=wanted_on, reason="Ill.", by=by, now=timezone.now())


def test_a_request_stands_on_the_start_page_and_is_granted(client: Client, caseworker: User, request_) -> None:
    address = f"/staff/more-time/{request_.pk}/"
    assert f'href="{address}"' in client.get("/staff/").content.decode()
    data = {"answer": "give", "reason": "Agreed.", "public_words": "", **day("due_on", request_.wanted_on)}
    assert said(client, client.post(address, data)) == ["Answered. They hear of it by mail."]
    request_.refresh_from_db()
    assert request_.granted.reason == "Agreed."
    assert f'href="{address}"' not in client.get("/staff/").content.decode()


def test_a_request_is_refused_with_words(client: Client, caseworker: User, request_) -> None:
    address = f"/staff/more-time/{request_.pk}/"
    assert errors_of(client.post(address, {"answer": "refuse", "words": ""})) == [
        ("#id_words", "Say why not, so that they know.")
    ]
    client.post(address, {"answer": "refuse", "words": "It goes to print."})
    request_.refresh_from_db()
    assert request_.refusal == "It goes to print."
    late = client.post(address, {"answer": "refuse", "words": "My long answer."})
    assert (late.status_code, "My long answer." in late.content.decode()) == (409, True)
    assert "A colleague has answered this request. Nothing was changed." in words_of(late)


# --- Other dates -------------------------------------------------------------------------------------------


def test_the_due_day_moves_and_people_are_told(client: Client, caseworker: User, entries) -> None:
    round_: Round = entries[0].round
    due_on = timezone.localdate(round_.due_at) + timedelta(days=4)
    typed = {
        **day("due_on", due_on),
        **day("closes_on", timezone.localdate(round_.closes_at)),
        **day("publishes_on", timezone.localdate(round_.publishes_at)),
    }
    address = f"/staff/rounds/{round_.slug}/dates/"
    assert "3 Pledge Makers still owe an update" in words_of(client.get(address))
    assert said(client, client.post(address, typed)) == [
        "The dates are saved. We write to 3 Pledge Makers that still owe an update."
    ]
    assert {timezone.localdate(entry.due_at) for entry in round_.entries.all()} == {due_on}
    past = client.post(address, {**typed, **day("due_on", date(2020, 1, 1))})
    assert errors_of(past) == [("#id_due_on_day", "The due day must not be before the opening day.")]
    assert 'value="2020"' in past.content.decode()


def test_other_dates_ask_who_is_there_and_lose_nothing(client: Client, entries) -> None:
    sign_in(client, make_caseworker(), fresh=False)
    round_ = entries[0].round
    address = f"/staff/rounds/{round_.slug}/dates/"
    typed = {
        **day("due_on", date(2031, 5, 6)),
        **day("closes_on", date(2031, 6, 6)),
        **day("publishes_on", date(2031, 7, 6)),
    }
    assert client.post(address, typed)["Location"].startswith("/account/confirm/")
    assert client.get(address).content.decode().count('value="2031"') == 3


def test_before_the_opening_the_opening_day_can_move(client: Client, caseworker: User) -> None:
    planned = make_round(opened=False)
    words = words_of(client.get(f"/staff/rounds/{planned.slug}/dates/"))
    assert "The round has not opened yet. Nobody is written to. Opens" in words


# --- Withholding -------------------------------------------------------------------------------------------


def test_a_publisher_withholds_and_gives_back(client: Client) -> None:
    sign_in(client, make_publisher())
    update = make_update(state=State.PUBLISHED)
    public = f"/pledge-makers/{update.entry.pledge_maker.slug}/{update.entry.round.slug}/"
    address = f"/staff/updates/{update.pk}/withhold/"
    assert f'href="{address}"' in client.get(f"/staff/updates/{update.pk}/").content.decode()
    assert errors_of(client.post(address, {"note": ""})) == [("#id_note", "Say why, in words that everybody can read.")]
    answer = client.post(address, {"note": "A name is being taken out."})
    assert said(client, answer) == ["Withheld. Its address says so, and shows your words."]
    words = words_of(Client().get(public))
    assert "This update is withheld" in words
    assert "A name is being taken out." in words
    assert Client().get(public.rstrip("/") + ".pdf").status_code == 404
    assert client.get(address)["Location"] == f"/staff/updates/{update.pk}/"
    client.post(f"/staff/updates/{update.pk}/end-withholding/")
    update.refresh_from_db()
    assert update.withheld_at is None


def test_withholding_asks_who_is_there_and_loses_nothing(client: Client) -> None:
    sign_in(client, make_publisher(), fresh=False)
    update = make_update(state=State.PUBLISHED)
    address = f"/staff/updates/{update.pk}/withhold/"
    assert client.post(address, {"note": "A name."})["Location"].startswith("/account/confirm/")
    assert box(client.get(address), "note") == "A name."
    assert client.post(f"/staff/updates/{update.pk}/end-withholding/")["Location"].startswith("/account/confirm/")
    assert ProgressUpdate.objects.get(pk=update.pk).withheld_at is None


def test_a_caseworker_is_not_offered_it_and_cannot_do_it(client: Client, caseworker: User) -> None:
    update = make_update(state=State.PUBLISHED)
    assert "withhold/" not in client.get(f"/staff/updates/{update.pk}/").content.decode()
    for name in ("withhold", "end-withholding", "cancel-publication"):
        client.post(f"/staff/updates/{update.pk}/{name}/", {"note": "x"})
    update.refresh_from_db()
    assert update.withheld_at is None


def test_a_planned_publication_is_cancelled(client: Client) -> None:
    sign_in(client, make_publisher())
    update = make_update(state=State.ACCEPTED)
    seen = update.changes.latest("pk").pk
    client.post(f"/staff/updates/{update.pk}/publish/", {"when": "later", "seen": seen})
    assert "Cancel the planned publication" in words_of(client.get(f"/staff/updates/{update.pk}/"))
    answer = client.post(f"/staff/updates/{update.pk}/cancel-publication/")
    assert said(client, answer) == ["The planned publication is cancelled. The update stays accepted."]
    update.refresh_from_db()
    assert update.publish_at is None
