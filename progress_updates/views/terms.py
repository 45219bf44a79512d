"""The end of a leader's term; and what a new leader reads: the pledge, and every promise made before them."""

from dataclasses import dataclass
from datetime import date, datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.fresh import fresh_sign_in_required
from accounts.kept import sent_or_kept
from design.templatetags.furniture import long_date
from progress_updates import after_terms
from progress_updates.profile import promises_made, statement_page
from progress_updates.promises import Followed
from signatories import statements, terms
from signatories.access import membership_or_404
from signatories.models import Leader, Membership, Role, Statement, StatementState
from signatories.permissions import check_can_end_term, check_can_sign
from signatories.term_forms import EndTermForm
from signatories.terms import Refused, Term

GET_AND_POST = ["GET", "HEAD", "POST"]


@require_http_methods(GET_AND_POST)
def end_term(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The last day of a leader, and who follows. Who may not, hears so before being asked to prove anything."""
    membership = membership_or_404(request.user, slug)  # type: ignore[arg-type]
    rows = Leader.objects.select_related("pledge_maker", "organisation")
    leader = get_object_or_404(rows, pk=pk, pledge_maker=membership.pledge_maker)
    check_can_end_term(request.user, membership, leader)  # type: ignore[arg-type]
    return _end_freshly(request, membership, leader)


@fresh_sign_in_required
def _end_freshly(request: HttpRequest, membership: Membership, leader: Leader) -> HttpResponse:
    today = timezone.localdate()
    if leader.until_on and leader.until_on <= today:
        messages.info(request, _("%(leader)s has left already. Nothing was changed.") % {"leader": leader.name})
        return redirect("signatories:leaders", membership.pledge_maker.slug)
    form = EndTermForm(sent_or_kept(request), initial={"until_on": leader.until_on})
    if request.method == "POST" and form.is_valid() and _end(request, leader, form):
        messages.success(request, _said(leader, today))
        return redirect(_where_next(membership, leader, today))
    context = {"membership": membership, "pledge_maker": membership.pledge_maker, "leader": leader, "form": form}
    return render(request, "progress_updates/end_term.html", context)


def _end(request: HttpRequest, leader: Leader, form: EndTermForm) -> bool:
    until_on, successor = form.cleaned_data["until_on"], form.named()
    try:
        after_terms.end_term(
            leader=leader,
            until_on=until_on,
            by=request.user,  # type: ignore[arg-type]
            now=timezone.now(),
            successor=successor,
        )
    except Refused as refusal:
        form.add_error("until_on", str(refusal))
        return False
    return True


def _said(leader: Leader, today: date) -> str:
    assert leader.until_on
    facts = {"leader": leader.name, "day": long_date(leader.until_on)}
    if leader.until_on > today:
        return _("%(leader)s leads until %(day)s. Everybody concerned is told.") % facts
    return _("%(leader)s led until %(day)s. Everybody concerned is told.") % facts


def _where_next(membership: Membership, leader: Leader, today: date) -> str:
    """Whoever has just ended their own term acts for the Pledge Maker no more."""
    assert leader.until_on
    if leader.user_id == membership.user_id and leader.until_on <= today:
        return reverse("workspace")
    return reverse("signatories:leaders", args=[membership.pledge_maker.slug])


@require_safe
def read_pledge(request: HttpRequest, slug: str) -> HttpResponse:
    """The Statement of Intent that everybody reads, each promise since, and what a new leader can say to them."""
    membership = membership_or_404(request.user, slug)  # type: ignore[arg-type]
    check_can_sign(membership)
    maker, now = membership.pledge_maker, timezone.now()
    statement = statements.published(maker)
    if statement is None:
        raise Http404
    mine = _own_term(membership, terms.terms_of(maker, day=timezone.localdate(now)))
    context = {
        "membership": membership,
        "pledge_maker": maker,
        "page": statement_page(statement),
        "profile": Followed(promises_made(maker)),
        "term": mine,
        "newer": _newer(statement),
    }
    return render(request, "progress_updates/read_pledge.html", context)


def _newer(statement: Statement) -> Statement | None:
    """A version that is being written, or waits for publication."""
    newer = Statement.objects.filter(pledge_maker=statement.pledge_maker_id, version__gt=statement.version)
    return newer.filter(state__in=[StatementState.DRAFT, StatementState.SIGNED]).first()


def _own_term(membership: Membership, found: list[Term]) -> Term | None:
    mine = [term for term in found if term.in_office and term.leader.user_id == membership.user_id]
    return mine[-1] if mine else None


# --- On the start page of the workspace ---------------------------------------------------------------------


@dataclass(frozen=True)
class LeaderCard:
    """What the change of a leader asks of this person. No pressure: it stays until it is done."""

    title: str
    words: str
    button: str = ""
    url: str = ""
    quoted: str = ""


def leader_cards(membership: Membership, statement: Statement | None, *, now: datetime) -> list[LeaderCard]:
    """For leaders and coordinators of a public Pledge Maker. One query; none for others."""
    if membership.role not in (Role.LEADER, Role.COORDINATOR) or statement is None or _is_first_draft(statement):
        return []
    if statements.has_left(membership.pledge_maker):
        return []
    found = terms.terms_of(membership.pledge_maker, day=timezone.localdate(now))
    if membership.role == Role.LEADER:
        mine = _own_term(membership, found)
        return [_to_read(membership, mine)] if mine and mine.awaits else []
    asked = [_wants_changes(membership, term) for term in found if term.awaits and term.asked_words]
    nobody = found and not any(term.in_office for term in found)
    return [*asked, _nobody_leads(membership)] if nobody else asked


def _is_first_draft(statement: Statement) -> bool:
    return statement.version == 1 and statement.state != StatementState.PUBLISHED


def _to_read(membership: Membership, term: Term) -> LeaderCard:
    url = reverse("progress_updates:read_pledge", args=[membership.pledge_maker.slug])
    since = {"name": membership.pledge_maker.name, "day": long_date(term.leader.from_on)}
    words = _(
        "You have led %(name)s since %(day)s. Read its pledge and promises, then re-affirm them or ask for changes."
    )
    if term.asked_at:
        since["day"] = long_date(term.asked_at)
        words = _("You asked for changes on %(day)s. The coordinators write a new version, and you sign that.")
    return LeaderCard(_("The pledge that you have taken over"), words % since, _("Read the pledge"), url)


def _wants_changes(membership: Membership, term: Term) -> LeaderCard:
    words = _("Asked on %(day)s, before re-affirming the pledge. Begin a new version with these changes.")
    return LeaderCard(
        _("%(leader)s asks for changes") % {"leader": term.leader.name},
        words % {"day": long_date(term.asked_at)},
        _("Go to the Statement of Intent"),
        reverse("signatories:check_statement", args=[membership.pledge_maker.slug]),
        quoted=term.asked_words,
    )


def _nobody_leads(membership: Membership) -> LeaderCard:
    return LeaderCard(
        _("No leader is in office"),
        _("The pledge stands, but nobody can sign. Tell the Synergi team who leads next; they send the invitation."),
        _("See who led"),
        reverse("signatories:leaders", args=[membership.pledge_maker.slug]),
    )
