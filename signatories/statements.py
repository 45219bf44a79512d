"""The life of a Statement of Intent: started, written, signed by the leader, published by staff."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F, Max, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import audit
from accounts.models import User
from accounts.permissions import check_can_publish
from design.words import count_words, with_unix_line_ends
from signatories import emails
from signatories.access import membership_of
from signatories.models import (
    Leader,
    Membership,
    Plan,
    PledgeMaker,
    PledgeWording,
    Signature,
    Statement,
    StatementState,
)
from signatories.permissions import can_edit_statement, check_can_edit_statement, check_can_sign

OBJECTIVE_NUMBERS = range(1, 8)
WORD_LIMIT = 1000  # words, for each answer


@dataclass(frozen=True)
class Step:
    """One allowed change of state: what the button says, and what the audit trail calls it."""

    name: str
    source: StatementState
    target: StatementState
    by: Promise
    button: Promise
    audit: str


STEPS = (
    Step(
        "sign",
        StatementState.DRAFT,
        StatementState.SIGNED,
        gettext_lazy("A leader of the Pledge Maker"),
        gettext_lazy("Sign the Statement of Intent"),
        "statement.signed",
    ),
    Step(
        "publish",
        StatementState.SIGNED,
        StatementState.PUBLISHED,
        gettext_lazy("A publisher of the Synergi team"),
        gettext_lazy("Publish the Statement of Intent"),
        "statement.published",
    ),
    Step(
        "supersede",
        StatementState.PUBLISHED,
        StatementState.SUPERSEDED,
        gettext_lazy("The publication of a newer version"),
        gettext_lazy("Replaced by a newer version"),
        "statement.superseded",
    ),
)
STEP = {step.name: step for step in STEPS}


class Refused(Exception):
    """The Statement is not in a state that allows this; the message is a sentence for the person."""


class Conflict(Exception):
    """Somebody saved in between. Nothing was overwritten: both texts are here."""

    def __init__(
        self,
        *,
        theirs: Statement,
        their_plans: Mapping[int, str],
        my_why: str,
        my_plans: Mapping[int, str],
    ) -> None:
        super().__init__(_("Somebody else saved this Statement while you were writing. Nothing is lost."))
        self.theirs, self.their_plans = theirs, dict(their_plans)
        self.my_why, self.my_plans = my_why, dict(my_plans)


@dataclass(frozen=True)
class Gap:
    """One thing that stands between a Statement and its signature."""

    field: str  # "why", "plan_3", "name", "role_title", "joins_network": also the anchor on the page
    sentence: str


class Incomplete(Exception):
    """The Statement cannot be signed yet."""

    def __init__(self, gaps: list[Gap]) -> None:
        super().__init__(" ".join(gap.sentence for gap in gaps))
        self.gaps = gaps


def latest(pledge_maker: PledgeMaker) -> Statement | None:
    return pledge_maker.statements.select_related("wording").order_by("-version").first()


def published(pledge_maker: PledgeMaker) -> Statement | None:
    """The version that the public sees."""
    return pledge_maker.statements.filter(state=StatementState.PUBLISHED).select_related("wording").first()


def to_publish() -> QuerySet[Statement]:
    """Signed versions that wait for a publisher, oldest first."""
    rows = Statement.objects.filter(state=StatementState.SIGNED).select_related("pledge_maker")
    return rows.order_by("signed_at", "pk")


def plans_of(statement: Statement) -> dict[int, str]:
    """The text for each objective, empty where nothing was written yet."""
    written = dict(statement.plans.values_list("number", "text"))
    return {number: written.get(number, "") for number in OBJECTIVE_NUMBERS}


def wording_on(now: datetime) -> PledgeWording:
    """The wording of the pledge in force on the London day of `now`."""
    return PledgeWording.objects.filter(effective_on__lte=timezone.localdate(now)).latest()


def has_left(pledge_maker: PledgeMaker) -> bool:
    return bool(pledge_maker.withdrawn_on or pledge_maker.merged_on)


def can_renew(membership: Membership | None, last: Statement | None) -> bool:
    """Whether this person may begin a new version: the last one is published, and the Pledge Maker still stands."""
    if last is None or last.state != StatementState.PUBLISHED or not can_edit_statement(membership):
        return False
    return not has_left(last.pledge_maker)


def start(*, pledge_maker: PledgeMaker, by: User, now: datetime) -> Statement:
    """The draft of this Pledge Maker; a new version, copied from the last, when there is none.

    Raises Refused while a signed version waits for publication, and once the Pledge Maker has left."""
    check_can_edit_statement(membership_of(by, pledge_maker))
    check_has_not_left(pledge_maker)
    last = latest(pledge_maker)
    if last and last.state == StatementState.DRAFT:
        return last
    if last and last.state == StatementState.SIGNED:
        raise Refused(_("A signed version is waiting to be published. It can no longer be changed."))
    try:
        return _new_version(pledge_maker, last, by, now)
    except IntegrityError:  # somebody started the same version at this moment
        return pledge_maker.statements.select_related("wording").get(state=StatementState.DRAFT)


def check_has_not_left(pledge_maker: PledgeMaker) -> None:
    if has_left(pledge_maker):
        raise Refused(_("This Pledge Maker no longer stands behind the pledge on its own. Its Statement stays."))


def hold_maker(statement: Statement) -> PledgeMaker:
    """As it stands now; it neither withdraws nor merges until this transaction ends."""
    return PledgeMaker.objects.select_for_update(of=("self",), no_key=True).get(pk=statement.pledge_maker_id)


@transaction.atomic
def _new_version(pledge_maker: PledgeMaker, last: Statement | None, by: User, now: datetime) -> Statement:
    version = (pledge_maker.statements.aggregate(last=Max("version"))["last"] or 0) + 1
    statement = Statement.objects.create(
        pledge_maker=pledge_maker,
        version=version,
        wording=wording_on(now),
        why=last.why if last else "",
        created_at=now,
    )
    texts = plans_of(last) if last else dict.fromkeys(OBJECTIVE_NUMBERS, "")
    Plan.objects.bulk_create(Plan(statement=statement, number=n, text=text) for n, text in texts.items())
    audit.record(action="statement.started", by=by, now=now, about=statement, version=version)
    return statement


@transaction.atomic
def save(*, statement: Statement, why: str, plans: Mapping[int, str], edit: int, by: User, now: datetime) -> Statement:
    """Saves a draft if nobody else saved since `edit`, however long the texts are: signing checks that.

    `plans` may hold some of the objectives only. Returns the Statement with its new `edit`; saving what is
    already there changes nothing. Raises Conflict (with both texts) or Refused."""
    check_can_edit_statement(membership_of(by, statement.pledge_maker))
    why, plans = with_unix_line_ends(why).strip(), {n: with_unix_line_ends(text).strip() for n, text in plans.items()}
    seen = Statement.objects.select_related("pledge_maker", "wording").get(pk=statement.pk)
    if seen.state != StatementState.DRAFT:
        raise Refused(_("This Statement is signed and can no longer be changed."))
    if seen.why == why and plans_of(seen) == plans_of(seen) | plans:
        return seen
    drafts = Statement.objects.filter(pk=statement.pk, edit=edit, state=StatementState.DRAFT)
    if not drafts.update(why=why, edit=F("edit") + 1):
        raise _conflict(statement, why, plans)
    for number, text in plans.items():
        Plan.objects.update_or_create(statement=statement, number=number, defaults={"text": text})
    audit.record(action="statement.saved", by=by, now=now, about=statement, edit=edit + 1)
    return Statement.objects.select_related("pledge_maker", "wording").get(pk=statement.pk)


def _conflict(statement: Statement, why: str, plans: Mapping[int, str]) -> Exception:
    theirs = Statement.objects.select_related("pledge_maker", "wording").get(pk=statement.pk)
    if theirs.state != StatementState.DRAFT:
        return Refused(_("This Statement is signed and can no longer be changed."))
    return Conflict(theirs=theirs, their_plans=plans_of(theirs), my_why=why, my_plans=plans)


def gaps(statement: Statement) -> list[Gap]:
    """What is missing or too long in the texts, in the order of the page."""
    texts = {"why": statement.why} | {f"plan_{n}": text for n, text in plans_of(statement).items()}
    found = []
    for field, text in texts.items():
        if not text.strip():
            found.append(Gap(field, _missing_sentence(field)))
        elif (length := count_words(text)) > WORD_LIMIT:
            found.append(Gap(field, too_long_sentence(field, length)))
    return found


def _missing_sentence(field: str) -> str:
    if field == "why":
        return _("Say why you are a Pledge Maker.")
    return _("Say how you plan to meet objective %(number)s.") % {"number": field.removeprefix("plan_")}


def too_long_sentence(field: str, length: int) -> str:
    part = (
        _("Why you are a Pledge Maker")
        if field == "why"
        else _("Objective %(number)s") % {"number": field.removeprefix("plan_")}
    )
    return _("%(part)s has %(length)s words. The limit is %(limit)s.") % {
        "part": part,
        "length": f"{length:,}",
        "limit": f"{WORD_LIMIT:,}",
    }


def _signing_gaps(statement: Statement, name: str, role_title: str, joins_network: bool) -> list[Gap]:
    found = gaps(statement)
    if not name.strip():
        found.append(Gap("name", _("Enter your full name.")))
    if not role_title.strip():
        found.append(Gap("role_title", _("Enter your role.")))
    if not joins_network:
        found.append(Gap("joins_network", _("Agree to be part of the national network.")))
    return found


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
