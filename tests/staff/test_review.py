"""The review: what the team reads, what it may press, and what comes of it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEvent, User
from progress_updates import workflow
from progress_updates.models import ProgressUpdate, State, StatusChange
from progress_updates.snapshots import fingerprint
from tests.factories.accounts import make_administrator, make_caseworker, make_publisher, sign_in
from tests.factories.progress_updates import leader_of, make_entry, make_round, make_update, take, writer_of
from tests.factories.signatories import make_public_pledge_maker

pytestmark = pytest.mark.django_db
HOSTILE = "<script>alert(1)</script> & “quotes” {{ 7|add:7 }}"


@pytest.fixture
def caseworker(client: Client) -> User:
    user = make_caseworker()
    sign_in(client, user)
    return user


@pytest.fixture
def publisher(client: Client) -> User:
    user = make_publisher()
    sign_in(client, user)
    return user


def page_of(update: ProgressUpdate) -> str:
    return f"/staff/updates/{update.pk}/"


def press(client: Client, update: ProgressUpdate, button: str, **more: str) -> str:
    """Presses a button of the page as it stands now; the sentence that the next page says."""
    last = update.changes.order_by("at", "pk").last()
    return press_on_page(client, update, button, str(last.pk if last else 0), **more)


def press_on_page(client: Client, update: ProgressUpdate, button: str, seen: str, **more: str) -> str:
    answer = client.post(f"{page_of(update)}{button}/", {"seen": seen, **more})
    assert (answer.status_code, answer.headers["Location"]) == (302, page_of(update))
    sentences = [str(message) for message in client.get(page_of(update)).context["messages"]]
    update.refresh_from_db()
    assert len(sentences) == 1
    return sentences[0]


def buttons_on(client: Client, update: ProgressUpdate) -> set[str]:
    html = client.get(page_of(update)).content.decode()
    names = ("start-review", "send-back", "accept", "publish", "undo-publication")
    return {name for name in names if f'action="{page_of(update)}{name}/"' in html}


BUTTONS = {
    State.DRAFT: (set(), set()),
    State.AWAITING_SIGN_OFF: (set(), set()),
    State.SUBMITTED: ({"start-review"}, {"start-review"}),
    State.IN_REVIEW: ({"accept", "send-back"}, {"accept", "send-back"}),
    State.RETURNED: (set(), set()),
    State.ACCEPTED: (set(), {"publish"}),
    State.PUBLISHED: (set(), {"undo-publication"}),
}


@pytest.mark.parametrize("state", list(BUTTONS))
def test_the_buttons_of_each_state(client: Client, state: State) -> None:
    update = make_update(state=state)
    for person, expected in zip((make_caseworker(), make_publisher()), BUTTONS[state], strict=True):
        sign_in(client, person)
        assert buttons_on(client, update) == expected
    sign_in(client, make_administrator())
    assert buttons_on(client, update) == BUTTONS[state][1]


def test_looking_is_no_review(client: Client, caseworker: User) -> None:
    update = make_update(state=State.SUBMITTED)
    before = StatusChange.objects.count()
    client.get(page_of(update))
    update.refresh_from_db()
    assert (update.state, StatusChange.objects.count()) == (State.SUBMITTED, before)


def test_a_review_from_start_to_publication(client: Client, publisher: User) -> None:
    update = make_update(state=State.SUBMITTED)
    assert press(client, update, "start-review").startswith("The review has started.")
    assert press(client, update, "accept") == "Accepted. A publisher can publish it now."
    assert press(client, update, "publish", when="now") == "Published. Everybody can read it now."
    assert update.state == State.PUBLISHED
    assert press(client, update, "undo-publication").startswith("Publication is undone.")
    assert update.state == State.ACCEPTED
    taken = (
        AuditEvent.objects.filter(by=publisher, action__startswith="update.")
        .order_by("pk")
        .values_list("action", flat=True)
    )
    assert list(taken) == [
        "update.start_review",
        "update.accept",
        "update.publish",
        "update.undo_publication",
    ]


@pytest.mark.parametrize(
    ("state", "button", "said"),
    [
        (State.SUBMITTED, "start-review", "This is done already: the update is “In review”. Nothing was changed."),
        (State.IN_REVIEW, "accept", "This is done already: the update is “Accepted”. Nothing was changed."),
        (State.ACCEPTED, "publish", "This is done already: the update is “Published”. Nothing was changed."),
        (State.PUBLISHED, "undo-publication", "This is done already: the update is “Accepted”. Nothing was changed."),
    ],
)
def test_a_second_press_changes_nothing(client: Client, publisher: User, state: State, button: str, said: str) -> None:
    update = make_update(state=state)
    seen = str(update.changes.latest("pk").pk)
    press_on_page(client, update, button, seen)
    after, changes = update.state, StatusChange.objects.count()
    assert press_on_page(client, update, button, seen) == said
    assert (update.state, StatusChange.objects.count()) == (after, changes)


def test_an_old_page_decides_nothing(client: Client, caseworker: User) -> None:
    update = make_update(state=State.IN_REVIEW)
    old = str(update.changes.latest("pk").pk)
    other, now = make_caseworker(), timezone.now()
    workflow.return_by_staff(update=update, by=other, now=now, reason="Name the partner.")
    take("ask_for_signature", update, writer=writer_of(update.entry.pledge_maker), leader=other, now=now)
    leader = leader_of(update.entry.pledge_maker)
    workflow.sign(update=update, by=leader, now=now, read=fingerprint(update))
    workflow.start_review(update=update, by=other, now=now)
    said = press_on_page(client, update, "accept", old)
    assert said == (
        "This update has moved on since you opened the page. It is now “In review”. Read it again, then decide."
    )
    assert update.state == State.IN_REVIEW


@pytest.mark.parametrize(
    ("state", "button"),
    [
        (State.DRAFT, "start-review"),
        (State.AWAITING_SIGN_OFF, "start-review"),
        (State.SUBMITTED, "accept"),
        (State.RETURNED, "accept"),
        (State.SUBMITTED, "publish"),
        (State.IN_REVIEW, "publish"),
        (State.SUBMITTED, "undo-publication"),
    ],
)
def test_a_step_from_the_wrong_state_is_refused_in_words(
    client: Client, publisher: User, state: State, button: str
) -> None:
    update = make_update(state=state)
    changes = StatusChange.objects.count()
    said = press(client, update, button)
    assert said == f"Somebody was faster: this update is now “{state.label}”. Nothing was changed."
    assert (update.state, StatusChange.objects.count()) == (state, changes)


@pytest.mark.parametrize(("state", "button"), [(State.ACCEPTED, "publish"), (State.PUBLISHED, "undo-publication")])
def test_a_caseworker_cannot_publish(client: Client, caseworker: User, state: State, button: str) -> None:
    update = make_update(state=state)
    assert press(client, update, button) == "Only a publisher can publish."
    assert update.state == state


# --- Sending back ------------------------------------------------------------------------------------------


def test_sending_back_carries_the_reason_and_the_date(client: Client, caseworker: User) -> None:
    update = make_update(state=State.IN_REVIEW)
    day = timezone.localdate() + timedelta(days=14)
    date = {"respond_by_day": str(day.day), "respond_by_month": str(day.month), "respond_by_year": str(day.year)}
    assert press(client, update, "send-back", reason="Name the partner.", **date) == "Sent back, with your words."
    last = update.changes.latest("pk")
    assert (update.state, last.note, last.respond_by, last.by) == (
        State.RETURNED,
        "Name the partner.",
        day,
        caseworker,
    )


def test_sending_back_without_a_reason_is_refused_and_the_date_stays(client: Client, caseworker: User) -> None:
    update = make_update(state=State.IN_REVIEW)
    seen = str(update.changes.latest("pk").pk)
    data = {"seen": seen, "reason": " ", "respond_by_day": "3", "respond_by_month": "March", "respond_by_year": "2099"}
    answer = client.post(f"{page_of(update)}send-back/", data)
    html = answer.content.decode()
    assert answer.status_code == 200
    assert '<a href="#id_reason">Say what they should change.</a>' in html
    assert "<title>Error: " in html
    assert 'value="March"' in html
    update.refresh_from_db()
    assert update.state == State.IN_REVIEW


@pytest.mark.parametrize("faster", ["accept", "return_by_staff"])
def test_a_reason_stays_on_the_page_when_a_colleague_was_faster(client: Client, caseworker: User, faster: str) -> None:
    update = make_update(state=State.IN_REVIEW)
    seen = str(update.changes.latest("pk").pk)
    about = {"reason": "Theirs."} if faster == "return_by_staff" else {}
    getattr(workflow, faster)(update=update, by=make_caseworker(), now=timezone.now(), **about)
    answer = client.post(f"{page_of(update)}send-back/", {"seen": seen, "reason": "My long reason."})
    html = answer.content.decode()
    assert (answer.status_code, "My long reason." in html, "Nothing was changed" in html or "moved on" in html) == (
        409,
        True,
        True,
    )
    assert not update.changes.filter(note="My long reason.").exists()


def test_a_reason_can_be_sent_again_when_the_update_came_round_to_another_review(
    client: Client, caseworker: User
) -> None:
    update = make_update(state=State.IN_REVIEW)
    answer = client.post(f"{page_of(update)}send-back/", {"seen": "0", "reason": "My long reason."})
    assert answer.status_code == 409
    assert '<details class="govuk-details" open>' in answer.content.decode()
    assert "My long reason.</textarea>" in answer.content.decode()
    assert press(client, update, "send-back", reason="My long reason.") == "Sent back, with your words."


def test_a_reason_for_what_is_not_in_review_stays_on_the_page(client: Client, caseworker: User) -> None:
    update = make_update(state=State.SUBMITTED)
    seen = str(update.changes.latest("pk").pk)
    answer = client.post(f"{page_of(update)}send-back/", {"seen": seen, "reason": "My long reason."})
    assert (answer.status_code, "My long reason.</textarea>" in answer.content.decode()) == (409, True)
    update.refresh_from_db()
    assert update.state == State.SUBMITTED


def test_the_hoped_for_date_is_not_in_the_past(client: Client, caseworker: User) -> None:
    update = make_update(state=State.IN_REVIEW)
    seen = str(update.changes.latest("pk").pk)
    data = {"seen": seen, "reason": "Name it.", "respond_by_day": "3", "respond_by_month": "3"}
    answer = client.post(f"{page_of(update)}send-back/", {**data, "respond_by_year": "2020"})
    assert "Choose a day that is not in the past." in answer.content.decode()
    update.refresh_from_db()
    assert update.state == State.IN_REVIEW


def test_a_reason_with_markup_is_shown_as_typed(client: Client, caseworker: User) -> None:
    update = make_update(state=State.IN_REVIEW, text=HOSTILE)
    assert (
        "&lt;script&gt;alert(1)&lt;/script&gt; &amp; “quotes” {{ 7|add:7 }}"
        in client.get(page_of(update)).content.decode()
    )
    press(client, update, "send-back", reason=HOSTILE)
    html = client.get(page_of(update)).content.decode()
    assert "<script>alert" not in html
    assert html.count("&lt;script&gt;alert(1)&lt;/script&gt;") > 10


# --- Publishing --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("state", "button"), [(State.ACCEPTED, "publish"), (State.PUBLISHED, "undo-publication")])
def test_publishing_asks_for_a_fresh_proof(client: Client, state: State, button: str) -> None:
    update = make_update(state=state)
    sign_in(client, make_publisher(), fresh=False)
    answer = client.post(f"{page_of(update)}{button}/", {"seen": str(update.changes.latest("pk").pk)})
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/account/confirm/?next=%2Fstaff%2Fupdates%2F{update.pk}%2F"
    update.refresh_from_db()
    assert update.state == state


def test_publication_can_wait_for_the_round(client: Client, publisher: User) -> None:
    update = make_update(state=State.ACCEPTED)
    assert "with the round</button>" in client.get(page_of(update)).content.decode()
    said = press(client, update, "publish", when="later")
    assert said == "It will be published at the round’s publication time."
    assert (update.state, update.publish_at) == (State.ACCEPTED, update.entry.round.publishes_at)
    assert "with the round</button>" not in client.get(page_of(update)).content.decode()
    planned = AuditEvent.objects.filter(action="update.publication_planned")
    assert planned.count() == 1
    assert press(client, update, "publish", when="later") == "This is planned already. Nothing was changed."
    assert planned.count() == 1
    assert press(client, update, "publish", when="now") == "Published. Everybody can read it now."


def test_after_24_hours_there_is_no_undo(client: Client, publisher: User) -> None:
    now = timezone.now()
    update = make_update(state=State.PUBLISHED, now=now - timedelta(hours=25))
    assert buttons_on(client, update) == set()
    said = press(client, update, "undo-publication")
    assert said == "Publication can be undone for 24 hours. That time has passed."
    assert update.state == State.PUBLISHED


# --- Whose words are shown ---------------------------------------------------------------------------------

SIGNED, LATER = "What the leader signed.", "Words that are nobody else’s yet."


def rewrite(update: ProgressUpdate) -> None:
    update.answers.update(text=LATER)
    assert update.answers.filter(text=LATER).exists()


@pytest.mark.parametrize("state", [State.DRAFT, State.AWAITING_SIGN_OFF])
def test_the_words_of_a_draft_are_the_pledge_makers_own(client: Client, caseworker: User, state: State) -> None:
    update = make_update(state=state, text=LATER)
    html = client.get(page_of(update)).content.decode()
    assert LATER not in html
    assert str(state.label) in html
    assert "A draft is the Pledge Maker’s own." in html


def test_after_a_return_what_was_signed_stays_readable_and_the_new_words_do_not_show(
    client: Client, caseworker: User
) -> None:
    update = make_update(state=State.RETURNED, text=SIGNED)
    rewrite(update)
    html = client.get(page_of(update)).content.decode()
    assert SIGNED in html
    assert LATER not in html
    assert "Below is what was signed on" in html


def test_what_was_recalled_is_not_shown(client: Client, caseworker: User) -> None:
    update = make_update(state=State.SUBMITTED, text=SIGNED)
    assert SIGNED in client.get(page_of(update)).content.decode()
    workflow.recall(update=update, by=writer_of(update.entry.pledge_maker), now=timezone.now())
    assert SIGNED not in client.get(page_of(update)).content.decode()


def test_a_recall_after_a_return_shows_what_was_signed_first(client: Client, caseworker: User) -> None:
    update = make_update(state=State.RETURNED, text=SIGNED)
    maker, now = update.entry.pledge_maker, timezone.now()
    rewrite(update)
    for step in ("ask_for_signature", "sign"):
        take(step, update, writer=writer_of(maker), leader=leader_of(maker), now=now)
    assert LATER in client.get(page_of(update)).content.decode()
    take("recall", update, writer=writer_of(maker), leader=leader_of(maker), now=now)
    html = client.get(page_of(update)).content.decode()
    assert SIGNED in html
    assert LATER not in html


def test_last_round_stands_beside_each_section(client: Client, caseworker: User) -> None:
    before = timezone.now() - timedelta(days=200)
    maker = make_public_pledge_maker(now=before)
    first = make_round(label="Round 3", now=before)
    make_update(entry=make_entry(pledge_maker=maker, round_=first), state=State.PUBLISHED, now=before, text=SIGNED)
    now = timezone.now()
    second = make_entry(pledge_maker=maker, round_=make_round(label="Round 4", now=now))
    update = make_update(entry=second, state=State.SUBMITTED, now=now, text="We did more.")
    html = client.get(page_of(update)).content.decode()
    boxes = html.split('<div class="beside">')[1:]
    assert len(boxes) == update.answers.count()
    assert all("In Round 3" in box for box in boxes)
    assert sum(SIGNED in box.split("</details>")[0] for box in boxes) == 11


def test_the_page_takes_the_same_queries_however_long_the_history(
    client: Client, publisher: User, django_assert_num_queries
) -> None:
    update = make_update(state=State.SUBMITTED)
    with django_assert_num_queries(8):
        client.get(page_of(update))
    maker, now = update.entry.pledge_maker, timezone.now()
    for step in ("recall", "ask_for_signature", "sign") * 3:
        take(step, update, writer=writer_of(maker), leader=leader_of(maker), now=now)
    with django_assert_num_queries(8):
        client.get(page_of(update))
