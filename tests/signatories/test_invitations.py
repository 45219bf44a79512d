"""Inviting, sending it again, taking it back."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection

from accounts.limits import TooOften
from mail.models import Message
from signatories import accepting, erasing, invitations
from signatories.invitations import NotOpen
from signatories.models import Invitation, PledgeMaker, Role
from tests.factories.accounts import make_caseworker
from tests.factories.signatories import (
    make_invitation,
    make_leader,
    make_member,
    make_organisation,
    make_pledge_maker,
)
from tests.signatories.invited import EMAIL, NOW, invite, token_of

pytestmark = pytest.mark.django_db


def test_an_invitation_says_who_invites_whom_for_what() -> None:
    staff = make_caseworker(name="Casey Worker")
    invitation = invite(by=staff)
    message = Message.objects.get(kind="invitation")
    assert (message.to, message.secret) == (EMAIL, True)
    assert message.subject == (
        f"Accept your invitation to sign the pledge for {invitation.pledge_maker.name} by 15 March 2027"
    )
    assert (
        f"Casey Worker of the Synergi team invites you to be a leader of {invitation.pledge_maker.name}" in message.text
    )
    assert "The invitation is good until 15 March 2027." in message.text


def test_only_the_hash_of_the_token_is_kept() -> None:
    invitation = invite()
    token = token_of()
    assert token not in str(Invitation.objects.filter(pk=invitation.pk).values().get())
    assert invitation.token_hash == invitations.token_hash(token)


def test_a_newer_invitation_withdraws_the_older() -> None:
    first = invite()
    old_token = token_of()
    second = invite(pledge_maker=first.pledge_maker)
    first.refresh_from_db()
    assert (first.withdrawn_at, second.withdrawn_at) == (NOW, None)
    with pytest.raises(NotOpen, match="replaced"):
        invitations.find(token=old_token, now=NOW)


MAY_INVITE = {
    "staff": {Role.LEADER, Role.COORDINATOR},
    Role.LEADER: {Role.COORDINATOR, Role.CONTRIBUTOR, Role.READER},
    Role.COORDINATOR: {Role.COORDINATOR, Role.CONTRIBUTOR, Role.READER},
    Role.CONTRIBUTOR: set(),
    Role.READER: set(),
    "a leader elsewhere": set(),
}


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("who", list(MAY_INVITE))
def test_who_may_invite_whom(who: str, role: Role) -> None:
    pledge_maker = make_pledge_maker(now=NOW)
    by = {
        "staff": make_caseworker,
        "a leader elsewhere": lambda: make_leader(now=NOW).user,
    }.get(who, lambda: make_member(pledge_maker=pledge_maker, role=who, now=NOW).user)()
    if role in MAY_INVITE[who]:
        assert invite(pledge_maker=pledge_maker, role=role, by=by).role == role
    else:
        with pytest.raises(PermissionDenied):
            invite(pledge_maker=pledge_maker, role=role, by=by)


def test_nobody_is_invited_to_less_than_they_have() -> None:
    member = make_member(role=Role.COORDINATOR, email=EMAIL, now=NOW)
    with pytest.raises(ValidationError, match="already a coordinator"):
        invite(pledge_maker=member.pledge_maker, role=Role.READER)


def test_a_coordinator_cannot_invite_the_teams_leader_down_to_a_reader() -> None:
    maker = make_pledge_maker(now=NOW)
    cora = make_member(pledge_maker=maker, role=Role.COORDINATOR, now=NOW).user
    to_lead = invite(pledge_maker=maker, by=make_caseworker(name="Casey Worker"))
    for address in (EMAIL, "Ngozi+pledge@northtown.example"):
        with pytest.raises(ValidationError, match="invited as a leader already, by Casey Worker"):
            invite(pledge_maker=maker, email=address, role=Role.READER, by=cora)
    to_lead.refresh_from_db()
    assert (to_lead.withdrawn_at, Message.objects.filter(to=EMAIL).count()) == (None, 1)


def test_an_invitation_of_the_team_that_ran_out_stands_in_nobodys_way_and_can_still_be_sent_again() -> None:
    maker = make_pledge_maker(now=NOW)
    cora = make_member(pledge_maker=maker, role=Role.COORDINATOR, now=NOW).user
    to_lead = invite(pledge_maker=maker)
    later = NOW + timedelta(days=14)
    to_read = invite(pledge_maker=maker, role=Role.READER, by=cora, now=later)
    assert list(invitations.waiting(maker)) == [to_lead, to_read]
    invitations.resend(invitation=to_lead, by=make_caseworker(), now=later)
    assert [row.role for row in invitations.waiting(maker)] == [Role.LEADER]


def test_staff_invite_a_leader_for_a_new_partnership() -> None:
    trust, council = make_organisation(name="Northtown Trust"), make_organisation(name="Northtown Council")
    invitation = invitations.invite_leader(
        organisations=[trust, council],
        pledge_maker_name="Northtown Partnership",
        name="Dr Ngozi Bello",
        email=EMAIL,
        role_title="Chief executive",
        by=make_caseworker(),
        now=NOW,
    )
    pledge_maker = invitation.pledge_maker
    assert (pledge_maker.name, pledge_maker.slug) == ("Northtown Partnership", "northtown-partnership")
    assert set(pledge_maker.organisations.all()) == {trust, council}
    assert (invitation.organisation, invitation.role_title) == (trust, "Chief executive")


def test_a_second_leader_of_the_same_organisation_joins_its_pledge_maker() -> None:
    pledge_maker = make_pledge_maker(name="Northtown Trust", now=NOW)
    invitation = invitations.invite_leader(
        organisations=list(pledge_maker.organisations.all()),
        pledge_maker_name="",
        name="Dr Ngozi Bello",
        email=EMAIL,
        role_title="Medical director",
        by=make_caseworker(),
        now=NOW,
    )
    assert (invitation.pledge_maker, PledgeMaker.objects.count()) == (pledge_maker, 1)


def test_a_member_is_not_invited_again_under_another_spelling() -> None:
    member = make_member(role=Role.COORDINATOR, email=EMAIL, now=NOW)
    with pytest.raises(ValidationError, match="already a coordinator"):
        make_invitation(pledge_maker=member.pledge_maker, email="Ngozi+x@northtown.example", role=Role.READER, now=NOW)


def test_a_contributor_cannot_withdraw_an_invitation() -> None:
    pledge_maker = make_pledge_maker(now=NOW)
    invitation = invite(pledge_maker=pledge_maker, role=Role.READER)
    contributor = make_member(pledge_maker=pledge_maker, role=Role.CONTRIBUTOR, now=NOW).user
    with pytest.raises(PermissionDenied):
        invitations.withdraw(invitation=invitation, by=contributor, now=NOW)


# --- Sending again --------------------------------------------------------------------------------------


@pytest.mark.parametrize("after", [timedelta(days=2), timedelta(days=20)])
def test_sent_again_there_is_a_new_link_for_fourteen_days_and_the_old_one_is_dead(after: timedelta) -> None:
    old, staff = invite(), make_caseworker()
    old_token, later = token_of(), NOW + after
    new = invitations.resend(invitation=old, by=staff, now=later)
    assert (new.email, new.role, new.role_title, new.organisation) == (
        old.email,
        old.role,
        old.role_title,
        old.organisation,
    )
    assert (new.invited_by, new.expires_at) == (staff, later + timedelta(days=14))
    with pytest.raises(NotOpen, match="replaced"):
        accepting.accept(token=old_token, now=later)
    assert accepting.accept(token=token_of(), now=later).role == Role.LEADER


def test_a_limit_is_kept_when_it_is_sent_again() -> None:
    maker = make_pledge_maker(now=NOW)
    by = make_member(pledge_maker=maker, role=Role.COORDINATOR, now=NOW).user
    old = invitations.invite(
        pledge_maker=maker, email=EMAIL, name="Connie", role=Role.CONTRIBUTOR, objectives=[5, 2], by=by, now=NOW
    )
    new = invitations.resend(invitation=old, by=by, now=NOW)
    assert new.objectives == [2, 5]
    assert accepting.accept(token=token_of(), now=NOW).objectives == [2, 5]


def test_an_address_is_written_to_four_times_a_day_at_most() -> None:
    invitation, staff = invite(), make_caseworker()
    for _number in range(3):
        invitation = invitations.resend(invitation=invitation, by=staff, now=NOW)
    with pytest.raises(TooOften, match=r"invited often enough today\. Try again in 15 hours\."):
        invitations.resend(invitation=invitation, by=staff, now=NOW)
    assert Message.objects.filter(to=EMAIL).count() == 4
    invitation.refresh_from_db()
    assert invitation.withdrawn_at is None
    invitations.resend(invitation=invitation, by=staff, now=NOW + timedelta(days=1))
    other = invite(pledge_maker=make_pledge_maker(now=NOW))
    assert other.withdrawn_at is None


@pytest.mark.parametrize("how", ["accepted", "withdrawn", "replaced"])
def test_what_is_over_is_not_sent_again(how: str) -> None:
    staff = make_caseworker()
    invitation = invite(by=staff)
    if how == "accepted":
        accepting.accept(token=token_of(), now=NOW)
    elif how == "withdrawn":
        invitations.withdraw(invitation=invitation, by=staff, now=NOW)
    else:
        invitations.resend(invitation=invitation, by=staff, now=NOW)
    sent = Message.objects.filter(kind="invitation").count()
    with pytest.raises(NotOpen, match=how):
        invitations.resend(invitation=invitation, by=staff, now=NOW)
    assert Message.objects.filter(kind="invitation").count() == sent


def test_what_was_made_anonymous_is_not_sent_again() -> None:
    invitation, staff = invite(), make_caseworker()
    assert erasing.forget_old_invitations(NOW + timedelta(days=15)) == 1
    with pytest.raises(NotOpen, match="expired"):
        invitations.resend(invitation=invitation, by=staff, now=NOW + timedelta(days=15))
    assert Message.objects.filter(kind="invitation").count() == 1


@pytest.mark.parametrize("role", [Role.CONTRIBUTOR, Role.READER])
def test_only_whoever_may_invite_sends_again(role: Role) -> None:
    maker = make_pledge_maker(now=NOW)
    invitation = invite(pledge_maker=maker, role=Role.READER)
    with pytest.raises(PermissionDenied):
        invitations.resend(invitation=invitation, by=make_member(pledge_maker=maker, role=role, now=NOW).user, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_twenty_parallel_presses_leave_one_open_invitation() -> None:
    invitation, staff = invite(), make_caseworker()

    def press(_number: int) -> str:
        try:
            invitations.resend(invitation=invitation, by=staff, now=NOW)
        except (NotOpen, TooOften):
            return "refused"
        finally:
            connection.close()
        return "sent"

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(press, range(20)))
    assert sorted(outcomes) == ["refused"] * 19 + ["sent"]
    assert Invitation.objects.filter(withdrawn_at=None).count() == 1
