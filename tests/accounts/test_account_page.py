"""The account page, and where somebody is signed in."""

from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client
from django.utils import timezone

from accounts.erasing import delete_ended_sessions
from accounts.models import AuditEvent, User
from accounts.open_sessions import browser_in_words
from tests.factories.accounts import mailed_code, make_caseworker, make_user, sign_in
from tests.factories.passkeys import make_passkey, make_recovery_codes

pytestmark = pytest.mark.django_db
HOME = "/account/"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile Safari/604.1"


def signed_in(user: User, browser: str = FIREFOX, address: str = "192.0.2.7") -> Client:
    client = Client(HTTP_USER_AGENT=browser, REMOTE_ADDR=address)
    client.post("/account/login/", {"email": user.email})
    client.post("/account/login/code/", {"code": mailed_code(user.email)})
    assert client.get(HOME).status_code == 200
    return client


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (FIREFOX, "Firefox on Windows"),
        (SAFARI, "Safari on iPhone"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Chrome/150.0 Safari/537.36", "Chrome on Mac"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/150.0 Safari/537.36 Edg/150.0", "Edge on Windows"),
        ("Mozilla/5.0 (Linux; Android 15) SamsungBrowser/28.0 Chrome/130.0", "Samsung Internet on Android"),
        ("Mozilla/5.0 (X11; CrOS x86_64) Chrome/150.0 Safari/537.36", "Chrome on ChromeOS"),
        ("Mozilla/5.0 (X11; Linux x86_64)", "Linux"),
        ("Opera/9.8", "Opera"),
        ("curl/8", "An unknown browser"),
        ("", "An unknown browser"),
    ],
)
def test_a_browser_in_words(user_agent: str, words: str) -> None:
    assert browser_in_words(user_agent) == words


def test_this_browser_stands_first_and_the_other_says_where(client: Client) -> None:
    user = make_user()
    here = signed_in(user)
    signed_in(user, SAFARI, "198.51.100.9")
    first, second = here.get(HOME).context["sessions"]
    assert (first.browser, first.is_this, first.where) == (
        "Firefox on Windows", True, "The network that you are in now (192.0.2.7)",
    )  # fmt: skip
    assert (second.browser, second.is_this, second.where) == (
        "Safari on iPhone", False, "Another network (198.51.100.9)",
    )  # fmt: skip


def test_looking_changes_nothing() -> None:
    user = make_user()
    here, _other = signed_in(user), signed_in(user)
    here.get(HOME)  # the use of a session is written now and then
    before = list(UserSession.objects.order_by("pk").values())
    here.get(HOME)
    assert list(UserSession.objects.order_by("pk").values()) == before


def test_one_session_is_ended_and_ends_at_its_next_request() -> None:
    user = make_user()
    here, other = signed_in(user), signed_in(user, SAFARI)
    [theirs] = [session for session in here.get(HOME).context["sessions"] if not session.is_this]
    page = here.post(f"/account/sessions/{theirs.pk}/end/", follow=True).content.decode()
    assert "You are signed out there." in page
    assert other.get("/workspace/")["Location"] == "/account/login/?next=/workspace/"
    assert here.get("/workspace/").status_code == 200
    assert AuditEvent.objects.filter(action="session.ended", by=user).count() == 1
    assert (
        "That one was over already." in here.post(f"/account/sessions/{theirs.pk}/end/", follow=True).content.decode()
    )


def test_all_others_are_ended_at_once() -> None:
    user = make_user()
    here, *others = [signed_in(user) for _number in range(3)]
    page = here.post("/account/sessions/end-others/", follow=True).content.decode()
    assert "Signed out in 2 other browsers." in page
    assert [other.get("/workspace/").status_code for other in others] == [302, 302]
    assert here.get("/workspace/").status_code == 200


def test_ending_the_session_one_is_in_signs_out() -> None:
    here = signed_in(make_user())
    [this] = here.get(HOME).context["sessions"]
    assert here.post(f"/account/sessions/{this.pk}/end/")["Location"] == "/account/login/"
    assert here.get("/workspace/").status_code == 302


def test_the_session_of_somebody_else_is_not_ended() -> None:
    here, theirs = signed_in(make_user()), signed_in(make_user())
    row = UserSession.objects.order_by("pk").last()
    assert row
    here.post(f"/account/sessions/{row.pk}/end/")
    here.post("/account/sessions/end-others/")
    assert theirs.get("/workspace/").status_code == 200


def test_a_session_that_has_run_out_is_not_listed_and_is_forgotten() -> None:
    user = make_user()
    here, other = signed_in(user), signed_in(user)
    session = other.session
    session.set_expiry(timezone.now() - timedelta(seconds=1))
    session.save()
    assert len(here.get(HOME).context["sessions"]) == 1
    delete_ended_sessions(timezone.now())
    assert UserSession.objects.count() == 1


@pytest.mark.parametrize("count", [1, 3, 20])
def test_the_page_costs_the_same_for_any_number_of_passkeys_and_sessions(client, count, django_assert_num_queries):
    user = make_user()
    sign_in(client, user)
    make_recovery_codes(user)
    for _number in range(count):
        make_passkey(user)
        key = sign_in(Client(), user).session.session_key
        UserSession.objects.create(user=user, session_key=key, ip="192.0.2.1", user_agent=FIREFOX)
    client.get(HOME)  # the session is written now and then
    with django_assert_num_queries(5):  # session, person, passkeys, codes, sessions
        page = client.get(HOME)
    assert len(page.context["sessions"]) == count


def test_the_page_names_the_person_and_leads_to_nothing_of_allauths(client: Client) -> None:
    user = make_caseworker()
    sign_in(client, user)
    page = client.get(HOME).content.decode()
    assert (page.count(user.email), page.count("Caseworker")) == (1, 1)
    for address in ("/account/2fa/", "/account/sessions/", "/account/email/", "/account/password/set/",
                    "/account/reauthenticate/", "/account/2fa/webauthn/add/"):  # fmt: skip
        assert client.get(address).status_code == 404
