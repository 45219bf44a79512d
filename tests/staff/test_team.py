"""The pages on which an administrator gives and takes roles of the Synergi team."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from tests.factories.accounts import make_administrator, make_caseworker, make_publisher, make_user, sign_in

pytestmark = pytest.mark.django_db
NEW = "/staff/people/new-colleague/"


@pytest.fixture
def ada(client: Client) -> User:
    user = make_administrator(name="Ada")
    sign_in(client, user)
    return user


def page_of(user: User) -> str:
    return f"/staff/people/{user.pk}/role/"


def role_of(user: User) -> str:
    return User.objects.get(pk=user.pk).synergi_role


def test_an_administrator_changes_a_role(client: Client, ada: User) -> None:
    casey = make_caseworker(name="Casey")
    assert 'value="caseworker" checked' in client.get(page_of(casey)).content.decode()
    html = client.post(page_of(casey), {"role": "publisher"}, follow=True).content.decode()
    assert "Casey is now publisher in the Synergi team. We have told them by mail." in html
    html = client.post(page_of(casey), {"role": "none"}, follow=True).content.decode()
    assert "Casey no longer belongs to the Synergi team. We have told them by mail." in html
    assert role_of(casey) == ""


@pytest.mark.parametrize("typed", [{}, {"role": "king"}, {"role": "caseworker"}])
def test_what_cannot_be_is_refused_on_the_page(client: Client, ada: User, typed: dict[str, str]) -> None:
    casey = make_caseworker()
    html = client.post(page_of(casey), typed).content.decode()
    assert ("<title>Error: " in html, role_of(casey)) == (True, "caseworker")


def test_the_only_administrator_reads_why_they_stay_one(client: Client, ada: User) -> None:
    html = client.post(page_of(ada), {"role": "publisher"}).content.decode()
    assert "This is the only administrator. Make somebody else one first." in html
    make_administrator()
    assert client.post(page_of(ada), {"role": "none"})["Location"] == "/workspace/"


def test_a_new_colleague_is_added(client: Client, ada: User) -> None:
    typed = {"name": "Nia New", "email": "Nia@synergi.example", "role": "publisher"}
    html = client.post(NEW, typed, follow=True).content.decode()
    assert "Nia New is now publisher in the Synergi team." in html
    assert User.objects.get(email="nia@synergi.example").synergi_role == "publisher"
    html = client.post(NEW, typed).content.decode()
    assert "Nia New has this role already." in html
    html = client.post(NEW, {}).content.decode()
    for sentence in ("Enter their full name.", "Enter their e-mail address.", "Choose a role."):
        assert html.count(sentence) == 2


@pytest.mark.parametrize("make", [make_caseworker, make_publisher])
def test_for_others_of_the_team_the_pages_do_not_exist(client: Client, make) -> None:  # type: ignore[no-untyped-def]
    casey = make_caseworker()
    sign_in(client, make())
    for page in (page_of(casey), NEW):
        assert (client.get(page).status_code, client.post(page, {"role": "publisher"}).status_code) == (404, 404)
    assert role_of(casey) == "caseworker"
    assert "Change role" not in client.get("/staff/roles/").content.decode()


@pytest.mark.parametrize("page", ["role", "new"])
def test_a_change_asks_for_a_fresh_sign_in(client: Client, page: str) -> None:
    casey = make_user()
    sign_in(client, make_administrator(), proved=timezone.now() - timedelta(minutes=11))
    typed = {"name": "Nia New", "email": "nia@synergi.example", "role": "publisher"}
    answer = client.post(page_of(casey) if page == "role" else NEW, typed)
    assert answer["Location"].startswith("/account/confirm/")
    assert (role_of(casey), User.objects.filter(email="nia@synergi.example").exists()) == ("", False)
