"""The home of a Pledge Maker, its task list, and who may open what."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from progress_updates import urls, workflow
from progress_updates.models import ProgressUpdate, Round, RoundEntry, State, WhyNotRequired
from signatories.models import Role
from tests.factories.accounts import make_caseworker, sign_in
from tests.factories.progress_updates import leader_of, make_entry, make_round, make_update, writer_of
from tests.factories.signatories import (
    make_leader,
    make_member,
    make_pledge_maker,
    make_public_pledge_maker,
    make_statement,
)
from tests.progress_updates.scene import Scene, as_, make_scene, objective_post, words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return make_scene(last=False)


# --- Home ---------------------------------------------------------------------------------------------


def test_home_says_what_is_asked_now_and_what_was_sent_before() -> None:
    scene = make_scene()
    words = words_of(as_(scene.writer).get(scene.home))
    assert "Your role: Coordinator Northtown Mental Health NHS Trust Autumn · Not due yet Due" in words
    assert "Nobody has started your update yet. Start your update" in words
    assert "Earlier rounds Round Status What was sent Spring ✓ Received on time" in words
    assert "It is published. See the public page , Spring" in words
    assert "Statement of Intent Published Version 1, published on" in words


@pytest.mark.parametrize(
    ("state", "role", "said"),
    [
        (State.DRAFT, Role.COORDINATOR, "0 of 12 sections are completed. Go on with your update"),
        (State.DRAFT, Role.READER, "0 of 12 sections are completed. Read the draft"),
        (State.AWAITING_SIGN_OFF, Role.LEADER, "Ama Mensah asks for your signature. Signing sends"),
        (State.AWAITING_SIGN_OFF, Role.CONTRIBUTOR, "waits for the leader’s signature. Ama Mensah asked for it."),
        (State.SUBMITTED, Role.READER, "The Synergi team has it now. Read what was sent"),
        (State.IN_REVIEW, Role.COORDINATOR, "The Synergi team has it now. Read what was sent"),
        (State.RETURNED, Role.COORDINATOR, "The Synergi team sent it back with a reason. 12 of 12"),
        (State.ACCEPTED, Role.COORDINATOR, "The Synergi team accepted it. It is planned to be published on"),
        (State.PUBLISHED, Role.READER, "It is published. See the public page"),
    ],
)  # fmt: skip
def test_home_has_one_next_action_for_each_role(scene: Scene, state: str, role: str, said: str) -> None:
    scene.start(state)
    assert said in words_of(as_(scene.member(role)).get(scene.home))


def test_a_reader_is_told_who_writes(scene: Scene) -> None:
    words = words_of(as_(scene.member(Role.READER)).get(scene.home))
    assert "Nobody has started your update yet. Your coordinator or a contributor writes it." in words
    assert "Start your update" not in words


def test_home_without_any_round_says_so() -> None:
    maker = make_public_pledge_maker()
    words = words_of(as_(leader_of(maker)).get(f"/workspace/{maker.slug}/"))
    assert "Nothing is asked of you now We write to you when the next round opens." in words


@pytest.mark.parametrize(
    ("state", "role", "said"),
    [
        (None, Role.LEADER, "Write your Statement of Intent"),
        (None, Role.CONTRIBUTOR, "It is not signed yet. Your leader or a coordinator writes it."),
        ("draft", Role.COORDINATOR, "Go on with your Statement of Intent"),
        ("signed", Role.LEADER, "It is signed. The Synergi team reads it and publishes it"),
    ],
)
def test_home_begins_with_the_statement(state: str | None, role: str, said: str) -> None:
    maker = make_pledge_maker()
    if state:
        make_statement(pledge_maker=maker, state=state)
    person = leader_of(maker) if role == Role.LEADER else make_member(pledge_maker=maker, role=role).user
    words = words_of(as_(person).get(f"/workspace/{maker.slug}/"))
    assert said in words
    assert "Nothing is asked of you now" not in words


def test_home_says_when_nothing_is_required(scene: Scene) -> None:
    RoundEntry.objects.filter(pk=scene.entry.pk).update(why_not_required=WhyNotRequired.JOINED_AFTER_OPENING)
    words = words_of(as_(scene.writer).get(scene.home))
    assert "× Not required Joined after the round opened Nothing is asked of you in this round." in words


def test_a_closed_round_without_an_update_is_told_as_it_is(scene: Scene) -> None:
    _close(scene.round)
    words = words_of(as_(scene.writer).get(scene.home))
    assert "This round has closed, and no update was started. The Synergi team can extend it." in words


def test_an_unfinished_earlier_round_stays_among_what_is_asked(scene: Scene) -> None:
    scene.start()
    _close(scene.round)
    words = words_of(as_(scene.writer).get(scene.home))
    assert words.index("0 of 12 sections are completed.") < words.index("Earlier rounds")


@pytest.mark.parametrize("rounds", [1, 3])
def test_home_takes_the_same_queries_for_any_number_of_rounds(rounds: int, django_assert_num_queries) -> None:
    maker = make_public_pledge_maker()
    now = timezone.now()
    for number in range(rounds):
        past = now - timedelta(days=200 * (number + 1))
        entry = make_entry(pledge_maker=maker, round_=make_round(due_on=past.date() + timedelta(days=10), now=past))
        make_update(entry=entry, state=State.PUBLISHED, now=past)
    client = as_(writer_of(maker))
    with django_assert_num_queries(7):
        assert client.get(f"/workspace/{maker.slug}/").status_code == 200


# --- Task list -----------------------------------------------------------------------------------------


def test_looking_never_starts_an_update(scene: Scene) -> None:
    client = as_(scene.writer)
    for page in ("", "objective-1/", "why/", "objective-1/no-change/", "check/", "read/", "statement-of-intent/"):
        client.get(scene.url() + page)
    assert not ProgressUpdate.objects.filter(entry=scene.entry).exists()


def test_the_button_starts_the_update_and_a_second_press_opens_the_same(scene: Scene) -> None:
    client = as_(scene.writer)
    for _press in range(2):
        response = client.post(scene.url("start"))
        assert (response.status_code, response["Location"]) == (302, scene.url())
    assert scene.update().state == State.DRAFT
    assert scene.update().answers.count() == 12


def test_the_task_list_has_honest_statuses(scene: Scene) -> None:
    client = as_(scene.writer)
    client.post(scene.url("objective-1"), objective_post(scene))
    client.post(scene.url("challenges"), {"edit": "0", "text": "Half a thought", "completed": "no", "list": "1"})
    words = words_of(client.get(scene.url()))
    assert "Objective 1: Service change Completed" in words
    assert "Challenges In progress" in words
    assert "Why we are a Pledge Maker Not yet started" in words
    assert "Check your answers and ask for the signature When all sections are completed Cannot start yet" in words
    assert "The leader reads and signs Signing sends the update Cannot start yet" in words


def test_a_complete_draft_can_be_checked(scene: Scene) -> None:
    scene.start(complete=True)
    response = as_(scene.writer).get(scene.url())
    assert f'href="{scene.url("check")}"' in response.content.decode()
    assert "Check your answers and ask for the signature Not yet started" in words_of(response)


@pytest.mark.parametrize("state", list(State))
def test_the_buttons_of_the_task_list_are_the_steps_open_to_the_person(scene: Scene, state: str) -> None:
    update = scene.start(state)
    marks = {
        "take_back": f'action="{scene.url("take-back")}"',
        "recall": f'href="{scene.url("recall")}"',
        "return_by_leader": f'href="{scene.url("return")}"',
        "sign": f'class="govuk-button" href="{scene.url("sign")}"',
    }
    for role in Role:
        user = scene.member(role)
        open_ = {step.name for step in workflow.steps_open_to(update=update, by=user, now=timezone.now())}
        page = as_(user).get(scene.url()).content.decode()
        assert {name for name, mark in marks.items() if mark in page} == open_ & set(marks), role


def test_a_return_stands_on_top_with_its_reason_and_date(scene: Scene) -> None:
    update = scene.start(State.IN_REVIEW)
    day = timezone.localdate() + timedelta(days=7)
    by, reason = make_caseworker(name="Casey Worker"), "Name <the> partner."
    workflow.return_by_staff(update=update, by=by, now=timezone.now(), reason=reason, respond_by=day)
    words = words_of(as_(scene.writer).get(scene.url()))
    assert words.index("Sent back to you by The Synergi team Name <the> partner.") < words.index("Write your update")
    assert f"Please send it again by {day.day} {day:%B %Y}." in words
    assert "Casey Worker" not in words


def test_a_return_that_was_answered_is_history_only(scene: Scene) -> None:
    update = scene.start(State.RETURNED)
    workflow.ask_for_signature(update=update, by=scene.writer, now=timezone.now())
    words = words_of(as_(scene.writer).get(scene.url()))
    assert "Sent back to you" not in words
    assert "The Synergi team sent it back" in words


def test_the_timeline_tells_who_did_what(scene: Scene) -> None:
    scene.start(State.SUBMITTED)
    words = words_of(as_(scene.member(Role.READER)).get(scene.url()))
    assert "What has happened Ama Mensah asked for the signature." in words
    assert "signed and submitted it." in words


def test_a_round_that_has_not_opened_says_when_it_will(scene: Scene) -> None:
    planned = make_round(label="Next year", opened=False)
    response = as_(scene.writer).get(f"{scene.home}{planned.slug}/")
    assert response.status_code == 200
    assert "Next year has not opened yet. It is planned to open on" in words_of(response)
    assert as_(scene.writer).post(f"{scene.home}{planned.slug}/start/").status_code == 404


def test_a_round_that_opened_without_this_pledge_maker_says_so(scene: Scene) -> None:
    RoundEntry.objects.filter(pk=scene.entry.pk).delete()
    assert "Nothing is asked of you in this round." in words_of(as_(scene.writer).get(scene.url()))


def test_a_closed_round_refuses_a_first_start_and_says_why(scene: Scene) -> None:
    _close(scene.round)
    response = as_(scene.writer).post(scene.url("start"))
    assert response.status_code == 403
    assert "This round has closed. Ask the Synergi team for an extension." in words_of(response)
    assert not ProgressUpdate.objects.filter(entry=scene.entry).exists()


@pytest.mark.parametrize(
    ("why", "said"),
    [
        (WhyNotRequired.WITHDRAWN, "No update is asked of you in this round: withdrawn from the pledge."),
        (
            WhyNotRequired.COVERED,
            "No update is asked of you in this round: another Pledge Maker reports for you too.",
        ),
    ],
)
def test_who_is_withdrawn_or_covered_is_not_offered_a_start_and_hears_why(scene: Scene, why: str, said: str) -> None:
    RoundEntry.objects.filter(pk=scene.entry.pk).update(why_not_required=why)
    client = as_(scene.writer)
    assert "Start your update" not in words_of(client.get(scene.url()))
    response = client.post(scene.url("start"))
    assert (response.status_code, said in words_of(response)) == (403, True)
    assert "<textarea" not in client.get(scene.url("objective-1")).content.decode()
    typed = client.post(scene.url("objective-1"), {"edit": "0", "text": "My words", "steps": "1"})
    assert (typed.status_code, "My words" in typed.content.decode()) == (403, True)
    assert not ProgressUpdate.objects.filter(entry=scene.entry).exists()


def test_who_joined_after_the_opening_may_start_of_their_own_accord(scene: Scene) -> None:
    RoundEntry.objects.filter(pk=scene.entry.pk).update(why_not_required=WhyNotRequired.JOINED_AFTER_OPENING)
    client = as_(scene.writer)
    assert "Start your update" in words_of(client.get(scene.url()))
    assert client.post(scene.url("start")).status_code == 302
    assert ProgressUpdate.objects.filter(entry=scene.entry).exists()


def test_an_extension_beyond_the_close_lets_a_start_through(scene: Scene) -> None:
    _close(scene.round)
    RoundEntry.objects.filter(pk=scene.entry.pk).update(extended_to=timezone.now() + timedelta(days=3))
    assert as_(scene.writer).post(scene.url("start")).status_code == 302


def test_the_task_list_takes_a_fixed_number_of_queries(scene: Scene, django_assert_num_queries) -> None:
    scene.start(State.RETURNED)
    client = as_(scene.writer)
    with django_assert_num_queries(14):
        assert client.get(scene.url()).status_code == 200


# --- Reading --------------------------------------------------------------------------------------------


def test_what_was_sent_is_read_from_the_snapshot(scene: Scene) -> None:
    update = scene.start(State.SUBMITTED)
    update.answers.update(text="Changed behind our back")
    words = words_of(as_(scene.member(Role.READER)).get(scene.url("read")))
    assert "As signed by Dr Ngozi Bello, Chief executive, on" in words
    assert "We met local people and changed the rota." in words
    assert "Changed behind our back" not in words


@pytest.mark.parametrize("state", [State.DRAFT, State.RETURNED, State.AWAITING_SIGN_OFF])
def test_a_draft_is_read_as_it_stands_and_says_so(scene: Scene, state: str) -> None:
    update = scene.start(state)
    update.answers.filter(question__key="challenges").update(text="The newest words")
    words = words_of(as_(scene.member(Role.READER)).get(scene.url("read")))
    assert "Draft. As it stands on" in words
    assert "The newest words" in words


def test_what_people_typed_is_never_markup(scene: Scene) -> None:
    hostile = "<script>alert(1)</script> & <b>bold</b>\r\n\r\n- <img src=x onerror=alert(2)>"
    scene.start(complete=True, text=hostile)
    client = as_(scene.writer)
    for page in ("read", "check", "objective-1", "good-practice"):
        text = client.get(scene.url(page)).content.decode()
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
        assert "<script>alert" not in text
        assert "<img src=x" not in text


def test_the_statement_of_intent_is_there_to_read(scene: Scene) -> None:
    words = words_of(as_(scene.member(Role.READER)).get(scene.url("statement-of-intent")))
    assert "For objective 3 we will meet local people each month" in words


# --- Who may open what ------------------------------------------------------------------------------------

MEMBERS = (Role.READER, Role.CONTRIBUTOR, Role.COORDINATOR, Role.LEADER)
# For a complete draft: what reader, contributor, coordinator and leader get.
GET_TABLE = {
    "home": (200, 200, 200, 200),
    "task_list": (200, 200, 200, 200),
    "deadline": (200, 200, 200, 200),
    "start": (405, 405, 405, 405),
    "read": (200, 200, 200, 200),
    "statement": (200, 200, 200, 200),
    "check": (302, 200, 200, 200),
    "asked": (302, 302, 302, 302),
    "take_back": (405, 405, 405, 405),
    "sign": (403, 403, 403, 302),
    "return": (403, 403, 403, 302),
    "signed": (302, 302, 302, 302),
    "recall": (302, 302, 302, 302),
    "more_time": (200, 200, 200, 200),
    "own_words": (403, 403, 302, 302),
    "correct": (403, 302, 302, 302),
    "section": (200, 200, 200, 200),
    "no_change": (200, 200, 200, 200),
    "in_full": (405, 405, 405, 405),
}
POST_TABLE = {
    "home": (405, 405, 405, 405),
    "task_list": (405, 405, 405, 405),
    "deadline": (405, 405, 405, 405),
    "start": (302, 302, 302, 302),
    "read": (405, 405, 405, 405),
    "statement": (405, 405, 405, 405),
    "check": (403, 302, 302, 302),
    "asked": (405, 405, 405, 405),
    "take_back": (403, 403, 403, 403),
    "sign": (403, 403, 403, 302),
    "return": (403, 403, 403, 409),
    "signed": (405, 405, 405, 405),
    "recall": (403, 302, 302, 302),
    "more_time": (403, 403, 200, 200),
    "own_words": (403, 403, 302, 302),
    "correct": (403, 200, 200, 200),
    "section": (403, 302, 302, 302),
    "no_change": (403, 302, 302, 302),
    "in_full": (302, 302, 302, 302),
}
NAMES = ["home", *(pattern.name for pattern in urls.round_pages)]


def test_every_page_has_a_row_in_both_tables() -> None:
    assert list(GET_TABLE) == list(POST_TABLE) == NAMES


def _address(scene: Scene, name: str) -> str:
    if name == "home":
        return scene.home
    route = next(pattern for pattern in urls.round_pages if pattern.name == name).pattern._route
    return scene.url() + route.replace("<slug:section>", "objective-1")


POSTED = {"reason": "Nothing moved.", "edit": "1", "text": "New words", "completed": "no", "list": "1"}


@pytest.mark.parametrize("role", MEMBERS)
def test_each_role_gets_what_the_tables_say(role: str) -> None:
    scene = make_scene()
    update = scene.start(complete=True)
    client, position, found = as_(scene.member(role)), MEMBERS.index(role), {}
    for name in NAMES:
        address = _address(scene, name)
        got = client.get(address).status_code
        with transaction.atomic():
            found[name] = (got, client.post(address, POSTED).status_code)
            transaction.set_rollback(True)
    assert update.is_editable
    assert found == {name: (GET_TABLE[name][position], POST_TABLE[name][position]) for name in NAMES}


def test_a_reader_changes_nothing_anywhere(scene: Scene) -> None:
    update = scene.start(complete=True)
    client = as_(scene.member(Role.READER))
    before = list(update.answers.values())
    for name in NAMES:
        client.post(_address(scene, name), POSTED)
    assert list(update.answers.values()) == before
    assert scene.update().state == State.DRAFT


def test_outsiders_do_not_find_it(scene: Scene) -> None:
    scene.start(complete=True)
    ended = make_member(pledge_maker=scene.maker, role=Role.COORDINATOR)
    ended.ended_at = timezone.now()
    ended.save(update_fields=["ended_at"])
    for user in (make_leader(pledge_maker=make_public_pledge_maker()).user, make_caseworker(), ended.user):
        client = as_(user)
        for name in NAMES:
            assert client.get(_address(scene, name)).status_code == (405 if GET_TABLE[name][0] == 405 else 404)
            wanted = 405 if POST_TABLE[name][0] == 405 else 404
            assert client.post(_address(scene, name), POSTED).status_code == wanted
    assert scene.update().state == State.DRAFT


def test_visitors_and_disabled_accounts_are_asked_to_sign_in(scene: Scene) -> None:
    disabled = sign_in(Client(), scene.writer)
    scene.writer.is_active = False
    scene.writer.save(update_fields=["is_active"])
    for client in (Client(), disabled):
        for name in NAMES:
            response = client.get(_address(scene, name))
            assert response.status_code == 302
            assert response["Location"].startswith("/account/login/?next=")


def test_unknown_rounds_and_sections_are_404(scene: Scene) -> None:
    client = as_(scene.writer)
    for page in ("nowhere/", "autumn/nowhere/", "autumn/nowhere/no-change/", "nowhere/objective-1/"):
        assert client.get(scene.home + page).status_code == 404


def test_forms_without_their_token_change_nothing(scene: Scene) -> None:
    update = scene.start(complete=True)
    client = sign_in(Client(enforce_csrf_checks=True), scene.writer)
    before = list(update.answers.values())
    for name in (name for name, row in POST_TABLE.items() if row[2] != 405):
        assert client.post(_address(scene, name), POSTED).status_code == 403
    assert (list(update.answers.values()), scene.update().state) == (before, State.DRAFT)


def _close(round_: Round) -> None:
    now = timezone.now()
    past = {
        "opens_at": now - timedelta(days=30),
        "due_at": now - timedelta(days=20),
        "closes_at": now - timedelta(days=1),
    }
    Round.objects.filter(pk=round_.pk).update(**past)
    RoundEntry.objects.filter(round=round_).update(due_at=past["due_at"])
