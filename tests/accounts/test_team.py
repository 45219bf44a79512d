"""Who belongs to the Synergi team: given and taken by administrators, never the last one's, told to all concerned."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import connection

from accounts import team
from accounts.models import AuditEvent, SynergiRole, User
from accounts.team import RoleRefused
from mail.models import Message
from tests.factories.accounts import make_administrator, make_caseworker, make_publisher, make_user

pytestmark = pytest.mark.django_db
NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
FOOTER = "--\nPledge Tracker, the public memory of the Synergi pledge\nhttp://127.0.0.1:8000\n"


@pytest.fixture
def ada() -> User:
    return make_administrator(name="Ada Administrator", email="ada@synergi.example")


def mails(kind: str) -> dict[str, Message]:
    return {message.to: message for message in Message.objects.filter(kind=kind)}


def test_a_role_is_given_changed_and_taken_with_before_and_after_on_the_record(ada: User) -> None:
    pat = make_user(name="Pat", email="pat@synergi.example")
    for role in (SynergiRole.CASEWORKER, SynergiRole.PUBLISHER, SynergiRole.NONE):
        team.give_role(user=pat, role=role, by=ada, now=NOW)
        assert User.objects.get(pk=pat.pk).synergi_role == role
    events = AuditEvent.objects.filter(action="synergi_role.given").order_by("pk")
    assert [(event.by, event.about_id, event.before["role"], event.after["role"]) for event in events] == [
        (ada, pat.pk, "", "caseworker"),
        (ada, pat.pk, "caseworker", "publisher"),
        (ada, pat.pk, "publisher", ""),
    ]


@pytest.mark.parametrize("make", [make_caseworker, make_publisher, make_user])
def test_only_administrators_give_roles(make) -> None:  # type: ignore[no-untyped-def]
    by, other = make(), make_user()
    with pytest.raises(PermissionDenied):
        team.give_role(user=other, role=SynergiRole.CASEWORKER, by=by, now=NOW)
    with pytest.raises(PermissionDenied):
        team.add(email="new@synergi.example", name="New", role=SynergiRole.CASEWORKER, by=by, now=NOW)
    assert User.objects.filter(email="new@synergi.example").count() == 0


def test_the_last_administrator_stays_one(ada: User) -> None:
    for role in (SynergiRole.PUBLISHER, SynergiRole.NONE):
        with pytest.raises(RoleRefused, match="This is the only administrator"):
            team.give_role(user=ada, role=role, by=ada, now=NOW)
    closed = make_administrator()
    User.objects.filter(pk=closed.pk).update(is_active=False)
    with pytest.raises(RoleRefused, match="This is the only administrator"):
        team.give_role(user=ada, role=SynergiRole.NONE, by=ada, now=NOW)
    assert User.objects.get(pk=ada.pk).synergi_role == SynergiRole.ADMINISTRATOR


def test_the_same_role_and_an_old_page_change_nothing(ada: User) -> None:
    casey = make_caseworker()
    with pytest.raises(RoleRefused, match="has this role already"):
        team.give_role(user=casey, role=SynergiRole.CASEWORKER, by=ada, now=NOW)
    User.objects.filter(pk=casey.pk).update(synergi_role=SynergiRole.PUBLISHER)
    with pytest.raises(RoleRefused, match="Somebody was faster"):
        team.give_role(user=casey, role=SynergiRole.NONE, by=ada, now=NOW)
    assert not Message.objects.filter(kind__startswith="synergi_role").exists()


def test_a_closed_account_gets_no_role(ada: User) -> None:
    closed = make_user()
    User.objects.filter(pk=closed.pk).update(is_active=False)
    with pytest.raises(RoleRefused, match="the account is closed"):
        team.give_role(user=closed, role=SynergiRole.CASEWORKER, by=ada, now=NOW)


def test_the_person_and_every_administrator_hear_of_it(ada: User) -> None:
    make_administrator(name="Bo", email="bo@synergi.example")
    make_publisher()
    pat = make_caseworker(name="Pat", email="pat@synergi.example")
    team.give_role(user=pat, role=SynergiRole.PUBLISHER, by=ada, now=NOW)
    mine, others = mails("synergi_role"), mails("synergi_role_of_other")
    assert (set(mine), set(others)) == ({"pat@synergi.example"}, {"ada@synergi.example", "bo@synergi.example"})
    assert mine["pat@synergi.example"].subject == "Your role in the Synergi team is now: publisher"
    assert mine["pat@synergi.example"].text == (
        "Dear Pat,\n\n"
        "Ada Administrator has changed your role in the Synergi team. You were caseworker; now you are publisher.\n\n"
        "See who can do what:\n"
        "http://127.0.0.1:8000/staff/roles/\n\n"
        "You receive this message because your role has changed. If this is not right, ask Ada Administrator.\n\n"
        + FOOTER
    )
    assert others["bo@synergi.example"].subject == "Pat is now publisher in the Synergi team"
    assert others["bo@synergi.example"].text == (
        "Dear Bo,\n\n"
        "Ada Administrator has changed the role of Pat in the Synergi team: caseworker before, publisher now.\n\n"
        "See who can do what:\n"
        "http://127.0.0.1:8000/staff/roles/\n\n"
        "You receive this message because you are an administrator. "
        "If this is not right, change it and tell the others.\n\n" + FOOTER
    )


def test_whoever_leaves_the_team_reads_where_they_still_act(ada: User) -> None:
    pat = make_caseworker(name="Pat", email="pat@synergi.example")
    team.give_role(user=pat, role=SynergiRole.NONE, by=ada, now=NOW)
    mine = mails("synergi_role")["pat@synergi.example"]
    assert mine.subject == "You no longer belong to the Synergi team in Pledge Tracker"
    assert "You were caseworker. You can no longer open its pages." in mine.text
    assert "http://127.0.0.1:8000/workspace/\n" in mine.text


def test_a_new_colleague_gets_an_account_a_role_and_a_mail(ada: User) -> None:
    new = team.add(email="New@synergi.example", name="Nia New", role=SynergiRole.CASEWORKER, by=ada, now=NOW)
    assert (new.email, new.name, new.synergi_role) == ("new@synergi.example", "Nia New", "caseworker")
    text = mails("synergi_role")["new@synergi.example"].text
    assert "Ada Administrator has made you a member of the Synergi team. Your role is caseworker." in text
    with pytest.raises(RoleRefused, match="has this role already"):
        team.add(email="new@synergi.example", name="Nia New", role=SynergiRole.CASEWORKER, by=ada, now=NOW)


def test_the_first_of_the_team_is_added_by_command_and_safely_twice(capsys: pytest.CaptureFixture[str]) -> None:
    for _time in range(2):
        call_command("add_staff", "Ama@Synergi.example", name="Ama Mensah", role="administrator")
    user = User.objects.get()
    assert (user.email, user.name, user.synergi_role) == ("ama@synergi.example", "Ama Mensah", "administrator")
    row = AuditEvent.objects.get()
    assert (row.action, row.by, row.about_id, row.after) == (
        "synergi_role.given", None, user.pk, {"role": "administrator"},
    )  # fmt: skip
    assert capsys.readouterr().out.splitlines() == [
        "ama@synergi.example is now administrator.",
        "ama@synergi.example was already administrator.",
    ]
    [told] = Message.objects.all()
    assert "Whoever runs this site has made you a member of the Synergi team. Your role is administrator." in told.text
    assert "If this is not right, ask whoever runs this site." in told.text


def test_a_command_obeys_the_same_rules_and_administrators_hear_of_it(ada: User) -> None:
    with pytest.raises(CommandError, match="This is the only administrator"):
        call_command("add_staff", ada.email, name=ada.name, role="publisher")
    call_command("add_staff", "nia@synergi.example", name="Nia New", role="caseworker")
    [told] = mails("synergi_role_of_other").values()
    assert (told.to, told.subject) == (ada.email, "Nia New is now caseworker in the Synergi team")
    assert "Whoever runs this site has made Nia New a member of the Synergi team: caseworker." in told.text


@pytest.mark.parametrize(("email", "role"), [("ama@synergi.example", "king"), ("ama", "publisher")])
def test_no_unknown_role_or_address_is_added(email: str, role: str) -> None:
    with pytest.raises(CommandError):
        call_command("add_staff", email, "--name=Ama Mensah", f"--role={role}")
    assert not User.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_administrators_who_go_in_the_same_moment_cannot_both_go() -> None:
    both = [make_administrator(), make_administrator()]

    def go(user: User) -> str:
        try:
            team.give_role(user=user, role=SynergiRole.NONE, by=user, now=NOW)
        except RoleRefused:
            return "stays"
        finally:
            connection.close()
        return "goes"

    for _round in range(5):
        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(go, both)) == ["goes", "stays"]
        User.objects.filter(pk__in=[user.pk for user in both]).update(synergi_role=SynergiRole.ADMINISTRATOR)
        for user in both:
            user.refresh_from_db()
