"""Who belongs to the Synergi team: an administrator gives and takes its roles; the first gets one by a command."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.erasing import is_last_administrator
from accounts.models import SynergiRole, User
from accounts.people import account_for
from accounts.permissions import check_can_give_roles
from mail import outbox
from mail.outbox import Draft


class RoleRefused(Exception):
    """This role cannot be changed so; the message is a sentence for people."""


class HasRoleAlready(RoleRefused):
    """Nothing was to be changed."""


@transaction.atomic
def give_role(*, user: User, role: str, by: User | None, now: datetime) -> None:
    """Puts somebody into a role of the Synergi team; `SynergiRole.NONE` takes it away. Tells them and administrators.

    `by` is empty when a command does it. Raises PermissionDenied, HasRoleAlready, or RoleRefused: the last
    administrator, a closed account, somebody was faster."""
    if by is not None:
        check_can_give_roles(by)
    before, after = user.synergi_role, SynergiRole(role)
    if before == after:
        raise HasRoleAlready(_("%(name)s has this role already. Nothing was changed.") % {"name": user.name})
    if before == SynergiRole.ADMINISTRATOR and is_last_administrator(user):
        raise RoleRefused(_("This is the only administrator. Make somebody else one first."))
    rows = User.objects.filter(pk=user.pk, synergi_role=before, is_active=True)
    if not rows.update(synergi_role=after):
        raise RoleRefused(_("Somebody was faster, or the account is closed. Nothing was changed. Look again."))
    user.synergi_role = after
    audit.record(
        action="synergi_role.given",
        by=by,
        about=user,
        now=now,
        before={"role": str(before)},
        after={"role": str(after)},
    )
    _tell(user, before, by, now)


def _tell(user: User, before: str, by: User | None, now: datetime) -> None:
    """The person, and every administrator: one mail each."""
    context = {
        "person": user.name,
        "by": by.name if by else _("Whoever runs this site"),
        "ask": by.name if by else _("whoever runs this site"),
        "role": user.get_synergi_role_display().lower() if user.synergi_role else "",
        "role_before": SynergiRole(before).label.lower() if before else "",
    }
    administrators = User.objects.filter(is_active=True, synergi_role=SynergiRole.ADMINISTRATOR)
    drafts = [_draft("synergi_role", user, context)]
    drafts += [_draft("synergi_role_of_other", each, context) for each in administrators.exclude(pk=user.pk)]
    outbox.queue_many(drafts, now=now)


def _draft(kind: str, to: User, context: dict[str, str]) -> Draft:
    address = f"{settings.SITE_URL}/staff/roles/" if to.synergi_role else f"{settings.SITE_URL}/workspace/"
    return Draft(
        to=to.email, to_name=to.name, kind=kind, template=kind, context={**context, "name": to.name, "address": address}
    )


@transaction.atomic
def add(*, email: str, name: str, role: str, by: User | None, now: datetime) -> User:
    """Puts somebody into the team by their address; the account is made when there is none.

    Raises as `give_role` does."""
    user = account_for(email=email, name=name)
    give_role(user=user, role=role, by=by, now=now)
    return user
