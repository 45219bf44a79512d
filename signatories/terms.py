"""Leaders change: a term ends, the pledge stands, and the successor re-affirms it or asks for changes.

Who leads is read from dates (`Leader.from_on`, `until_on`; the last day is included), and who has signed from
signatures. Nothing else is kept, so nothing can disagree.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from design.templatetags.furniture import long_date
from signatories import statements, term_emails
from signatories.access import membership_of
from signatories.changes import Refused
from signatories.models import (
    ChangesAsked,
    Leader,
    Membership,
    PledgeMaker,
    Role,
    Signature,
    Statement,
    StatementState,
)
from signatories.permissions import check_can_end_term, check_can_sign
from signatories.signing import check_is_leader, gaps_of_name, put_name_under
from signatories.statements import Incomplete

# Whoever signed one of these has spoken: the version that everybody reads, or the one that replaces it soon.
SETTLES = (StatementState.PUBLISHED, StatementState.SIGNED)
# How far ahead a last day can be entered: a typing error in the year is no plan.
AT_MOST_AHEAD = timedelta(days=366)


# --- Who leads, and who is awaited --------------------------------------------------------------------------


def awaited(day: date) -> QuerySet[Leader]:
    """Leaders in office who have signed neither the published version nor a newer one. No query of its own.

    Not those who are about to leave, nor those known from history, who cannot sign here."""
    standing = PledgeMaker.objects.published().current()
    signed = Signature.objects.filter(statement__state__in=SETTLES).order_by()
    in_office = Leader.objects.on(day).filter(until_on=None, user__isnull=False, pledge_maker__in=standing.values("pk"))
    return in_office.exclude(pk__in=signed.values("leader"))


def leaderless(day: date) -> QuerySet[PledgeMaker]:
    """Public Pledge Makers whose last leader has left, with nobody in office. No query of its own."""
    left = Leader.objects.filter(until_on__lt=day).order_by()
    leading = Leader.objects.on(day).order_by()
    makers = PledgeMaker.objects.published().current().filter(pk__in=left.values("pledge_maker"))
    return makers.exclude(pk__in=leading.values("pledge_maker"))


def waiting(day: date) -> QuerySet[PledgeMaker]:
    """Pledge Makers of which a leader is awaited, or that have none, the longest first. One query.

    `new_leader` is the name of who is awaited, empty where nobody leads; `waits_since` the first day without."""
    new = awaited(day).filter(pledge_maker=OuterRef("pk")).order_by("from_on", "pk")
    last = Leader.objects.filter(pledge_maker=OuterRef("pk")).order_by("-until_on", "-pk")
    of_somebody = Q(pk__in=awaited(day).order_by().values("pledge_maker"))
    makers = PledgeMaker.objects.filter(of_somebody | Q(pk__in=leaderless(day).order_by().values("pk")))
    return makers.annotate(
        new_leader=Subquery(new.values("name")[:1]),
        waits_since=Coalesce(Subquery(new.values("from_on")[:1]), Subquery(last.values("until_on")[:1])),
    ).order_by("waits_since", "name", "pk")


def is_awaited(pledge_maker: PledgeMaker, *, day: date) -> bool:
    """Whether a leader has still to re-affirm the pledge, or to be found. One query."""
    return waiting(day).filter(pk=pledge_maker.pk).exists()


@dataclass(frozen=True)
class Term:
    """A leader as of a day: whether in office, and what they have said to the published Statement."""

    leader: Leader
    in_office: bool
    # Whether a last day can be entered or changed: on the day itself it is too late.
    goes_on: bool
    awaits: bool
    # When they signed the version that everybody reads, and whether somebody had signed it before.
    signed_at: datetime | None
    is_reaffirmed: bool
    asked_at: datetime | None
    asked_words: str


def terms_of(maker: PledgeMaker, *, day: date) -> list[Term]:
    """Every leader of a Pledge Maker, the earliest first. One query."""
    signed = Signature.objects.filter(leader=OuterRef("pk"), statement__state=StatementState.PUBLISHED)
    asked = ChangesAsked.objects.filter(leader=OuterRef("pk"), statement__state=StatementState.PUBLISHED)
    newest = asked.order_by("-asked_at", "-pk")
    leaders = maker.leaders.select_related("organisation").annotate(
        signed_at=Subquery(signed.values("signed_at")[:1]),
        version_signed_at=Subquery(signed.values("statement__signed_at")[:1]),
        awaits=Exists(awaited(day).filter(pk=OuterRef("pk"))),
        asked_at=Subquery(newest.values("asked_at")[:1]),
        asked_words=Subquery(newest.values("words")[:1]),
    )
    return [_term(leader, day) for leader in leaders]


def _term(leader: Leader, day: date) -> Term:
    signed_at: datetime | None = leader.signed_at  # type: ignore[attr-defined]
    return Term(
        leader=leader,
        in_office=leader.from_on <= day and (leader.until_on is None or leader.until_on >= day),
        goes_on=leader.from_on <= day and (leader.until_on is None or leader.until_on > day),
        awaits=leader.awaits,  # type: ignore[attr-defined]
        signed_at=signed_at,
        is_reaffirmed=signed_at is not None and signed_at > leader.version_signed_at,  # type: ignore[attr-defined]
        asked_at=leader.asked_at,  # type: ignore[attr-defined]
        asked_words=leader.asked_words or "",  # type: ignore[attr-defined]
    )


# --- A term ends --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Successor:
    """Whom somebody names as the next leader. Kept nowhere: it stands in the mail to the Synergi team, who invite."""

    name: str
    role_title: str = ""
    email: str = ""


@transaction.atomic
def end_term(
    *,
    leader: Leader,
    until_on: date,
    by: User,
    now: datetime,
    unsigned: Sequence[str] = (),
    successor: Successor | None = None,
) -> Leader:
    """The leader leaves; `until_on` is the last day. The pledge stands, and signatures keep the name.

    Today or before: they act for the Pledge Maker no more from now on. A day to come is kept, can be changed, and
    takes effect by itself when it is over. `unsigned` names the rounds whose update then waits for the next leader.
    Everybody concerned is told. Raises Refused."""
    check_can_end_term(by, membership_of(by, leader.pledge_maker), leader)
    held = hold(leader)
    _check_can_end(held, until_on, timezone.localdate(now))
    Leader.objects.filter(pk=held.pk).update(until_on=until_on)
    is_over = until_on <= timezone.localdate(now)
    if is_over:
        _end_membership(held, by, now)
    event = audit.record(
        action="leader.term_ended",
        by=by,
        now=now,
        about=held,
        before={"until_on": _iso(held.until_on)},
        after={"until_on": _iso(until_on)},
    )
    held.until_on = until_on
    leader.until_on = until_on
    term_emails.tell_of_end(
        leader=held, by=by, event=event.pk, is_over=is_over, unsigned=unsigned, successor=successor, now=now
    )
    return held


def hold(leader: Leader) -> Leader:
    """As it stands now; nobody ends this term, or signs in it, until the transaction ends."""
    rows = Leader.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("pledge_maker__caseworker", "user", "organisation").get(pk=leader.pk)


def _check_can_end(leader: Leader, until_on: date, today: date) -> None:
    if leader.until_on and leader.until_on <= today:
        raise Refused(_("This leader has left already."))
    if leader.until_on == until_on:
        raise Refused(_("That is their last day already."))
    if until_on < leader.from_on:
        raise Refused(_("The last day cannot be before the first."))
    if until_on > today + AT_MOST_AHEAD:
        raise Refused(_("Choose a day within the next year."))
    last = leader.signatures.order_by("-signed_at").values_list("signed_at", flat=True).first()
    check_signed_before(leader, last, until_on)


def check_signed_before(leader: Leader, signed_at: datetime | None, until_on: date) -> None:
    """Nobody signed after their last day. Raises Refused."""
    if signed_at and timezone.localdate(signed_at) > until_on:
        sentence = _("%(leader)s signed on %(day)s. The last day cannot be before that.")
        raise Refused(sentence % {"leader": leader.name, "day": long_date(signed_at)})


def _end_membership(leader: Leader, by: User, now: datetime) -> None:
    Membership.objects.filter(
        user=leader.user_id, pledge_maker=leader.pledge_maker_id, role=Role.LEADER, ended_at=None
    ).update(ended_at=now, ended_by=None if by.pk == leader.user_id else by)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


# --- The successor speaks -----------------------------------------------------------------------------------


@transaction.atomic
def reaffirm(*, leader: Leader, statement: Statement, name: str, role_title: str, by: User, now: datetime) -> Signature:
    """The leader signs the published version that they read, as it is. Tells coordinators and the Synergi team.

    The page asks for a fresh sign-in before it calls this. A second call returns the signature that is there.
    Raises Incomplete without name or role, or Refused, when a newer version is published too."""
    held = _leader_who_speaks(leader, statement, by, now)
    if already := Signature.objects.filter(statement=statement, leader=held).first():
        return already
    _check_is_read_by_all(statement)
    if gaps := gaps_of_name(name, role_title):
        raise Incomplete(gaps)
    signature = put_name_under(statement, leader=held, name=name, role_title=role_title, now=now)
    spoken = {"after": {"signature": signature.pk, "leader": held.pk}}
    audit.record(action="statement.reaffirmed", by=by, now=now, about=statement, **spoken)
    term_emails.tell_of_reaffirmation(signature=signature, leader=held, now=now)
    return signature


@transaction.atomic
def ask_for_changes(*, leader: Leader, statement: Statement, words: str, by: User, now: datetime) -> ChangesAsked:
    """The leader asks for a changed Statement instead; the coordinators are told, and begin a new version.

    The same words twice are one request. Raises Refused without words, or when it is signed already."""
    held = _leader_who_speaks(leader, statement, by, now)
    words = words.strip()
    if not words:
        raise Refused(_("Say what should change."))
    if not awaited(timezone.localdate(now)).filter(pk=held.pk).exists():
        raise Refused(_("You have signed the Statement of Intent. Begin a new version if it should change."))
    _check_is_read_by_all(statement)
    last = held.changes_asked.filter(statement=statement).last()
    if last and last.words == words:
        return last
    asked = ChangesAsked.objects.create(statement=statement, leader=held, words=words, asked_at=now)
    spoken = {"after": {"request": asked.pk, "leader": held.pk}}
    audit.record(action="statement.changes_asked", by=by, now=now, about=statement, **spoken)
    term_emails.tell_of_wanted_changes(asked=asked, leader=held, now=now)
    return asked


def _leader_who_speaks(leader: Leader, statement: Statement, by: User, now: datetime) -> Leader:
    """Held, so that the term does not end meanwhile."""
    held = hold(leader)
    check_can_sign(membership_of(by, held.pledge_maker))
    check_is_leader(held, statement, by, now)
    statements.check_has_not_left(statements.hold_maker(statement))
    return held


def _check_is_read_by_all(statement: Statement) -> None:
    if not Statement.objects.filter(pk=statement.pk, state=StatementState.PUBLISHED).exists():
        raise Refused(_("A newer version is published now. Read it first."))
