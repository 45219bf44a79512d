"""What is kept how long: each rule is carried out, on the day it says, and the privacy page names them all."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils.html import escape

from accounts.models import AuditEvent, CodePurpose, MailedCode, User
from accounts.people import account_for
from accounts.team import give_role
from mail.erasing import REMOVED
from mail.models import Message
from mail.models import State as MailState
from mail.outbox import queue
from pledge_tracker import keeping
from signatories.models import (
    Application,
    ApplicationState,
    Invitation,
    Membership,
    Supporter,
    SupporterKind,
    SupporterState,
)
from tests.factories.accounts import make_administrator, make_caseworker, make_publisher, make_user
from tests.factories.signatories import make_invitation, make_leader, make_member

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def tidy_keeps_until(after: timedelta, rule: str, since: datetime = NOW) -> None:
    """Nothing happens in the last second of the time, everything in the second after; a second run finds nothing."""
    assert keeping.tidy(now=since + after)[rule] == 0
    assert keeping.tidy(now=since + after + SECOND)[rule] == 1
    assert keeping.tidy(now=since + after + SECOND)[rule] == 0


def test_codes_are_deleted_after_a_day():
    MailedCode.objects.create(
        purpose=CodePurpose.SIGN_IN, holder_hash="a" * 64, code_hash="b" * 64, created_at=NOW, user=make_user()
    )
    tidy_keeps_until(timedelta(days=1), "codes")
    assert MailedCode.objects.count() == 0


def test_a_message_loses_address_and_words_after_a_year_and_stays_as_a_fact():
    message = queue(to="ama@northtown.example", kind="note", template="sign_in_code", context={"code": "X"}, now=NOW)
    Message.objects.update(state=MailState.SENT, sent_at=NOW)
    tidy_keeps_until(timedelta(days=365), "mail")
    message.refresh_from_db()
    assert (message.to, message.text, message.html, message.sent_at) == (REMOVED, "", "", NOW)


def test_a_message_that_still_waits_is_not_forgotten():
    queue(to="ama@northtown.example", kind="note", template="sign_in_code", context={"code": "X"}, now=NOW)
    assert keeping.tidy(now=NOW + timedelta(days=400))["mail"] == 0


def test_an_invitation_that_came_to_nothing_loses_name_and_address_a_year_after_it_ran_out():
    invitation = make_invitation(email="ama@northtown.example", now=NOW)
    tidy_keeps_until(timedelta(days=365), "invitations", since=invitation.expires_at)
    invitation.refresh_from_db()
    assert (invitation.email, invitation.name) == (REMOVED, "Erased account")


def test_an_accepted_invitation_stays_as_it_is():
    make_member(email="ama@northtown.example", now=NOW)
    assert keeping.tidy(now=NOW + timedelta(days=800))["invitations"] == 0
    assert Invitation.objects.filter(email="ama@northtown.example").count() == 1


def application(**fields) -> Application:
    return Application.objects.create(
        organisation_name="Northtown Trust",
        leader_name="Dr Ngozi Bello",
        leader_role_title="Chief executive",
        leader_email="bello@northtown.example",
        contact_name="Ama Mensah",
        contact_email="ama@northtown.example",
        why="We want to.",
        created_at=NOW,
        **fields,
    )


def test_a_declined_application_loses_its_people_after_a_year():
    declined = application(
        state=ApplicationState.DECLINED, decided_at=NOW, decided_by=make_caseworker(), decline_reason="Not a leader."
    )
    tidy_keeps_until(timedelta(days=365), "applications")
    declined.refresh_from_db()
    people = (declined.leader_name, declined.leader_email, declined.contact_name, declined.contact_email)
    assert people == ("", REMOVED, "", REMOVED)
    assert (declined.organisation_name, declined.state) == ("Northtown Trust", ApplicationState.DECLINED)
    assert (declined.why, declined.decline_reason) == ("", "–")


def test_an_application_that_waits_keeps_its_people():
    application()
    assert keeping.tidy(now=NOW + timedelta(days=400))["applications"] == 0


def test_a_declined_supporter_is_deleted_after_six_months():
    Supporter.objects.create(
        kind=SupporterKind.PERSON,
        name="Ama Mensah",
        statement="I was a patient here.",
        email="ama@northtown.example",
        consented_at=NOW,
        created_at=NOW,
        token_hash="c" * 64,
        state=SupporterState.DECLINED,
        decided_at=NOW,
        decided_by=make_caseworker(),
        decline_reason="Twice the same.",
    )
    tidy_keeps_until(timedelta(days=183), "declined_supporters")
    assert Supporter.objects.count() == 0


def test_an_account_without_any_role_is_erased_after_two_years():
    member = make_member(email="ama@northtown.example", now=NOW - timedelta(days=900))
    User.objects.filter(pk=member.user.pk).update(date_joined=NOW - timedelta(days=900))
    Membership.objects.filter(pk=member.pk).update(ended_at=NOW)
    tidy_keeps_until(timedelta(days=730), "accounts")
    member.user.refresh_from_db()
    assert (member.user.name, member.user.is_active) == ("Erased account", False)


def test_accounts_with_a_role_are_kept_however_old():
    old = NOW - timedelta(days=4000)
    leader, publisher = make_leader(now=old), make_publisher()
    User.objects.update(date_joined=old)
    assert keeping.tidy(now=NOW)["accounts"] == 0
    kept = User.objects.filter(pk__in=[leader.user.pk, publisher.pk], erased_at=None)
    assert kept.count() == 2


def test_somebody_with_one_role_ended_and_another_going_on_is_kept():
    old = NOW - timedelta(days=900)
    first = make_member(email="ama@northtown.example", now=old)
    make_member(email="ama@northtown.example", now=old)
    Membership.objects.filter(pk=first.pk).update(ended_at=old)
    User.objects.update(date_joined=old)
    assert keeping.tidy(now=NOW)["accounts"] == 0


def test_an_account_that_never_had_a_role_is_erased_after_two_years():
    user = account_for(email="ama@northtown.example", name="Ama Mensah")
    User.objects.filter(pk=user.pk).update(date_joined=NOW)
    tidy_keeps_until(timedelta(days=730), "accounts")
    assert AuditEvent.objects.get(action="account.erased").by is None


def test_whoever_leaves_the_team_is_erased_two_years_after_that_and_no_sooner():
    user = make_caseworker()
    User.objects.update(date_joined=NOW - timedelta(days=4000))
    give_role(user=user, role="", by=make_administrator(), now=NOW)
    tidy_keeps_until(timedelta(days=730), "accounts")
    user.refresh_from_db()
    assert user.name == "Erased account"


def test_the_privacy_page_names_every_rule(client):
    page = client.get("/privacy/").content.decode()
    said = [
        (str(escape(rule.what)) in page, str(rule.how_long) in page, str(rule.why) in page) for rule in keeping.RULES
    ]
    assert said == [(True, True, True)] * len(keeping.RULES)


def test_information_pages_cost_no_query_and_set_no_cookie(client, django_assert_num_queries):
    for address in ("/privacy/", "/accessibility/"):
        with django_assert_num_queries(0):
            response = client.get(address)
        assert (response.status_code, response.cookies, response.headers.get("Vary", "")) == (
            200,
            {},
            "Accept-Language",
        )
