"""How long a session lasts, to the second; what counts as use; what is written, and when."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import sessions
from accounts.models import AuditEvent, User
from accounts.sessions import SYNERGI_TEAM, TRUST_PEOPLE, Why
from tests.factories.accounts import mailed_code, make_caseworker, make_user, sign_in

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
JSON = {"Accept": "application/json"}


def session_of(user: User, *, used: datetime = NOW, began: datetime | None = None) -> SessionStore:
    session = SessionStore()
    session["_auth_user_id"] = str(user.pk)
    session[sessions.BEGAN], session[sessions.USED] = (began or used).isoformat(), used.isoformat()
    session.save()
    return session


@pytest.mark.parametrize(("idle", "why"), [(HOUR - SECOND, None), (HOUR, None), (HOUR + SECOND, Why.IDLE)])
def test_a_session_of_the_team_ends_after_sixty_minutes_without_use(idle: timedelta, why: Why | None) -> None:
    user = make_caseworker()
    assert sessions.why_over(session_of(user), user, NOW + idle) == why


@pytest.mark.parametrize(
    ("idle", "why"), [(20 * HOUR - SECOND, None), (20 * HOUR, None), (20 * HOUR + SECOND, Why.IDLE)]
)
def test_a_session_of_trust_people_ends_after_twenty_hours_without_use(idle: timedelta, why: Why | None) -> None:
    user = make_user()
    assert sessions.why_over(session_of(user), user, NOW + idle) == why


@pytest.mark.parametrize(("make", "most"), [(make_caseworker, 12 * HOUR), (make_user, 168 * HOUR)])
def test_a_session_that_is_always_used_ends_all_the_same(make: Any, most: timedelta) -> None:
    user = make()
    for age, why in ((most - SECOND, None), (most, None), (most + SECOND, Why.LONGEST)):
        session = session_of(user, used=NOW + age - MINUTE, began=NOW)
        assert sessions.why_over(session, user, NOW + age) == why


def test_a_session_that_was_never_noted_has_just_begun() -> None:
    user, session = make_user(), SessionStore()
    assert sessions.why_over(session, user, NOW) is None
    assert sessions.seconds_left(session, user, NOW) == 20 * 3600
    assert sessions.can_be_extended(session, user, NOW)


def test_who_joins_the_team_is_held_to_its_limits_at_once() -> None:
    user = make_user()
    session = session_of(user)
    user.synergi_role = "caseworker"
    assert sessions.why_over(session, user, NOW + HOUR + SECOND) == Why.IDLE


@pytest.mark.parametrize(("make", "every"), [(make_caseworker, MINUTE), (make_user, 5 * MINUTE)])
def test_use_is_written_once_in_a_while(make: Any, every: timedelta) -> None:
    user = make()
    session = session_of(user)
    assert not sessions.note_use(session=session, user=user, now=NOW + every - SECOND)
    assert session[sessions.USED] == NOW.isoformat()
    assert sessions.note_use(session=session, user=user, now=NOW + every)
    assert (session[sessions.BEGAN], session[sessions.USED]) == (NOW.isoformat(), (NOW + every).isoformat())


def test_to_stay_is_written_at_once() -> None:
    user = make_caseworker()
    session = session_of(user)
    assert sessions.note_use(session=session, user=user, now=NOW + SECOND, at_once=True)
    assert sessions.seconds_left(session, user, NOW + SECOND) == 3600


def test_in_its_last_minutes_a_session_cannot_be_extended() -> None:
    user = make_caseworker()
    session = session_of(user, used=NOW + 11 * HOUR, began=NOW)
    assert sessions.can_be_extended(session, user, NOW + 12 * HOUR - 5 * MINUTE - SECOND)
    assert not sessions.can_be_extended(session, user, NOW + 12 * HOUR - 5 * MINUTE)


def test_the_cookie_lives_as_long_as_the_session_and_a_moment_to_say_why() -> None:
    user, session = make_caseworker(), SessionStore()
    sessions.note_use(session=session, user=user, now=NOW)
    assert session.get_expiry_age() == 61 * 60
    sessions.note_use(session=session, user=user, now=NOW + 11 * HOUR + 30 * MINUTE)
    assert session.get_expiry_age() == 31 * 60


# --- The end -------------------------------------------------------------------------------------------------


def ends() -> list[tuple[Any, ...]]:
    rows = AuditEvent.objects.filter(action="session.ended").order_by("pk")
    return [(row.by_id, row.detail) for row in rows]


def test_the_end_deletes_the_session_and_is_on_the_record_once() -> None:
    user = make_caseworker()
    session = session_of(user)
    again = SessionStore(session.session_key)
    UserSession.objects.create(user=user, ip="192.0.2.1", session_key=session.session_key, user_agent="")
    for each in (session, again):
        sessions.end(session=each, user=user, why=Why.IDLE, now=NOW + 2 * HOUR)
    assert (Session.objects.count(), UserSession.objects.count()) == (0, 0)
    assert ends() == [(user.pk, {"why": "idle"})]


def test_sessions_that_nobody_came_back_to_are_tidied_and_on_the_record() -> None:
    staff, member = make_caseworker(), make_user()
    for user, began in ((staff, NOW - 12 * HOUR), (member, NOW)):
        session_of(user, used=NOW, began=began)
    anonymous = SessionStore()
    anonymous["sign_in_address"] = "ama@northtown.example"
    anonymous.save()
    Session.objects.update(expire_date=NOW + HOUR)
    assert sessions.end_those_run_out(NOW + HOUR) == 0
    assert sessions.end_those_run_out(NOW + 21 * HOUR) == 3
    assert sorted(ends()) == sorted([(staff.pk, {"why": "longest"}), (member.pk, {"why": "idle"})])
    assert sessions.end_those_run_out(NOW + 21 * HOUR) == 0


@pytest.mark.parametrize("visitors", [1, 3, 100])
def test_the_sessions_of_visitors_go_in_one_statement(visitors: int, django_assert_num_queries: Any) -> None:
    for number in range(visitors):
        session = SessionStore()
        session["sign_in_address"] = f"ama{number}@northtown.example"
        session.save()
    with django_assert_num_queries(3):
        assert sessions.end_those_run_out(timezone.now() + timedelta(days=15)) == visitors


# --- Requests ------------------------------------------------------------------------------------------------


def shift(client: Client, *, used: timedelta, began: timedelta | None = None) -> None:
    """The session of this browser was last used so long ago."""
    session = client.session
    session[sessions.USED] = (timezone.now() - used).isoformat()
    session[sessions.BEGAN] = (timezone.now() - (began or used)).isoformat()
    session.save()


def used_at(client: Client) -> str:
    return client.session[sessions.USED]


@pytest.mark.parametrize(
    ("used", "began", "why"), [(61 * MINUTE, 61 * MINUTE, "idle"), (MINUTE, 12 * HOUR + MINUTE, "longest")]
)
def test_a_page_after_the_end_asks_to_sign_in_and_says_why(used: timedelta, began: timedelta, why: str) -> None:
    user = make_caseworker()
    client = sign_in(Client(), user)
    shift(client, used=used, began=began)
    response = client.get("/staff/queue/?what=late")
    assert response["Location"] == f"/account/login/?next=/staff/queue/%3Fwhat%3Dlate&ended={why}"
    assert (ends(), Session.objects.count()) == ([(user.pk, {"why": why})], 0)
    assert client.get("/staff/")["Location"] == "/account/login/?next=/staff/"
    page = client.get(response["Location"]).content.decode()
    assert ("You were signed out" in page, "your session ended" in page) == (True, False)


def test_the_sign_in_page_says_nothing_of_an_end_that_it_does_not_know(client: Client) -> None:
    assert "You were signed out" not in client.get("/account/login/?ended=nonsense").content.decode()


def test_a_session_within_its_limits_goes_on() -> None:
    client = sign_in(Client(), make_caseworker())
    shift(client, used=59 * MINUTE, began=11 * HOUR)
    assert client.get("/staff/").status_code == 200
    assert timezone.now() - datetime.fromisoformat(used_at(client)) < MINUTE


def test_an_ended_session_opens_no_page_for_everybody_as_somebody() -> None:
    client = sign_in(Client(), make_caseworker())
    shift(client, used=2 * HOUR)
    assert client.get("/account/login/").status_code == 200
    assert len(ends()) == 1


def test_a_page_writes_nothing_within_the_minute() -> None:
    client = sign_in(Client(), make_caseworker())
    client.get("/staff/")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get("/staff/").status_code == 200
    assert [row["sql"] for row in queries if row["sql"].split()[0] in {"UPDATE", "INSERT", "DELETE", "SAVEPOINT"}] == []


def test_to_ask_costs_two_queries_and_is_no_use(django_assert_num_queries: Any) -> None:
    client = sign_in(Client(), make_caseworker())
    shift(client, used=50 * MINUTE)
    before = used_at(client)
    with django_assert_num_queries(2):
        answer = client.get("/account/stay/", headers=JSON)
    assert 590 <= answer.json()["left"] <= 600
    assert (answer.json()["can_stay"], answer["Cache-Control"]) == (True, "no-store, private")
    assert used_at(client) == before


def test_to_press_stay_is_use_and_brings_a_token_that_is_good() -> None:
    client = Client(enforce_csrf_checks=True)
    sign_in(client, make_caseworker())
    shift(client, used=56 * MINUTE)
    token = client.get("/account/stay/", headers=JSON).json()["token"]
    answer = client.post("/account/stay/", headers={**JSON, "X-CSRFToken": token})
    assert 3598 <= answer.json()["left"] <= 3600
    assert client.post("/account/stay/", headers={**JSON, "X-CSRFToken": answer.json()["token"]}).status_code == 200
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    assert 3600 <= cookie["max-age"] <= 61 * 60


@pytest.mark.parametrize("method", ["get", "post"])
def test_to_ask_after_the_end_is_answered_with_401(method: str) -> None:
    client = sign_in(Client(), make_caseworker())
    shift(client, used=2 * HOUR)
    answer = getattr(client, method)("/account/stay/", headers=JSON)
    assert (answer.status_code, answer.json()["status"]) == (401, "signed_out")
    assert answer["Cache-Control"] == "no-store, private"


def test_a_failing_page_and_a_missing_one_are_no_use() -> None:
    client = sign_in(Client(), make_caseworker())
    shift(client, used=50 * MINUTE)
    before = used_at(client)
    assert client.get("/nowhere/").status_code == 404
    assert used_at(client) == before


def test_saving_words_by_itself_is_use() -> None:
    from tests.progress_updates.scene import make_scene

    scene = make_scene()
    client = sign_in(Client(), scene.writer)
    shift(client, used=19 * HOUR)
    typed = {"edit": "0", "text": "Two posts are empty.", "steps": "1"}
    headers = {"X-Requested-With": "autosave", "Accept": "application/json"}
    assert client.post(scene.url("challenges"), typed, headers=headers).json()["status"] == "saved"
    assert timezone.now() - datetime.fromisoformat(used_at(client)) < MINUTE


def test_signing_out_is_on_the_record() -> None:
    user = make_user()
    client = sign_in(Client(), user)
    client.post("/account/logout/")
    assert ends() == [(user.pk, {"why": "signed_out"})]


def test_an_answer_to_an_old_cookie_deletes_no_new_one() -> None:
    """The second of two presses: the browser has the cookie of the first answer by then."""
    client, user = Client(), make_user()
    client.post("/account/login/", {"email": user.email})
    typed = {"code": mailed_code(user.email)}
    late = Client()
    late.cookies[settings.SESSION_COOKIE_NAME] = client.session.session_key
    client.post("/account/login/code/", typed)
    answer = late.post("/account/login/code/", typed)
    assert (answer["Location"], settings.SESSION_COOKIE_NAME in answer.cookies) == ("/account/login/", False)


def test_signing_out_deletes_the_cookie() -> None:
    client = sign_in(Client(), make_user())
    assert client.post("/account/logout/").cookies[settings.SESSION_COOKIE_NAME]["max-age"] == 0


def test_pages_for_everybody_are_asked_without_a_session(django_assert_num_queries: Any) -> None:
    client = sign_in(Client(), make_user())
    with django_assert_num_queries(0):
        answer = client.get("/privacy/")
    assert answer.headers.get("Vary", "") == "Accept-Language"


def test_the_limits_are_those_that_were_promised() -> None:
    assert (TRUST_PEOPLE.idle, TRUST_PEOPLE.most, TRUST_PEOPLE.written_every) == (20 * HOUR, 168 * HOUR, 5 * MINUTE)
    assert (SYNERGI_TEAM.idle, SYNERGI_TEAM.most, SYNERGI_TEAM.written_every) == (HOUR, 12 * HOUR, MINUTE)


@pytest.mark.parametrize("cookie", ['"aaaaaaaaaaaaaaaa\\000"', '"\\377\\376aaaaaaaaaaaaaa"', "a" * 4000, "x", '""'])
@pytest.mark.parametrize("page", ["/account/", "/account/login/"])
def test_a_cookie_that_is_no_key_of_a_session_is_nobodys(cookie: str, page: str) -> None:
    answer = Client().get(page, headers={"cookie": f"{settings.SESSION_COOKIE_NAME}={cookie}"})
    assert answer.status_code == (302 if page == "/account/" else 200)
