"""A Statement of Intent is signed by a leader, and put before the public by staff."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from accounts.permissions import check_can_publish
from signatories import emails
from signatories.access import membership_of
from signatories.models import Leader, Signature, Statement, StatementState
from signatories.permissions import check_can_sign
from signatories.statements import STEP, Gap, Incomplete, Refused, Step, check_has_not_left, gaps, hold_maker


def _signing_gaps(statement: Statement, name: str, role_title: str, joins_network: bool) -> list[Gap]:
    found = [*gaps(statement), *gaps_of_name(name, role_title)]
    if not joins_network:
        found.append(Gap("joins_network", _("Agree to be part of the national network.")))
    return found


def gaps_of_name(name: str, role_title: str) -> list[Gap]:
    """What is missing of a signature itself."""
    found = [] if name.strip() else [Gap("name", _("Enter your full name."))]
    return found if role_title.strip() else [*found, Gap("role_title", _("Enter your role."))]


@transaction.atomic
def sign(
    *,
    statement: Statement,
    leader: Leader,
    name: str,
    role_title: str,
    joins_network: bool,
    edit: int,
    by: User,
    now: datetime,
) -> Signature:
    """Signs the version that the leader read (`edit`) and tells publishers and colleagues by mail.

    The page asks for a fresh sign-in before it calls this. A second call changes nothing and returns the
    signature that is there. Raises Incomplete with every gap, or Refused when the text changed meanwhile."""
    Leader.objects.filter(pk=leader.pk).hold()
    check_can_sign(membership_of(by, statement.pledge_maker))
    check_is_leader(leader, statement, by, now)
    if already := Signature.objects.filter(statement=statement, leader=leader).first():
        return already
    check_has_not_left(hold_maker(statement))
    if found := _signing_gaps(statement, name, role_title, joins_network):
        raise Incomplete(found)
    drafts = Statement.objects.filter(pk=statement.pk, state=STEP["sign"].source, edit=edit)
    if not drafts.update(state=STEP["sign"].target, signed_at=now, joins_network=True):
        return _signature_or_refusal(statement, leader)
    signature = put_name_under(statement, leader=leader, name=name, role_title=role_title, now=now)
    _record(STEP["sign"], statement, by, now, leader=leader.pk, edit=edit)
    emails.tell_publishers_of_signature(signature=signature, now=now)
    emails.tell_colleagues_of_signature(signature=signature, now=now)
    return signature


def put_name_under(statement: Statement, *, leader: Leader, name: str, role_title: str, now: datetime) -> Signature:
    """One more signature under this version, with name, role and organisation as they are on this day."""
    return Signature.objects.create(
        statement=statement,
        leader=leader,
        name=name.strip(),
        role_title=role_title.strip(),
        organisation_name=leader.organisation.name if leader.organisation else "",
        signed_at=now,
    )


def check_is_leader(leader: Leader, statement: Statement, by: User, now: datetime) -> None:
    of_this = leader.pledge_maker_id == statement.pledge_maker_id and leader.user_id == by.pk
    if not of_this or not Leader.objects.on(timezone.localdate(now)).filter(pk=leader.pk).exists():
        raise Refused(_("Only a leader of this Pledge Maker can sign its Statement."))


def _signature_or_refusal(statement: Statement, leader: Leader) -> Signature:
    if already := Signature.objects.filter(statement=statement, leader=leader).first():
        return already
    if Statement.objects.filter(pk=statement.pk, state=StatementState.DRAFT).exists():
        raise Refused(_("The text was changed after you opened this page. Read it again, then sign."))
    raise Refused(_("Another leader has signed this version already."))


@transaction.atomic
def publish(*, statement: Statement, by: User, now: datetime) -> bool:
    """Puts a signed version before the public and tells who leads or coordinates; the one before is superseded.

    Returns False when it is published already. Raises Refused when it is not signed, and once the Pledge Maker
    has left."""
    check_can_publish(by)
    maker = hold_maker(statement)
    publish_, supersede = STEP["publish"], STEP["supersede"]
    others = Statement.objects.filter(pledge_maker=statement.pledge_maker_id, state=supersede.source)
    replaced = list(others.exclude(pk=statement.pk).values_list("pk", flat=True))
    Statement.objects.filter(pk__in=replaced, state=supersede.source).update(state=supersede.target)
    signed = Statement.objects.filter(pk=statement.pk, state=publish_.source)
    if not signed.update(state=publish_.target, published_at=now, published_by=by):
        return _published_already(statement)
    check_has_not_left(maker)
    for pk in replaced:
        _record(supersede, Statement(pk=pk), by, now)
    _record(publish_, statement, by, now)
    emails.tell_members_of_publication(statement=statement, now=now)
    return True


def _record(step: Step, statement: Statement, by: User, now: datetime, **detail: int) -> None:
    before, after = {"state": str(step.source)}, {"state": str(step.target)}
    audit.record(action=step.audit, by=by, now=now, about=statement, before=before, after=after, **detail)


def _published_already(statement: Statement) -> bool:
    """False, or Refused, which undoes what `publish` began."""
    if Statement.objects.filter(pk=statement.pk, state=StatementState.PUBLISHED).exists():
        return False
    raise Refused(_("Only a signed Statement can be published."))
