"""Erasing an account: name and address go, the row stays, so that history keeps its shape."""

from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts import audit, open_sessions, sessions
from accounts.models import AddressChange, AuditEvent, KeptRequest, MailedCode, SynergiRole, User


class CannotErase(Exception):
    """The account must stay; the message is a sentence for people."""


@transaction.atomic
def erase(*, user: User, by: User | None, now: datetime) -> None:
    """Takes everything away that says who this person is, and ends every session. Safe to run twice.

    `by` is empty when the clock does it. Raises CannotErase for one's own account and the last administrator."""
    if by == user:
        raise CannotErase(_("You cannot erase your own account. Ask another administrator."))
    if is_last_administrator(user):
        raise CannotErase(_("This is the only administrator. Make somebody else one first."))
    before = {"role": user.synergi_role, "is_active": user.is_active}
    erased = User.objects.filter(pk=user.pk, erased_at=None).update(
        email=f"erased-{user.pk}@erased.invalid",
        name=_("Erased account"),
        is_active=False,
        synergi_role=SynergiRole.NONE,
        erased_at=now,
    )
    if erased:
        _forget_keys(user)
        after = {"role": str(SynergiRole.NONE), "is_active": False}
        audit.record(action="account.erased", by=by, now=now, about=user, before=before, after=after)
    user.refresh_from_db()


def is_last_administrator(user: User) -> bool:
    """Whether nobody else could run the team after this person. Locks the administrators until the end."""
    administrators = User.objects.select_for_update().filter(is_active=True, synergi_role=SynergiRole.ADMINISTRATOR)
    return [row.pk for row in administrators] == [user.pk]


def _forget_keys(user: User) -> None:
    """Addresses, codes, passkeys and sessions."""
    EmailAddress.objects.filter(user=user).delete()
    Authenticator.objects.filter(user=user).delete()
    MailedCode.objects.filter(user=user).delete()
    KeptRequest.objects.filter(user=user).delete()
    AddressChange.objects.filter(user=user).delete()
    open_sessions.end_all(user=user)


def former_addresses(user: User) -> list[str]:
    """Addresses that this person had, as far as we still know; not those that somebody else has by now."""
    had = AddressChange.objects.filter(user=user, confirmed_at__isnull=False).exclude(old_email=user.email)
    addresses = had.exclude(old_email__in=User.objects.exclude(pk=user.pk).values("email"))
    return list(addresses.order_by("old_email").values_list("old_email", flat=True).distinct())


def delete_old_address_changes(*, made_before: datetime, asked_before: datetime) -> int:
    """Those made before the first moment, and those asked for before the second and never made. Returns how many."""
    old = Q(confirmed_at__lt=made_before) | Q(confirmed_at=None, asked_at__lt=asked_before)
    return AddressChange.objects.filter(old).delete()[0]


def idle_since(day: datetime) -> models.QuerySet[User]:
    """Accounts that have had no role for anybody since that moment. They are nobody's, so they need not be kept."""
    needed = Q(memberships__isnull=False, memberships__ended_at=None) | Q(memberships__ended_at__gte=day)
    candidates = User.objects.filter(erased_at=None, synergi_role=SynergiRole.NONE, date_joined__lt=day)
    candidates = candidates.exclude(pk__in=User.objects.filter(needed).values("pk"))
    return candidates.exclude(pk__in=_left_the_team(since=day))


def _left_the_team(*, since: datetime) -> models.QuerySet[AuditEvent, Any]:
    """The numbers of those whose role in the Synergi team was given, changed or taken since then. No row of ours says
    when a role of the team ended; the audit trail does."""
    about_people = AuditEvent.objects.filter(about_kind=User._meta.label_lower, about_id__isnull=False)
    changed = about_people.filter(action__in=("synergi_role.given", "synergi_role.changed"), at__gte=since)
    return changed.values("about_id")


def delete_old_codes(before: datetime) -> int:
    """Sign-in codes are of use for minutes only. Returns how many were deleted."""
    return MailedCode.objects.filter(created_at__lt=before).delete()[0]


def delete_ended_sessions(now: datetime) -> int:
    """Sessions that have run out, and what was noted about them; the end of each is on the record.

    Returns how many were deleted."""
    gone = sessions.end_those_run_out(now)
    UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()
    return gone


def delete_old_kept(before: datetime) -> int:
    """What was sent too late, and nobody came back for. Returns how many were deleted."""
    return KeptRequest.objects.filter(created_at__lt=before).delete()[0]
