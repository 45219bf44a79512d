"""Whoever tries the demonstration as somebody of the team finds a recovery code beside the mail."""

import pytest
from django.test import Client
from django.urls import include, path
from django.utils import timezone

from accounts import recovery_codes
from accounts.models import User
from mail.views import mailbox
from pledge_tracker import demo_codes, urls
from pledge_tracker.demo_people import CASEWORKER
from tests.factories.accounts import make_caseworker, make_user
from tests.factories.passkeys import make_recovery_codes

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]
urlpatterns = [
    *urls.urlpatterns,
    path("demo/mail/", mailbox, {"beside": demo_codes.beside_the_mail}, name="demo-mailbox"),
    path("demo/mail/", include("mail.urls")),
]


@pytest.fixture
def casey() -> User:
    user = make_caseworker(email=CASEWORKER.email)
    demo_codes.give(user)
    return user


def test_the_next_codes_are_shown_and_a_used_one_goes(casey: User) -> None:
    make_recovery_codes(make_user())
    [shown] = demo_codes.of_the_team()
    assert (shown.person, len(shown.codes)) == (CASEWORKER, 3)
    assert recovery_codes.use(user=casey, typed=shown.codes[0], now=timezone.now()) is not None
    [later] = demo_codes.of_the_team()
    assert later.codes[:2] == shown.codes[1:]


def test_they_last_for_hours_of_playing(casey: User) -> None:
    assert recovery_codes.left(recovery_codes.of(casey)) == 100


def test_they_stand_beside_the_mail(casey: User, settings, tmp_path, django_assert_num_queries) -> None:
    settings.DEMO, settings.DEMO_MAILBOX = True, tmp_path
    with django_assert_num_queries(1):
        page = Client().get("/demo/mail/").content.decode()
    [shown] = demo_codes.of_the_team()
    assert [page.count(code) for code in shown.codes] == [1, 1, 1]
    assert page.count(CASEWORKER.name) == 1


def test_the_page_of_the_second_factor_leads_there(casey: User, settings) -> None:
    settings.DEMO = True
    browser = Client()
    browser.force_login(casey)
    page = browser.get("/account/second-factor/").content.decode()
    assert page.count('href="/demo/mail/#recovery-codes"') == 1
