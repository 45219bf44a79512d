"""Asking to sign the pledge, and what the Synergi team says. Approving only issues the invitation."""

from collections.abc import Sequence
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from accounts.permissions import check_can_invite_leaders
from signatories import invitations, joining, joining_emails
from signatories.models import Application, ApplicationState, Invitation, Organisation
from signatories.permissions import check_can_decide_who_joins

WORD_LIMIT = 500  # words, for why


class Decided(Exception):
    """Somebody was faster: the application no longer waits."""


@transaction.atomic
def apply(
    *,
    organisation_name: str,
    leader_name: str,
    leader_role_title: str,
    leader_email: str,
    contact_name: str,
    contact_email: str,
    why: str,
    looks_automatic: bool,
    now: datetime,
) -> Application:
    """Keeps what was sent and acknowledges it by mail. The same again, while it waits, gives the one that is there.

    Raises joining.TooMany. The leader hears nothing before the invitation."""
    typed = {
        "organisation_name": organisation_name.strip(),
        "leader_name": leader_name.strip(),
        "leader_role_title": leader_role_title.strip(),
        "leader_email": leader_email.strip().lower(),
        "contact_name": contact_name.strip(),
        "contact_email": contact_email.strip().lower(),
        "why": why.strip(),
    }
    joining.take_turns()
    if same := Application.objects.filter(**typed, state=ApplicationState.WAITING).first():
        return same
    alike = Application.objects.filter(looks_automatic=looks_automatic)
    joining.check_not_too_many(alike, from_address=Q(contact_email=typed["contact_email"]), now=now)
    application = Application.objects.create(**typed, looks_automatic=looks_automatic, created_at=now)
    audit.record(action="application.received", by=None, now=now, about=application)
    joining_emails.acknowledge_application(application=application, now=now)
    joining_emails.tell_team(looks_automatic=looks_automatic, now=now)
    return application


@transaction.atomic
def approve(
    *,
    application: Application,
    organisations: Sequence[Organisation],
    pledge_maker_name: str,
    name: str,
    email: str,
    role_title: str,
    by: User,
    now: datetime,
) -> Invitation:
    """Invites the leader for the Pledge Maker of these organisations, which is made when there is none.

    Name, address and role may have been put right. Two approvals make one invitation: the second raises
    Decided. Raises ValidationError when the person leads it already."""
    check_can_invite_leaders(by)
    held = _hold(application)
    invitation = invitations.invite_leader(
        organisations=organisations,
        pledge_maker_name=pledge_maker_name,
        name=name,
        email=email,
        role_title=role_title,
        by=by,
        now=now,
    )
    _decide(held, ApplicationState.APPROVED, by, now, invitation=invitation, organisation=organisations[0])
    _record("application.approved", held, by, now, invitation=invitation.pk)
    joining_emails.tell_of_approval(application=held, invitation=invitation, now=now)
    return invitation


@transaction.atomic
def decline(*, application: Application, reason: str, by: User, now: datetime) -> None:
    """Says no, with a reason that the contact reads. Raises ValidationError without one, Decided when too late."""
    check_can_decide_who_joins(by)
    if not reason.strip():
        raise ValidationError(_("Give a reason."))
    held = _hold(application)
    _decide(held, ApplicationState.DECLINED, by, now, decline_reason=reason.strip())
    _record("application.declined", held, by, now)
    joining_emails.tell_of_refusal(application=held, now=now)


def _record(act: str, held: Application, by: User, now: datetime, **detail: int) -> None:
    before, after = {"state": str(ApplicationState.WAITING)}, {"state": str(held.state)}
    audit.record(action=act, by=by, now=now, about=held, before=before, after=after, **detail)


def _hold(application: Application) -> Application:
    """The row, locked while it waits: whoever comes second finds it decided."""
    rows = Application.objects.select_for_update(no_key=True)
    held = rows.filter(pk=application.pk, state=ApplicationState.WAITING).first()
    if held is None:
        raise Decided
    return held


def _decide(held: Application, state: ApplicationState, by: User, now: datetime, **more: object) -> None:
    rows = Application.objects.filter(pk=held.pk, state=ApplicationState.WAITING)
    if not rows.update(state=state, decided_at=now, decided_by=by, **more):
        raise Decided
    held.refresh_from_db()
