"""A contributor who is limited to some objectives reads everything and writes only there; a reader writes nothing."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from progress_updates import drafting, workflow
from progress_updates.drafting import AnswerInput
from progress_updates.models import Answer, ProgressUpdate, State
from progress_updates.permissions import NotAllowed, is_alone
from signatories.models import Membership, Role
from tests.factories.accounts import sign_in
from tests.factories.progress_updates import leader_of, make_entry, make_round, make_update, writer_of
from tests.factories.sections import fill
from tests.factories.signatories import make_member, make_public_pledge_maker

pytestmark = pytest.mark.django_db
NOW = timezone.now()
OTHERS = ("why", "objective-1", "good-practice", "next-steps", "sign-off")


@pytest.fixture
def update() -> ProgressUpdate:
    return make_update(complete=False, now=NOW)


@pytest.fixture
def limited(update: ProgressUpdate) -> Membership:
    """A contributor who writes about objectives 2 and 5."""
    member = make_member(pledge_maker=update.entry.pledge_maker, role=Role.CONTRIBUTOR, name="Connie", now=NOW)
    Membership.objects.filter(pk=member.pk).update(objectives=[2, 5])
    member.refresh_from_db()
    return member


def save(update: ProgressUpdate, key: str, by: Membership, text: str = "Mine.") -> Answer:
    answer = update.answers.select_related("question").get(question__key=key)
    content = AnswerInput(text=text)
    return drafting.save_answer(
        update=update, question=answer.question, content=content, version=answer.version, by=by.user, now=NOW
    )


def address(update: ProgressUpdate, page: str = "") -> str:
    return f"/workspace/{update.entry.pledge_maker.slug}/{update.entry.round.slug}/{page}"


def words_of(update: ProgressUpdate, key: str) -> str:
    return update.answers.get(question__key=key).text


# --- The domain --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["objective-2", "objective-5"])
def test_a_limited_contributor_writes_in_their_objectives(
    update: ProgressUpdate, limited: Membership, key: str
) -> None:
    assert save(update, key, limited).text == "Mine."


@pytest.mark.parametrize("key", OTHERS)
def test_a_limited_contributor_saves_nothing_elsewhere(update: ProgressUpdate, limited: Membership, key: str) -> None:
    before = words_of(update, key)
    with pytest.raises(NotAllowed, match="You write about objectives 2 and 5"):
        save(update, key, limited)
    assert words_of(update, key) == before


@pytest.mark.parametrize("key", ["why", "objective-2"])
def test_a_reader_saves_nothing_anywhere(update: ProgressUpdate, key: str) -> None:
    reader = make_member(pledge_maker=update.entry.pledge_maker, role=Role.READER, now=NOW)
    before = words_of(update, key)
    with pytest.raises(NotAllowed, match="You can read this update, but not write in it"):
        save(update, key, reader)
    assert words_of(update, key) == before


def test_a_limit_that_ends_lets_them_write_everywhere_again(update: ProgressUpdate, limited: Membership) -> None:
    Membership.objects.filter(pk=limited.pk).update(objectives=[])
    assert save(update, "why", limited).text == "Mine."


def test_what_touches_the_whole_update_is_not_theirs(update: ProgressUpdate, limited: Membership) -> None:
    fill(update, by=writer_of(update.entry.pledge_maker), now=NOW)
    with pytest.raises(NotAllowed, match="You write about objectives 2 and 5"):
        workflow.ask_for_signature(update=update, by=limited.user, now=NOW)
    workflow.ask_for_signature(update=update, by=writer_of(update.entry.pledge_maker), now=NOW)
    assert workflow.steps_open_to(update=update, by=limited.user, now=NOW) == []


def test_a_recall_is_not_theirs(limited: Membership) -> None:
    sent = make_update(state=State.SUBMITTED, now=NOW)
    Membership.objects.filter(pk=limited.pk).update(pledge_maker=sent.entry.pledge_maker)
    assert workflow.steps_open_to(update=sent, by=limited.user, now=NOW) == []
    Membership.objects.filter(pk=limited.pk).update(objectives=[])
    assert [step.name for step in workflow.steps_open_to(update=sent, by=limited.user, now=NOW)] == ["recall"]


def test_beside_a_limited_contributor_a_leader_is_alone_and_may_sign_what_they_asked_for() -> None:
    maker = make_public_pledge_maker(now=NOW)
    member = make_member(pledge_maker=maker, role=Role.CONTRIBUTOR, now=NOW)
    assert is_alone(maker) is False
    Membership.objects.filter(pk=member.pk).update(objectives=[2])
    assert is_alone(maker) is True


# --- The pages ---------------------------------------------------------------------------------------------


@pytest.fixture
def office(client: Client, limited: Membership) -> Client:
    return sign_in(client, limited.user)


def test_the_list_says_what_can_only_be_read(office: Client, update: ProgressUpdate) -> None:
    answer = office.get(address(update))
    hints = {task.url.split("/")[-2]: task.hint for task in answer.context["tasks"]}
    readable = {key for key, hint in hints.items() if hint == "You can read this"}
    assert readable == set(hints) - {"objective-2", "objective-5"}
    assert "You write about objectives 2 and 5. You can read everything else." in answer.content.decode()


def test_others_read_no_such_hint(client: Client, update: ProgressUpdate) -> None:
    sign_in(client, writer_of(update.entry.pledge_maker))
    answer = client.get(address(update))
    assert {task.hint for task in answer.context["tasks"]} == {""}
    assert "You can read everything else." not in answer.content.decode()


def test_a_section_of_theirs_has_boxes_and_another_is_read(office: Client, update: ProgressUpdate) -> None:
    other = writer_of(update.entry.pledge_maker)
    answer = update.answers.get(question__key="objective-1")
    drafting.save_answer(
        update=update,
        question=answer.question,
        content=AnswerInput(text="What others wrote."),
        version=answer.version,
        by=other,
        now=NOW,
    )
    assert 'name="text"' in office.get(address(update, "objective-2/")).content.decode()
    page = office.get(address(update, "objective-1/")).content.decode()
    assert ('name="text"' in page, "What others wrote." in page) == (False, True)
    assert "You can read this. You write about objectives 2 and 5; a coordinator can change that." in page


@pytest.mark.parametrize("quietly", [True, False])
def test_what_is_sent_to_another_section_is_refused_and_not_lost(
    office: Client, update: ProgressUpdate, *, quietly: bool
) -> None:
    typed = {"text": "My words about objective 1.", "edit": "0", "rating": "prioritised"}
    headers = {"X-Requested-With": "autosave"} if quietly else {}
    answer = office.post(address(update, "objective-1/"), typed, headers=headers)
    assert words_of(update, "objective-1") == ""
    if quietly:
        assert (answer.status_code, "You write about objectives 2 and 5" in answer.json()["message"]) == (400, True)
    else:
        assert (answer.status_code, "My words about objective 1." in answer.content.decode()) == (403, True)


def two_rounds() -> tuple[Any, ProgressUpdate]:
    """A Pledge Maker that reported last round, and its draft of this one."""
    maker = make_public_pledge_maker(now=NOW - timedelta(days=300))
    before = make_round(due_on=timezone.localdate(NOW) - timedelta(days=180), now=NOW - timedelta(days=200))
    make_update(
        entry=make_entry(pledge_maker=maker, round_=before), state=State.PUBLISHED, now=NOW - timedelta(days=190)
    )
    return maker, make_update(entry=make_entry(pledge_maker=maker, round_=make_round(now=NOW)), complete=False, now=NOW)


@pytest.mark.parametrize(("key", "may"), [("objective-2", True), ("objective-1", False)])
def test_no_change_is_an_answer_in_their_objectives_only(client: Client, key: str, *, may: bool) -> None:
    maker, update = two_rounds()
    member = make_member(pledge_maker=maker, role=Role.CONTRIBUTOR, now=NOW)
    Membership.objects.filter(pk=member.pk).update(objectives=[2])
    sign_in(client, member.user)
    page = client.get(address(update, f"{key}/no-change/")).content.decode()
    assert ('name="reason"' in page) == may
    answer = client.post(address(update, f"{key}/no-change/"), {"reason": "As before.", "edit": "0"})
    assert answer.status_code == (302 if may else 403)
    assert update.answers.get(question__key=key).no_change is may


def test_taking_no_change_back_elsewhere_is_refused(client: Client) -> None:
    maker, update = two_rounds()
    other = make_member(pledge_maker=maker, role=Role.CONTRIBUTOR, now=NOW)
    sign_in(client, other.user).post(address(update, "objective-1/no-change/"), {"reason": "As before.", "edit": "0"})
    Membership.objects.filter(pk=other.pk).update(objectives=[2])
    answer = client.post(address(update, "objective-1/in-full/"))
    assert (answer.status_code, update.answers.get(question__key="objective-1").no_change) == (403, True)


@pytest.mark.parametrize("page", ["check/", "correct/", "recall/", "sign/"])
def test_pages_about_the_whole_update_offer_them_nothing(office: Client, update: ProgressUpdate, page: str) -> None:
    fill(update, by=writer_of(update.entry.pledge_maker), now=NOW)
    answer = office.post(address(update, page), {"note": "A correction.", "reason": "Why."})
    update.refresh_from_db()
    assert (answer.status_code in (302, 403, 404), update.state) == (True, State.DRAFT)


def test_a_complete_update_says_that_somebody_else_asks(office: Client, update: ProgressUpdate) -> None:
    fill(update, by=writer_of(update.entry.pledge_maker), now=NOW)
    answer = office.get(address(update))
    words = "12 of 12 sections are completed. Somebody who writes all of it asks for the signature."
    assert (answer.context["action"].words, answer.context["action"].url) == (words, "")
    assert [task.url for task in answer.context["last_tasks"]] == ["", ""]
    assert office.get(address(update, "check/"))["Location"] == address(update, "read/")


def test_a_limited_contributor_may_begin_the_draft(client: Client) -> None:
    entry = make_entry(now=NOW)
    leader_of(entry.pledge_maker)
    member = make_member(pledge_maker=entry.pledge_maker, role=Role.CONTRIBUTOR, now=NOW)
    Membership.objects.filter(pk=member.pk).update(objectives=[3])
    sign_in(client, member.user)
    typed = {"text": "First words.", "edit": "0", "rating": "prioritised"}
    client.post(f"/workspace/{entry.pledge_maker.slug}/{entry.round.slug}/objective-3/", typed)
    assert entry.updates.get().answers.get(question__key="objective-3").text == "First words."
