"""Who leads a Pledge Maker, and what a new leader says to its Statement of Intent."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.fresh import fresh_sign_in_required, take_typed
from design.forms import PledgeForm
from signatories import invitations, last_days, statements, terms
from signatories.access import membership_or_404
from signatories.models import Leader, Membership, Role, Statement
from signatories.permissions import can_end_term, check_can_end_term, check_can_sign
from signatories.term_forms import AskForChangesForm, ReaffirmForm

GET_AND_POST = ["GET", "HEAD", "POST"]


@require_safe
def leaders(request: HttpRequest, slug: str) -> HttpResponse:
    """Who leads and who led, with days; whoever may, ends a term from here."""
    membership = membership_or_404(request.user, slug)  # type: ignore[arg-type]
    maker, now = membership.pledge_maker, timezone.now()
    found = terms.terms_of(maker, day=timezone.localdate(now))
    invited = invitations.open_for(maker, now=now).filter(role=Role.LEADER)
    context = {
        "membership": membership,
        "pledge_maker": maker,
        "current": [
            (term, term.goes_on and can_end_term(membership.user, membership, term.leader))
            for term in found
            if term.in_office
        ],
        "former": [term for term in reversed(found) if not term.in_office],
        "invited": invited,
    }
    return render(request, "signatories/leaders.html", context)


@require_POST
def withdraw_last_day(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The leader stays after all. Who may not say so, hears it before being asked to prove anything."""
    membership = membership_or_404(request.user, slug)  # type: ignore[arg-type]
    leader = get_object_or_404(membership.pledge_maker.leaders.select_related("pledge_maker"), pk=pk)
    check_can_end_term(membership.user, membership, leader)
    return _withdraw_freshly(request, membership, leader)


def _leaders_page(request: HttpRequest, membership: Membership, leader: Leader) -> str:
    return reverse("signatories:leaders", args=[membership.pledge_maker.slug])


@fresh_sign_in_required(back=_leaders_page)
def _withdraw_freshly(request: HttpRequest, membership: Membership, leader: Leader) -> HttpResponse:
    let_stay(request, leader)
    return redirect(_leaders_page(request, membership, leader))


def let_stay(request: HttpRequest, leader: Leader) -> None:
    """Withdraws the last day, and says what became of it. For a Pledge Maker's own people, and for the team."""
    try:
        last_days.withdraw(leader=leader, by=request.user, now=timezone.now())  # type: ignore[arg-type]
    except terms.Refused as refusal:
        messages.error(request, str(refusal))
    else:
        sentence = _("%(leader)s goes on leading. Everybody concerned is told.")
        messages.success(request, sentence % {"leader": leader.name})


@require_http_methods(GET_AND_POST)
def reaffirm(request: HttpRequest, slug: str) -> HttpResponse:
    """The signature under the version that everybody reads."""
    membership = membership_or_404(request.user, slug)  # type: ignore[arg-type]
    check_can_sign(membership)
    return _reaffirm_freshly(request, membership)


@fresh_sign_in_required
def _reaffirm_freshly(request: HttpRequest, membership: Membership) -> HttpResponse:
    statement, leader = _what_and_who(membership)
    if not _awaits(leader):
        return _nothing_to_say(request, membership)
    if request.method == "POST":
        return _reaffirm(request, membership, statement, leader, ReaffirmForm(request.POST))
    kept = take_typed(request)
    known = {"name": leader.name, "role_title": leader.role_title} | (kept.dict() if kept else {})
    form = ReaffirmForm(initial=known | {"version": _read(kept, statement)})
    return _page(request, "reaffirm", membership, statement, form)


def _read(kept: Any, statement: Statement) -> str:
    """What was read before we asked who is there is what counts, were it an older version."""
    return kept.get("version", "") if kept else str(statement.version)


def _reaffirm(
    request: HttpRequest, membership: Membership, statement: Statement, leader: Leader, form: ReaffirmForm
) -> HttpResponse:
    if not form.is_valid() or not _is_what_was_read(form, statement):
        return _page(request, "reaffirm", membership, statement, form)
    typed = {key: form.cleaned_data[key] for key in ("name", "role_title")}
    try:
        terms.reaffirm(leader=leader, statement=statement, by=membership.user, now=timezone.now(), **typed)
    except statements.Incomplete as incomplete:
        for gap in incomplete.gaps:
            form.add_error(gap.field, gap.sentence)
        return _page(request, "reaffirm", membership, statement, form)
    except REFUSED as refusal:
        form.add_error(None, str(refusal))
        return _page(request, "reaffirm", membership, statement, form, status=409)
    messages.success(request, _("You have re-affirmed the pledge. The public page says so."))
    return redirect(f"/workspace/{membership.pledge_maker.slug}/")


@require_http_methods(GET_AND_POST)
def ask_for_changes(request: HttpRequest, slug: str) -> HttpResponse:
    """Words for the coordinators, instead of a signature."""
    membership = membership_or_404(request.user, slug)  # type: ignore[arg-type]
    check_can_sign(membership)
    statement, leader = _what_and_who(membership)
    if not _awaits(leader):
        return _nothing_to_say(request, membership)
    if request.method == "POST":
        return _ask(request, membership, statement, leader, AskForChangesForm(request.POST))
    form = AskForChangesForm(take_typed(request), initial={"version": statement.version})
    return _page(request, "ask_for_changes", membership, statement, form)


def _ask(
    request: HttpRequest, membership: Membership, statement: Statement, leader: Leader, form: AskForChangesForm
) -> HttpResponse:
    if not form.is_valid() or not _is_what_was_read(form, statement):
        return _page(request, "ask_for_changes", membership, statement, form)
    words, now = form.cleaned_data["words"], timezone.now()
    try:
        terms.ask_for_changes(leader=leader, statement=statement, words=words, by=membership.user, now=now)
    except REFUSED as refusal:
        form.add_error(None, str(refusal))
        return _page(request, "ask_for_changes", membership, statement, form, status=409)
    messages.success(request, _("Your coordinators are told what should change. You sign the new version instead."))
    return redirect(f"/workspace/{membership.pledge_maker.slug}/")


REFUSED = (terms.Refused, statements.Refused)


def _what_and_who(membership: Membership) -> tuple[Statement, Leader]:
    """The Statement that everybody reads, and the leader who this person is today. 404 without one of them."""
    statement = statements.published(membership.pledge_maker)
    rows = Leader.objects.on(timezone.localdate()).select_related("organisation")
    # Somebody who was invited again on their last day has two terms that day: the newer one goes on.
    leader = rows.filter(pledge_maker=membership.pledge_maker, user=membership.user).last()
    if statement is None or leader is None:
        raise Http404
    leader.pledge_maker = statement.pledge_maker = membership.pledge_maker
    return statement, leader


def _awaits(leader: Leader) -> bool:
    return terms.awaited(timezone.localdate()).filter(pk=leader.pk).exists()


def _nothing_to_say(request: HttpRequest, membership: Membership) -> HttpResponse:
    """A second press, or a page that was left open: nothing is done twice."""
    messages.info(request, _("Nothing waits for your signature now. Nothing was changed."))
    return redirect(f"/workspace/{membership.pledge_maker.slug}/")


def _is_what_was_read(form: PledgeForm, statement: Statement) -> bool:
    if form.cleaned_data["version"] == statement.version:
        return True
    form.add_error(None, _("A newer version is published now. Read it first."))
    return False


def _page(
    request: HttpRequest, name: str, membership: Membership, statement: Statement, form: PledgeForm, status: int = 200
) -> HttpResponse:
    context = {
        "membership": membership,
        "pledge_maker": membership.pledge_maker,
        "statement": statement,
        "form": form,
        "today": timezone.localdate(),
    }
    return render(request, f"signatories/{name}.html", context, status=status)
