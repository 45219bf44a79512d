"""Leaders change, on pages: the last day, what the successor reads and says, what the public and the team see."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from accounts import kept
from mail.models import Message
from progress_updates import after_terms, workflow
from progress_updates.models import State
from progress_updates.permissions import NotAllowed
from progress_updates.snapshots import fingerprint
from signatories import signing, statements, terms
from signatories.models import ChangesAsked, Leader, Membership, Role, Signature, StatementState
from tests.factories.accounts import make_caseworker, make_user, sign_in
from tests.factories.signatories import make_leader, make_statement
from tests.progress_updates.scene import Scene, as_, errors_of, input_value, make_scene, words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return make_scene()


@pytest.fixture
def leader(scene: Scene) -> Leader:
    return scene.maker.leaders.get()


@pytest.fixture
def successor(scene: Scene, leader: Leader) -> Leader:
    """Dr Bello left a week ago; Dr Hosseini accepted today."""
    after_terms.end_term(leader=leader, until_on=ago(7), by=scene.writer, now=scene.now)
    return make_leader(pledge_maker=scene.maker, name="Dr Leila Hosseini", now=scene.now)


def ago(days: int) -> date:
    return timezone.localdate() - timedelta(days=days)


def typed(day: date, **more: str) -> dict[str, str]:
    about = {"until_on_day": str(day.day), "until_on_month": str(day.month), "until_on_year": str(day.year)}
    return about | {"successor": "", "role_title": "", "email": ""} | more


def page(scene: Scene, *parts: str) -> str:
    return "/".join([f"/workspace/{scene.maker.slug}/leaders", *parts, ""])


def last_day(scene: Scene, leader: Leader) -> str:
    return page(scene, str(leader.pk), "last-day")


def public(scene: Scene, client: Client | None = None) -> str:
    return words_of((client or Client()).get(f"/pledge-makers/{scene.maker.slug}/"))


# --- The end of a term ------------------------------------------------------------------------------------


def test_a_coordinator_enters_the_last_day_and_names_the_successor(scene: Scene, leader: Leader) -> None:
    make_caseworker()
    client = as_(scene.writer)
    answer = client.post(
        last_day(scene, leader), typed(ago(7), successor="Leila Hosseini", role_title="Chair", email="L@n.example")
    )
    assert (answer.status_code, answer["Location"]) == (302, page(scene))
    leader.refresh_from_db()
    assert leader.until_on == ago(7)
    assert f"{leader.name} led until" in words_of(client.get(page(scene)))
    assert "Leila Hosseini, Chair, l@n.example" in Message.objects.filter(kind="term_ended_team")[0].text


def test_a_leader_who_ends_their_own_term_leaves_the_workspace(scene: Scene, leader: Leader) -> None:
    client = as_(scene.leader)
    assert "Your last day as a leader" in words_of(client.get(last_day(scene, leader)))
    answer = client.post(last_day(scene, leader), typed(ago(0)))
    assert answer["Location"] == "/workspace/"
    assert client.get(scene.home).status_code == 404


def test_a_day_to_come_is_shown_and_can_be_changed(scene: Scene, leader: Leader) -> None:
    client = as_(scene.writer)
    client.post(last_day(scene, leader), typed(ago(-10)))
    words = words_of(client.get(page(scene)))
    assert "leads until" in words
    assert "Change the last day" in words
    assert as_(scene.leader).get(scene.home).status_code == 200
    client.post(last_day(scene, leader), typed(ago(-20)))
    assert Leader.objects.get().until_on == ago(-20)


@pytest.mark.parametrize(
    ("changed", "errors"),
    [
        (
            {"until_on_day": "", "until_on_month": "", "until_on_year": "", "successor": "Leila"},
            [("#id_until_on_day", "“What is the last day?” needs an answer.")],
        ),
        (
            {"until_on_year": "2099", "successor": "Leila"},
            [("#id_until_on_day", "Choose a day within the next year.")],
        ),
        (
            {"email": "leila@northtown.example"},
            [("#id_successor", "Enter the name of the next leader, or leave all three boxes empty.")],
        ),
    ],
)
def test_what_cannot_be_is_said_at_its_box_and_nothing_typed_is_lost(
    scene: Scene, leader: Leader, changed: dict[str, str], errors: list[tuple[str, str]]
) -> None:
    sent = typed(ago(7), role_title="Chair") | changed
    answer = as_(scene.writer).post(last_day(scene, leader), sent)
    assert errors_of(answer) == errors
    assert {name: input_value(answer, name) for name in sent} == sent
    assert Leader.objects.get().until_on is None


def test_it_asks_for_a_fresh_proof_and_keeps_what_was_typed(scene: Scene, leader: Leader) -> None:
    client = as_(scene.writer, fresh=False)
    answer = client.post(last_day(scene, leader), typed(ago(7), successor="Leila Hosseini"))
    assert answer["Location"].startswith("/account/confirm/")
    assert Leader.objects.get().until_on is None


@pytest.mark.parametrize("role", [Role.CONTRIBUTOR, Role.READER])
def test_others_see_the_leaders_and_no_link(scene: Scene, leader: Leader, role: str) -> None:
    client = as_(scene.member(role))
    assert leader.name in words_of(client.get(page(scene)))
    assert "Enter the last day" not in words_of(client.get(page(scene)))
    assert client.get(last_day(scene, leader)).status_code == 403
    assert client.post(last_day(scene, leader), typed(ago(0))).status_code == 403
    assert Leader.objects.get().until_on is None


def test_for_somebody_elsewhere_none_of_it_exists(scene: Scene, leader: Leader) -> None:
    elsewhere = make_leader()
    mine = f"/workspace/{elsewhere.pledge_maker.slug}/leaders"
    for address in (page(scene), page(scene, "read"), page(scene, "re-affirm"), page(scene, "ask-for-changes")):
        assert as_(elsewhere.user).get(address).status_code == 404
    for address in (last_day(scene, leader), f"{mine}/{leader.pk}/last-day/"):
        assert as_(elsewhere.user).post(address, typed(ago(0))).status_code == 404
    assert Leader.objects.get(pk=leader.pk).until_on is None


def test_who_has_left_cannot_leave_again(scene: Scene, successor: Leader, leader: Leader) -> None:
    answer = as_(scene.writer).get(last_day(scene, leader))
    assert (answer.status_code, answer["Location"]) == (302, page(scene))


# --- Updates that wait for the signature --------------------------------------------------------------------


def test_an_update_waits_for_the_next_leader_who_signs_it(scene: Scene, leader: Leader) -> None:
    update = scene.start(State.AWAITING_SIGN_OFF)
    after_terms.end_term(leader=leader, until_on=ago(0), by=scene.writer, now=scene.now)
    update.refresh_from_db()
    assert update.state == State.AWAITING_SIGN_OFF
    assert "The update for Autumn waits for a signature." in Message.objects.get(kind="term_ended").text
    words = words_of(as_(scene.writer).get(scene.home))
    assert "asked for the signature, and no leader is in office. It waits for the next one." in words
    new = make_leader(pledge_maker=scene.maker, name="Dr Leila Hosseini", now=scene.now)
    assert new.user
    assert "asks for your signature" in words_of(as_(new.user).get(scene.home))
    workflow.sign(update=update, by=new.user, now=scene.now, read=fingerprint(update))
    assert update.signed_by == new


def test_while_another_leader_is_in_office_nothing_is_said_of_it(scene: Scene, leader: Leader) -> None:
    make_leader(pledge_maker=scene.maker, name="Margaret Osei", now=scene.now)
    scene.start(State.AWAITING_SIGN_OFF)
    after_terms.end_term(leader=leader, until_on=ago(0), by=scene.writer, now=scene.now)
    assert "waits for a signature" not in Message.objects.filter(kind="term_ended")[0].text


def test_while_nobody_can_sign_any_writer_takes_it_back(scene: Scene, leader: Leader) -> None:
    update = scene.start(State.AWAITING_SIGN_OFF)
    colleague, reader = scene.member(Role.CONTRIBUTOR), scene.member(Role.READER)
    with pytest.raises(NotAllowed, match="Only the person who asked"):
        workflow.take_back(update=update, by=colleague, now=scene.now)
    after_terms.end_term(leader=leader, until_on=ago(0), by=scene.writer, now=scene.now)
    with pytest.raises(NotAllowed):
        workflow.take_back(update=update, by=reader, now=scene.now)
    workflow.take_back(update=update, by=colleague, now=scene.now)
    assert update.state == State.DRAFT


def test_who_has_left_signs_nothing(scene: Scene, leader: Leader) -> None:
    update = scene.start(State.AWAITING_SIGN_OFF)
    after_terms.end_term(leader=leader, until_on=ago(-1), by=scene.writer, now=scene.now)
    day_after = scene.now + timedelta(days=2)
    with pytest.raises(NotAllowed, match="Only a leader"):
        workflow.sign(update=update, by=scene.leader, now=day_after, read=fingerprint(update))
    update.refresh_from_db()
    assert (update.state, update.signed_by) == (State.AWAITING_SIGN_OFF, None)


def test_the_last_day_is_not_before_the_update_that_they_signed(scene: Scene, leader: Leader) -> None:
    scene.start(State.SUBMITTED)
    with pytest.raises(terms.Refused, match="The last day cannot be before that"):
        after_terms.end_term(leader=leader, until_on=ago(1), by=scene.writer, now=scene.now)
    after_terms.end_term(leader=leader, until_on=ago(0), by=scene.writer, now=scene.now)


def test_a_former_leaders_name_stays_on_what_they_signed(scene: Scene, successor: Leader, leader: Leader) -> None:
    report = words_of(Client().get(f"/pledge-makers/{scene.maker.slug}/{scene.last_round.slug}/"))
    assert leader.name in report
    assert leader.name in words_of(Client().get(f"/pledge-makers/{scene.maker.slug}/statement/v1/"))


# --- The successor reads, and speaks ------------------------------------------------------------------------


def test_the_start_page_offers_the_pledge_without_pressing(scene: Scene, successor: Leader) -> None:
    client = client_of(successor)
    words = words_of(client.get(scene.home))
    assert "The pledge that you have taken over" in words
    assert "Nothing is asked of you now" not in words
    read = words_of(client.get(page(scene, "read")))
    for there in ("We want everyone in Northtown to get the same good care.", "What they promised to do next",
                  "Publish the figures", "Meet the network", "Not now", "Re-affirm the pledge"):  # fmt: skip
        assert there in read
    assert words_of(client.get(scene.home)) == words


def client_of(leader: Leader, **about: Any) -> Client:
    assert leader.user
    return as_(leader.user, **about)


def test_reading_tells_what_became_of_each_promise(scene: Scene, successor: Leader) -> None:
    update = scene.start(State.PUBLISHED)
    assert update.state == State.PUBLISHED
    read = words_of(client_of(successor).get(page(scene, "read")))
    assert "Of 8 earlier next steps, 8 are done." in read


def test_reading_takes_a_fixed_number_of_queries(scene: Scene, successor: Leader, django_assert_num_queries) -> None:
    client = client_of(successor)
    with django_assert_num_queries(READ_QUERIES):
        client.get(page(scene, "read"))
    scene.start(State.PUBLISHED)
    with django_assert_num_queries(READ_QUERIES):
        client.get(page(scene, "read"))


READ_QUERIES = 10


def test_the_successor_reaffirms_and_everybody_reads_it(scene: Scene, successor: Leader) -> None:
    client = client_of(successor)
    assert "Dr Leila Hosseini Chief executive" in public(scene)
    assert "Awaiting re-affirmation" in public(scene)
    form = client.get(page(scene, "re-affirm"))
    assert form.context["form"].initial == {
        "name": "Dr Leila Hosseini", "role_title": "Chief executive", "version": "1"
    }  # fmt: skip
    answer = client.post(page(scene, "re-affirm"), {"version": "1", "name": "Dr Leila Hosseini", "role_title": "Chair"})
    assert (answer.status_code, answer["Location"]) == (302, scene.home)
    assert "You have re-affirmed the pledge." in words_of(client.get(scene.home))
    assert "taken over" not in words_of(client.get(scene.home))
    profile = fresh_public(scene)
    assert "Awaiting re-affirmation" not in profile
    assert f"Re-affirmed the pledge on {day(timezone.localdate())}" in profile
    statement = words_of(Client().get(f"/pledge-makers/{scene.maker.slug}/statement/v1/?again"))
    assert "Dr Ngozi Bello Chief executive" in statement
    assert f"Dr Leila Hosseini Chair, {scene.maker.name} Re-affirmed on {day(timezone.localdate())}" in statement


def fresh_public(scene: Scene) -> str:
    """Public pages are made once in a minute for each address."""
    return words_of(Client().get(f"/pledge-makers/{scene.maker.slug}/?again"))


def day(value: date | datetime) -> str:
    return f"{value.day} {value:%B %Y}"


def test_a_second_press_signs_once(scene: Scene, successor: Leader) -> None:
    client = client_of(successor)
    for _ in range(2):
        about = {"version": "1", "name": "Dr Leila Hosseini", "role_title": "Chair"}
        assert client.post(page(scene, "re-affirm"), about)["Location"] == scene.home
    assert Signature.objects.filter(leader=successor).count() == 1


def test_who_is_invited_again_on_the_last_day_speaks_for_the_new_term_at_once(scene: Scene, leader: Leader) -> None:
    after_terms.end_term(leader=leader, until_on=ago(0), by=scene.writer, now=scene.now)
    again = make_leader(pledge_maker=scene.maker, email=scene.leader.email, now=scene.now)
    assert again.user == scene.leader
    client = as_(scene.leader)
    assert "The pledge that you have taken over" in words_of(client.get(scene.home))
    client.post(page(scene, "re-affirm"), {"version": "1", "name": "Dr Ngozi Bello", "role_title": "Chair"})
    assert Signature.objects.filter(leader=again).exists()


def test_without_name_or_role_it_says_so(scene: Scene, successor: Leader) -> None:
    answer = client_of(successor).post(page(scene, "re-affirm"), {"version": "1", "name": "", "role_title": " "})
    assert errors_of(answer) == [("#id_name", "Enter your full name."), ("#id_role_title", "Enter your role.")]
    assert not Signature.objects.filter(leader=successor).exists()


@pytest.mark.parametrize("name", ["re-affirm", "ask-for-changes"])
def test_what_was_replaced_meanwhile_is_not_spoken_of(scene: Scene, successor: Leader, name: str) -> None:
    other = make_leader(pledge_maker=scene.maker, name="Margaret Osei", now=scene.now)
    make_statement(leader=other, state=StatementState.PUBLISHED, why="Again.", now=scene.now)
    answer = client_of(successor).post(
        page(scene, name), {"version": "1", "name": "N", "role_title": "R", "words": "Words that stay."}
    )
    assert "A newer version is published now. Read it first." in words_of(answer)
    assert not Signature.objects.filter(leader=successor).exists()
    assert not ChangesAsked.objects.exists()
    assert name == "re-affirm" or "Words that stay." in answer.content.decode()


def test_signing_it_needs_a_fresh_proof_and_reading_does_not(scene: Scene, successor: Leader) -> None:
    client = client_of(successor, fresh=False)
    assert client.get(page(scene, "read")).status_code == 200
    assert client.get(page(scene, "re-affirm"))["Location"].startswith("/account/confirm/")
    answer = client.post(page(scene, "re-affirm"), {"version": "1", "name": "N", "role_title": "R"})
    assert answer["Location"].startswith("/account/confirm/")
    assert not Signature.objects.filter(leader=successor).exists()


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.CONTRIBUTOR, Role.READER])
def test_only_a_leader_reads_it_so_and_speaks(scene: Scene, successor: Leader, role: str) -> None:
    client = as_(scene.member(role))
    for name in ("read", "re-affirm", "ask-for-changes"):
        assert client.get(page(scene, name)).status_code == 403
    for name in ("re-affirm", "ask-for-changes"):
        answer = client.post(page(scene, name), {"version": "1", "name": "N", "role_title": "R", "words": "W"})
        assert answer.status_code == 403
    assert Signature.objects.count() == 1
    assert not ChangesAsked.objects.exists()


def test_changes_asked_for_reach_the_coordinator_who_begins_a_new_version(scene: Scene, successor: Leader) -> None:
    client, writer = client_of(successor), as_(scene.writer)
    nothing = client.post(page(scene, "ask-for-changes"), {"version": "1", "words": ""})
    assert errors_of(nothing) == [("#id_words", "Say what should change.")]
    client.post(page(scene, "ask-for-changes"), {"version": "1", "words": "Say more about access."})
    card = words_of(writer.get(scene.home))
    assert "Dr Leila Hosseini asks for changes" in card
    assert "Say more about access." in card
    assert "You asked for changes on" in words_of(client.get(scene.home))
    assert "Say more about access." in words_of(client.get(page(scene, "read")))
    assert "Say more about access." not in fresh_public(scene)
    draft = statements.start(pledge_maker=scene.maker, by=scene.writer, now=scene.now)
    assert "Version 2 is being written." in words_of(client.get(page(scene, "read")))
    assert successor.user
    about = {"name": "Dr Leila Hosseini", "role_title": "Chair", "joins_network": True}
    signing.sign(statement=draft, leader=successor, edit=draft.edit, by=successor.user, now=scene.now, **about)
    assert "asks for changes" not in words_of(writer.get(scene.home))
    assert "taken over" not in words_of(client.get(scene.home))


def test_words_that_came_after_the_session_had_ended_stand_in_the_box_again(scene: Scene, successor: Leader) -> None:
    user = successor.user
    assert user
    client, address = as_(user), page(scene, "ask-for-changes")
    Session.objects.all().delete()
    sent = {"version": "1", "words": "Name the second hospital.", "written_by": kept.mark_of(user)}
    assert client.post(address, sent).status_code == 401
    sign_in(client, user)
    assert client.head(address).status_code == 200
    assert "Name the second hospital.</textarea>" in client.get(address).content.decode()
    assert not ChangesAsked.objects.exists()


def test_when_nobody_leads_the_coordinator_reads_so(scene: Scene, leader: Leader) -> None:
    after_terms.end_term(leader=leader, until_on=ago(1), by=scene.writer, now=scene.now)
    assert "No leader is in office" in words_of(as_(scene.writer).get(scene.home))
    assert "No leader at present. The pledge stands." in public(scene)
    assert "No leader is in office" not in words_of(as_(scene.member(Role.READER)).get(scene.home))


# --- What the team sees -------------------------------------------------------------------------------------


def test_the_team_sees_who_is_awaited_and_where_nobody_leads(scene: Scene, leader: Leader) -> None:
    team = as_(make_caseworker())
    address = f"/staff/pledge-makers/{scene.maker.slug}/"
    assert "Awaiting re-affirmation" not in words_of(team.get(address))
    after_terms.end_term(leader=leader, until_on=ago(1), by=scene.writer, now=scene.now)
    assert "No leader is in office." in words_of(team.get(address))
    new = make_leader(pledge_maker=scene.maker, name="Dr Leila Hosseini", now=scene.now)
    assert "Awaiting re-affirmation" in words_of(team.get(address))
    assert new.user
    statement = statements.published(scene.maker)
    assert statement
    terms.ask_for_changes(leader=new, statement=statement, words="More.", by=new.user, now=scene.now)
    assert "Asked for changes on" in words_of(team.get(address))
    assert [row.name for row in terms.waiting(timezone.localdate())] == [scene.maker.name]


def test_on_the_last_day_the_team_is_offered_no_other(scene: Scene, leader: Leader) -> None:
    client, page_of_it = as_(make_caseworker()), f"/staff/pledge-makers/{scene.maker.slug}/"
    assert "Enter the last day" in words_of(client.get(page_of_it))
    after_terms.end_term(leader=leader, until_on=ago(0), by=scene.writer, now=scene.now)
    words = words_of(client.get(page_of_it))
    assert leader.name in words
    assert ("Enter the last day" in words, "Change the last day" in words) == (False, False)


def test_the_team_ends_a_term_after_a_look(scene: Scene, leader: Leader) -> None:
    team = as_(make_caseworker())
    address = f"/staff/pledge-makers/{scene.maker.slug}/change/leader/{leader.pk}/leaves/"
    later = ago(-30)
    about = {"on_day": str(later.day), "on_month": str(later.month), "on_year": str(later.year)}
    assert f"{leader.name} leads until the end of {day(later)}" in words_of(team.post(address, about | {"look": "1"}))
    assert team.post(address, about | {"confirmed": "1"}).status_code == 302
    assert Leader.objects.get().until_on == later
    assert Membership.objects.get(user=scene.leader).ended_at is None
    assert leader.name in words_of(team.get(f"/staff/pledge-makers/{scene.maker.slug}/change/"))


def test_a_stranger_ends_nothing(scene: Scene, leader: Leader) -> None:
    with pytest.raises(PermissionDenied, match="Only the leader, a coordinator or the Synergi team"):
        after_terms.end_term(leader=leader, until_on=ago(0), by=make_user(), now=scene.now)
    assert Leader.objects.get().until_on is None
