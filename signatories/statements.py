"""The life of a Statement of Intent: its states, and how it is started and written. `signing.py` has the rest."""

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
from design.words import count_words, with_unix_line_ends
from signatories.access import membership_of
from signatories.models import (
    Membership,
    Plan,
    PledgeMaker,
    PledgeWording,
    Statement,
    StatementState,
)
from signatories.permissions import can_edit_statement, check_can_edit_statement

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
