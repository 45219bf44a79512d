"""What comes after the session has ended: kept, given back to the same person only, and never acted upon by itself."""

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.http import HttpResponse, QueryDict
from django.test import Client
from django.utils import timezone

from accounts import erasing, kept
from accounts.models import KeptRequest, User
from pledge_tracker import keeping
from progress_updates.models import ProgressUpdate, State
from progress_updates.snapshots import fingerprint
from signatories.models import Role
from tests.factories.accounts import mailed_code, make_user, sign_in
from tests.progress_updates.scene import Scene, box, input_value, make_scene, words_of

pytestmark = pytest.mark.django_db
TEXT = "Two posts are empty.\r\n\r\n• “Zwölf” & <b>zero</b>\r\n  spaces \t end"
SAVED = TEXT.replace("\r\n", "\n")
SITE = "http://testserver"


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def typed_by(user: User, scene: Scene, **more: str) -> dict[str, str]:
    return {"edit": "0", "text": TEXT, "completed": "yes", "list": "1", "written_by": kept.mark_of(user), **more}


def too_late(scene: Scene, client: Client, *, path: str = "", typed: dict[str, str] | None = None) -> HttpResponse:
    """The writer's page comes when the session is gone."""
    path = path or scene.url("challenges")
    Session.objects.all().delete()
    sent = typed or typed_by(scene.writer, scene)
    return client.post(path, sent, headers={"Referer": f"{SITE}{path}", "Origin": SITE})


def signs_in(client: Client, user: User, next_: str) -> HttpResponse:
    client.post("/account/login/", {"email": user.email, "next": next_})
    return client.post("/account/login/code/", {"code": mailed_code(user.email)})


def hidden(response: HttpResponse) -> dict[str, str]:
    """The form that sends it again, as a browser reads it."""
    form_again = r'<form method="post" action="[^"]*" data-send-again.*?</form>'
    [form] = re.findall(form_again, response.content.decode(), re.DOTALL)
    pairs = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', form, re.DOTALL)
    return {name: html.unescape(value) for name, value in pairs}


def test_where_a_press_does_more_than_save_the_sign_in_promises_no_saving(scene: Scene) -> None:
    path = f"/workspace/{scene.maker.slug}/people/invite/"
    page = words_of(too_late(scene, sign_in(Client(), scene.writer), path=path))
    assert ("Sign in to go on" in page, "Sign in to save what you wrote" in page) == (True, False)
    assert "What you wrote is safe." in page


def test_the_words_on_a_button_are_nobodys() -> None:
    typed = QueryDict("name=Sam+Obi&email=sam%40northtown.example&role=reader&save=Send+the+invitation")
    assert kept.words_in(typed) == [("Name", "Sam Obi"), ("Email", "sam@northtown.example")]


# --- The sign-in in place ------------------------------------------------------------------------------------


def test_a_page_that_comes_too_late_is_answered_with_the_sign_in_in_place(scene: Scene) -> None:
    client = sign_in(Client(), scene.writer)
    response = too_late(scene, client)
    row = KeptRequest.objects.get()
    assert (response.status_code, response["Cache-Control"]) == (401, "no-store, private")
    assert response["WWW-Authenticate"] == 'Session realm="Pledge Tracker"'
    assert "Sign in to save what you wrote" in words_of(response)
    assert "Two posts" not in response.content.decode()
    assert input_value(response, "next") == f"/account/kept/{row.pk}/"
    assert input_value(response, "email") == scene.writer.email
    assert (row.user, row.path) == (scene.writer, scene.url("challenges"))
    assert {"csrfmiddlewaretoken", "written_by"}.isdisjoint(row.body)


def test_after_the_sign_in_one_press_saves_every_character(scene: Scene) -> None:
    client = sign_in(Client(), scene.writer)
    next_ = input_value(too_late(scene, client), "next")
    assert signs_in(client, scene.writer, next_)["Location"] == next_
    page = client.get(next_)
    assert "What Your answer in the progress update Where" in words_of(page)
    assert scene.url("challenges") in words_of(page)
    assert 'data-send-again="press"' in page.content.decode()
    assert not ProgressUpdate.objects.filter(entry=scene.entry).exists()
    answer = client.post(scene.url("challenges"), hidden(page))
    assert answer["Location"] == scene.url()
    assert scene.content("challenges").text == SAVED.rstrip()
    assert KeptRequest.objects.count() == 0
    assert client.get(next_).status_code == 302


def test_what_cannot_be_saved_yet_stays_kept(scene: Scene) -> None:
    """A conflict: both texts are on the page, and the copy waits until one of them is saved."""
    client = sign_in(Client(), scene.writer)
    next_ = input_value(too_late(scene, client), "next")
    leader = sign_in(Client(), scene.leader)
    leader.post(scene.url("challenges"), {"edit": "0", "text": "Theirs", "list": "1"})
    signs_in(client, scene.writer, next_)
    assert client.post(scene.url("challenges"), hidden(client.get(next_))).status_code == 409
    assert KeptRequest.objects.count() == 1


def test_two_tabs_each_come_back_to_their_own_words(scene: Scene) -> None:
    client = sign_in(Client(), scene.writer)
    first = too_late(scene, client)
    second = client.post(scene.url("good-practice"), typed_by(scene.writer, scene))
    addresses = [input_value(response, "next") for response in (first, second)]
    signs_in(client, scene.writer, addresses[0])
    for address, key in zip(addresses, ("challenges", "good-practice"), strict=True):
        client.post(scene.url(key), hidden(client.get(address)))
    assert [scene.content(key).text for key in ("challenges", "good-practice")] == [SAVED.rstrip()] * 2


@pytest.mark.parametrize("other", ["leader", "stranger"])
def test_somebody_else_who_signs_in_in_that_browser_gets_nothing(scene: Scene, other: str) -> None:
    client = sign_in(Client(), scene.writer)
    next_ = input_value(too_late(scene, client), "next")
    person = scene.leader if other == "leader" else make_user(name="Ola Visser")
    signs_in(client, person, next_)
    pages = [client.get(next_), client.get(next_, follow=True), client.get(scene.url("challenges"))]
    assert pages[0].status_code == 302
    assert ["Two posts" in page.content.decode() for page in pages] == [False] * 3
    assert "Somebody else wrote in this browser before you." in words_of(pages[1])
    client.post(scene.url("challenges"), {"edit": "0", "text": "Mine", "sent_again": next_.split("/")[-2]})
    assert KeptRequest.objects.count() == 1


def test_another_browser_of_the_same_person_gets_nothing(scene: Scene) -> None:
    next_ = input_value(too_late(scene, sign_in(Client(), scene.writer)), "next")
    page = sign_in(Client(), scene.writer).get(next_, follow=True)
    assert "Nothing is waiting to be saved here." in words_of(page)
    assert "Two posts" not in page.content.decode()


def test_after_a_day_it_is_given_to_nobody(scene: Scene) -> None:
    client = sign_in(Client(), scene.writer)
    next_ = input_value(too_late(scene, client), "next")
    KeptRequest.objects.update(created_at=timezone.now() - timedelta(hours=24, seconds=1))
    signs_in(client, scene.writer, next_)
    assert "Two posts" not in client.get(next_, follow=True).content.decode()


@pytest.mark.parametrize("mark", ["", "1", "1:forged", "nonsense"])
def test_what_nobody_is_known_to_have_written_is_not_kept_and_shown_for_copying(scene: Scene, mark: str) -> None:
    response = too_late(scene, Client(), typed=typed_by(scene.writer, scene, written_by=mark))
    assert (response.status_code, KeptRequest.objects.count()) == (401, 0)
    assert "We could not keep what you wrote." in words_of(response)
    assert "“Zwölf” & <b>zero</b>" in html.unescape(response.content.decode())
    assert input_value(response, "next") == scene.url("challenges")


def test_too_much_is_not_kept(scene: Scene) -> None:
    signs = "ü" * (kept.LARGEST // 6)
    response = too_late(scene, Client(), typed=typed_by(scene.writer, scene, text=f"a {signs}"))
    assert (response.status_code, KeptRequest.objects.count()) == (401, 0)


def test_a_person_fills_no_table_and_no_session(scene: Scene) -> None:
    client = Client()
    for _number in range(kept.MOST_OF_ONE_PERSON + 2):
        client.post(scene.url("challenges"), typed_by(scene.writer, scene))
    assert KeptRequest.objects.count() == kept.MOST_OF_ONE_PERSON
    assert list(client.session[kept.HELD]) == [str(row.pk) for row in KeptRequest.objects.order_by("pk")]


@pytest.mark.parametrize(("letters", "asked", "left"), [(1900, "?a=" + "b" * 200, 1), (2500, "", 0)])
def test_an_address_that_is_too_long_loses_its_query_or_is_not_kept(letters: int, asked: str, left: int) -> None:
    user, path = make_user(), f"/workspace/{'a' * letters}/people/"
    answer = Client().post(path + asked, {"written_by": kept.mark_of(user), "words": "Two words."})
    assert (answer.status_code, [row.path for row in KeptRequest.objects.all()]) == (401, [path] * left)


def test_a_script_gets_a_short_answer_and_keeps_its_words_itself(scene: Scene) -> None:
    answer = Client().post(
        scene.url("challenges"), typed_by(scene.writer, scene), headers={"X-Requested-With": "autosave"}
    )
    assert (answer.status_code, answer.json()["status"]) == (401, "signed_out")
    assert KeptRequest.objects.count() == 0


def test_the_session_that_has_just_run_out_says_who_wrote(scene: Scene) -> None:
    from tests.accounts.test_sessions import shift

    client = sign_in(Client(), scene.writer)
    shift(client, used=timedelta(hours=21))
    client.post(scene.url("challenges"), {"edit": "0", "text": TEXT})
    assert KeptRequest.objects.get().user == scene.writer


def test_every_form_of_a_private_page_says_whose_it_is(scene: Scene) -> None:
    page = sign_in(Client(), scene.writer).get(scene.url("challenges")).content.decode()
    marks = re.findall(r'name="written_by" value="([^"]*)"', page)
    assert set(marks) == {kept.mark_of(scene.writer)}
    assert len(marks) == page.count("csrfmiddlewaretoken") > 1


def test_forms_for_everybody_say_nothing_of_who_is_signed_in() -> None:
    page = sign_in(Client(), make_user()).get("/supporters/join/").content.decode()
    assert ("csrfmiddlewaretoken" in page, "written_by" in page) == (True, False)


# --- Acts that do more than save -----------------------------------------------------------------------------


def test_a_signature_is_never_given_by_coming_back(scene: Scene) -> None:
    update = scene.start(State.AWAITING_SIGN_OFF)
    client = sign_in(Client(), scene.leader)
    typed = {"read": fingerprint(update), "declared": "on", "written_by": kept.mark_of(scene.leader)}
    next_ = input_value(too_late(scene, client, path=scene.url("sign"), typed=typed), "next")
    signs_in(client, scene.leader, next_)
    response = client.get(next_, follow=True)
    assert response.redirect_chain == [(scene.url("sign"), 302)]
    assert re.search(r'<input[^>]*name="declared"[^>]* checked', response.content.decode())
    assert (scene.update().state, KeptRequest.objects.count()) == (State.AWAITING_SIGN_OFF, 0)


def test_a_reason_to_return_comes_back_beside_the_way_to_its_page(scene: Scene) -> None:
    scene.start(State.AWAITING_SIGN_OFF)
    client = sign_in(Client(), scene.leader)
    typed = {"reason": "Please add the figures.", "written_by": kept.mark_of(scene.leader)}
    next_ = input_value(too_late(scene, client, path=scene.url("return"), typed=typed), "next")
    signs_in(client, scene.leader, next_)
    page = client.get(next_)
    assert "This was not sent" in words_of(page)
    assert "Please add the figures." in page.content.decode()
    assert f'href="{scene.url("return")}"' in page.content.decode()
    assert "data-send-again" not in page.content.decode()
    assert scene.update().state == State.AWAITING_SIGN_OFF


# --- How long, and for whom ----------------------------------------------------------------------------------


def test_the_browser_remembers_as_long_as_we_do() -> None:
    assert kept.KEPT_FOR.total_seconds() < settings.SESSION_COOKIE_AGE


def test_it_is_deleted_after_a_day(scene: Scene) -> None:
    too_late(scene, sign_in(Client(), scene.writer))
    written = KeptRequest.objects.get().created_at
    assert keeping.tidy(now=written + timedelta(days=1))["kept"] == 0
    assert keeping.tidy(now=written + timedelta(days=1, seconds=1))["kept"] == 1


def test_an_erased_account_leaves_none(scene: Scene) -> None:
    too_late(scene, sign_in(Client(), scene.writer))
    erasing.erase(user=scene.writer, by=None, now=timezone.now())
    assert KeptRequest.objects.count() == 0


def test_the_words_that_stand_in_the_box_afterwards_are_those_that_were_typed(scene: Scene) -> None:
    """Through the page and back, line breaks, quotes and all."""
    client = sign_in(Client(), scene.member(Role.COORDINATOR))
    next_ = input_value(too_late(scene, client), "next")
    signs_in(client, scene.writer, next_)
    client.post(scene.url("challenges"), hidden(client.get(next_)))
    assert box(client.get(scene.url("challenges")), "text").replace("\r\n", "\n") == SAVED.rstrip()


def test_nothing_in_the_code_marks_an_act_as_a_save_of_words() -> None:
    from django.urls import get_resolver

    from tests.house.test_building import routes

    marked = {address for address, route in routes(get_resolver()).items() if hasattr(route.callback, "saves_words")}
    assert marked == SAVES_OF_WORDS


SAVES_OF_WORDS: set[Any] = {
    "workspace/<slug:slug>/statement/",
    "workspace/<slug:slug>/<slug:round_slug>/<slug:section>/",
    "workspace/<slug:slug>/<slug:round_slug>/<slug:section>/no-change/",
    "staff/updates/<int:pk>/write/<slug:section>/",
    "staff/updates/<int:pk>/write/<slug:section>/no-change/",
    "staff/rounds/<slug:slug>/questions/<slug:key>/",
}
