"""A page that was open while somebody signed in or out in another tab: one press, for the same person only."""

import pytest
from django.http import HttpResponse
from django.test import Client

from accounts import kept
from accounts.models import KeptRequest, User
from progress_updates.models import ProgressUpdate, State
from tests.accounts.test_kept import SAVED, SITE, hidden, typed_by
from tests.factories.accounts import sign_in
from tests.progress_updates.scene import Scene, make_scene, words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def stale(client: Client, scene: Scene, user: User, headers: dict[str, str], path: str = "") -> HttpResponse:
    """A form whose token is old."""
    client.get("/account/login/")
    typed = typed_by(user, scene, csrfmiddlewaretoken="x" * 64)
    return client.post(path or scene.url("challenges"), typed, headers=headers)


def strict(user: User | None = None) -> Client:
    client = Client(enforce_csrf_checks=True)
    return sign_in(client, user) if user else client


def test_a_page_with_an_old_token_is_sent_again_by_one_press(scene: Scene) -> None:
    client = strict(scene.writer)
    response = stale(client, scene, scene.writer, {"Origin": SITE})
    assert response.status_code == 403
    assert "Nothing that you typed is lost." in words_of(response)
    assert 'data-send-again="press"' not in response.content.decode()
    assert KeptRequest.objects.count() == 0
    answer = client.post(scene.url("challenges"), hidden(response), headers={"Origin": SITE})
    assert (answer.status_code, scene.content("challenges").text) == (302, SAVED.rstrip())


def test_signing_out_with_an_old_token_is_asked_once_more_and_speaks_of_no_words(scene: Scene) -> None:
    headers, old = {"Origin": SITE}, {"csrfmiddlewaretoken": "x" * 64}
    for client in (strict(scene.writer), strict()):
        answer = client.post("/account/logout/", old, headers=headers)
        assert (answer.status_code, answer["Location"]) == (302, "/account/logout/")
    assert "Do you want to sign out?" in words_of(sign_in(Client(), scene.writer).get("/account/logout/"))
    assert client.get("/account/logout/")["Location"] == "/"
    abroad = {"Origin": "https://evil.example"}
    assert strict(scene.writer).post("/account/logout/", old, headers=abroad).status_code == 403


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Referer": "https://evil.example/x"}, {"Origin": "null"}]
)
def test_another_site_is_refused_and_nothing_is_kept_or_shown(scene: Scene, headers: dict[str, str]) -> None:
    for client in (strict(scene.writer), strict()):
        response = stale(client, scene, scene.writer, headers)
        page = response.content.decode()
        assert (response.status_code, "Two posts" in page, "data-send-again" in page) == (403, False, False)
    assert KeptRequest.objects.count() == 0


def test_a_browser_that_does_not_say_where_it_comes_from_gets_its_words_for_copying(scene: Scene) -> None:
    page = stale(strict(scene.writer), scene, scene.writer, {}).content.decode()
    assert ("Two posts" in page, "data-send-again" in page) == (True, False)


def test_an_old_page_of_nobody_is_kept_and_the_script_does_not_press(scene: Scene) -> None:
    client = strict()
    response = stale(client, scene, scene.writer, {"Origin": SITE})
    assert (response.status_code, KeptRequest.objects.count()) == (401, 1)
    session = client.session
    assert [each["press"] for each in session[kept.HELD].values()] == [False]


def test_an_old_page_of_one_person_is_never_saved_as_anothers(scene: Scene) -> None:
    for client in (strict(scene.leader), sign_in(Client(), scene.leader)):
        response = stale(client, scene, scene.writer, {"Origin": SITE})
        assert (response.status_code, "Two posts" in response.content.decode()) == (403, False)
        assert "Somebody else is signed in now" in words_of(response)
    assert not ProgressUpdate.objects.filter(entry=scene.entry).exists()


def test_a_script_hears_that_the_token_is_old_or_that_somebody_else_is_there(scene: Scene) -> None:
    quietly = {"Origin": SITE, "X-Requested-With": "autosave"}
    said = [
        stale(client, scene, scene.writer, quietly).json()["status"]
        for client in (strict(scene.writer), strict(scene.leader), strict())
    ]
    assert said == ["stale", "somebody_else", "signed_out"]


def test_an_old_token_never_does_more_than_save(scene: Scene) -> None:
    scene.start(State.AWAITING_SIGN_OFF)
    client = strict(scene.leader)
    headers = {"Origin": SITE, "Referer": SITE + scene.url("return")}
    response = stale(client, scene, scene.leader, headers, scene.url("return"))
    assert ("This was not sent" in words_of(response), "data-send-again" in response.content.decode()) == (True, False)
    assert scene.update().state == State.AWAITING_SIGN_OFF


def test_who_signed_in_in_another_tab_need_not_do_it_again(scene: Scene) -> None:
    client = strict(scene.writer)
    typed = {"email": scene.writer.email, "next": "/account/kept/7/", "csrfmiddlewaretoken": "x" * 64}
    client.get("/supporters/join/")
    response = client.post("/account/login/", typed, headers={"Origin": SITE})
    assert client.get(response["Location"])["Location"] == "/account/kept/7/"


def test_a_form_for_everybody_is_sent_again_by_a_press() -> None:
    client = strict()
    client.get("/supporters/link/")
    typed = {"email": "ama@northtown.example", "csrfmiddlewaretoken": "x" * 64}
    response = client.post("/supporters/link/", typed, headers={"Origin": SITE})
    assert hidden(response)["email"] == "ama@northtown.example"
    assert client.post("/supporters/link/", hidden(response), headers={"Origin": SITE}).status_code == 302
