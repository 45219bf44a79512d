"""What the table of who gets what (tests/people) does not say of the pages of the team."""

import pytest
from django.test import Client

from accounts.models import AuditEvent
from signatories.models import Role
from tests.factories.accounts import make_administrator, make_publisher, sign_in
from tests.factories.progress_updates import make_round
from tests.factories.signatories import make_invitation, make_member, make_statement

pytestmark = pytest.mark.django_db


def test_a_member_who_tries_pages_and_buttons_of_the_team_is_on_the_record(client: Client) -> None:
    reader = make_member(role=Role.READER).user
    sign_in(client, reader)
    assert client.get("/staff/").status_code == 404
    assert client.post("/staff/stuck/mail/retry/").status_code == 404
    assert AuditEvent.objects.filter(by=reader, action="access.refused").count() == 2


def test_a_version_or_question_that_is_not_there_is_not_found(client: Client) -> None:
    statement, round_ = make_statement(state="signed"), make_round(opened=False)
    sign_in(client, make_publisher())
    statements = f"/staff/pledge-makers/{statement.pledge_maker.slug}/statement"
    questions = f"/staff/rounds/{round_.slug}/questions"
    opened = {path: client.get(path).status_code for path in (
        f"{statements}/1/", f"{statements}/77/", f"{questions}/why/", f"{questions}/why-not/",
    )}  # fmt: skip
    assert list(opened.values()) == [200, 404, 200, 404], opened


def test_an_invitation_that_a_leader_sent_is_not_the_teams_to_see_or_withdraw(client: Client) -> None:
    theirs = make_invitation(role=Role.COORDINATOR)
    sign_in(client, make_administrator())
    assert client.get(f"/staff/invite/{theirs.pk}/sent/").status_code == 404
    assert client.post(f"/staff/invite/{theirs.pk}/withdraw/").status_code == 404
    theirs.refresh_from_db()
    assert theirs.withdrawn_at is None
