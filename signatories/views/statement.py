"""Writing, checking and signing the Statement of Intent."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.fresh import fresh_sign_in_required, take_typed
from accounts.kept import saves_words
from signatories import signing, statements
from signatories.access import membership_or_404
from signatories.forms import SignForm, StatementForm
from signatories.models import Leader, Membership, PledgeMaker, Statement, StatementState
from signatories.permissions import can_edit_statement, can_sign, check_can_edit_statement, check_can_sign


@saves_words(gettext_lazy("Your Statement of Intent"))
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest, slug: str) -> HttpResponse:
    """The pledge in its wording, and a box for each part of the Statement; saved while typing."""
    membership = membership_or_404(request.user, slug)  # type: ignore[arg-type]
    if request.method == "POST":
        check_can_edit_statement(membership)
        return _save(request, membership)
    statement = statements.latest(membership.pledge_maker)
    if statement and (statement.state != StatementState.DRAFT or not can_edit_statement(membership)):
        return redirect("signatories:check_statement", slug)
    check_can_edit_statement(membership)
    return _write_page(request, membership, statement, StatementForm(initial=_initial(statement)))


def _initial(statement: Statement | None) -> dict[str, Any]:
    if not statement:
        return {"edit": 0}
    plans = {f"plan_{n}": text for n, text in statements.plans_of(statement).items()}
    return {"edit": statement.edit, "why": statement.why} | plans


def _write_page(
    request: HttpRequest,
    membership: Membership,
    statement: Statement | None,
    form: StatementForm,
    theirs: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    wording = statement.wording if statement else statements.wording_on(timezone.now())
    theirs = theirs or {}
    sections = [
        {
            "objective": objective,
            "field": form[f"plan_{objective.number}"],
            "theirs": theirs.get(f"plan_{objective.number}"),
        }
        for objective in wording.objectives.all()
    ]
    context = {
        "membership": membership,
        "pledge_maker": membership.pledge_maker,
        "wording": wording,
        "version": statement.version if statement else 1,
        "form": form,
        "sections": sections,
        "their_why": theirs.get("why"),
        "conflict": bool(theirs),
    }
    return render(request, "signatories/statement_write.html", context, status=status)


def _save(request: HttpRequest, membership: Membership) -> HttpResponse:
    form = StatementForm(request.POST)
    quietly = request.headers.get("X-Requested-With") == "autosave"
    if not form.is_valid() and not (quietly and form.only_too_long()):
        if quietly:
            return JsonResponse({"status": "invalid", "message": _("This could not be saved.")}, status=400)
        return _write_page(request, membership, statements.latest(membership.pledge_maker), form)
    try:
        saved = _save_texts(request, membership, form)
    except statements.Conflict as conflict:
        return _conflict(request, membership, conflict, quietly)
    except statements.Refused as refusal:
        return _refused(request, membership, str(refusal), quietly)
    return _saved(request, membership, saved, quietly)


def _save_texts(request: HttpRequest, membership: Membership, form: StatementForm) -> Statement:
    by, now = request.user, timezone.now()
    why, plans = form.texts()
    _refuse_if_signed(membership.pledge_maker)
    draft = statements.start(pledge_maker=membership.pledge_maker, by=by, now=now)  # type: ignore[arg-type]
    return statements.save(
        statement=draft,
        why=why,
        plans=plans,
        edit=form.cleaned_data["edit"],
        by=by,  # type: ignore[arg-type]
        now=now,
    )


def _refuse_if_signed(pledge_maker: PledgeMaker) -> None:
    """A page left open over the signature must not begin the next version by being saved."""
    last = statements.latest(pledge_maker)
    if last and last.state != StatementState.DRAFT:
        raise statements.Refused(_("This Statement is signed and can no longer be changed."))


def _saved(request: HttpRequest, membership: Membership, saved: Statement, quietly: bool) -> HttpResponse:
    at = date_format(timezone.localtime(timezone.now()), "H:i")
    if quietly:
        return JsonResponse({"status": "saved", "edit": saved.edit, "saved_at": at})
    if "check" in request.POST:
        return redirect("signatories:check_statement", membership.pledge_maker.slug)
    messages.success(request, _("Saved at %(time)s.") % {"time": at})
    return redirect("signatories:statement", membership.pledge_maker.slug)


def _refused(request: HttpRequest, membership: Membership, sentence: str, quietly: bool) -> HttpResponse:
    """Signed meanwhile: what was typed is shown, because it could not be saved."""
    slug = membership.pledge_maker.slug
    if quietly:
        url = reverse("signatories:check_statement", args=[slug])
        return JsonResponse({"status": "conflict", "message": sentence, "url": url}, status=409)
    why, plans = StatementForm(request.POST).texts()
    context = {"pledge_maker": membership.pledge_maker, "sentence": sentence, "why": why, "plans": plans}
    return render(request, "signatories/statement_refused.html", context, status=409)


def _conflict(
    request: HttpRequest, membership: Membership, conflict: statements.Conflict, quietly: bool
) -> HttpResponse:
    """Both texts on one page: mine in the boxes, theirs beside, ready to be saved over theirs knowingly."""
    if quietly:
        url = reverse("signatories:statement", args=[membership.pledge_maker.slug])
        return JsonResponse({"status": "conflict", "message": str(conflict), "url": url}, status=409)
    mine = request.POST.copy()
    mine["edit"] = str(conflict.theirs.edit)
    form = StatementForm(mine)
    form.add_error(None, _("Somebody else saved while you were writing. Nothing is lost: compare, then save."))
    saved = {"why": conflict.theirs.why} | {f"plan_{n}": t for n, t in conflict.their_plans.items()}
    typed = {"why": conflict.my_why} | {f"plan_{n}": t for n, t in conflict.my_plans.items()}
    theirs = {name: text for name, text in saved.items() if text != typed[name]}
    return _write_page(request, membership, conflict.theirs, form, theirs, status=409)


@require_safe
def check(request: HttpRequest, slug: str) -> HttpResponse:
    """The whole Statement as it would be signed, and what is missing."""
    membership = membership_or_404(request.user, slug)  # type: ignore[arg-type]
    pledge_maker = membership.pledge_maker
    statement = statements.latest(pledge_maker)
    draft = statement is not None and statement.state == StatementState.DRAFT
    context = {
        "membership": membership,
        "pledge_maker": pledge_maker,
        "statement": statement,
        "parts": _parts(statement) if statement else [],
        "gaps": statements.gaps(statement) if statement and draft else [],
        "signatures": statement.signatures.all() if statement else [],
        "version_before": statements.published(pledge_maker),
        "leaders": pledge_maker.leaders.on(timezone.localdate()),
        "may_edit": draft and can_edit_statement(membership),
        "may_start": statement is None and can_edit_statement(membership),
        "may_renew": statements.can_renew(membership, statement),
        "may_sign": draft and can_sign(membership),
    }
    return render(request, "signatories/statement_check.html", context)


def _parts(statement: Statement) -> list[dict[str, Any]]:
    plans = statements.plans_of(statement)
    return [{"objective": row, "text": plans[row.number]} for row in statement.wording.objectives.all()]


@require_POST
def renew(request: HttpRequest, slug: str) -> HttpResponse:
    """Begins the next version. A second press opens the draft that is there."""
    membership = membership_or_404(request.user, slug)  # type: ignore[arg-type]
    check_can_edit_statement(membership)
    try:
        statements.start(pledge_maker=membership.pledge_maker, by=request.user, now=timezone.now())  # type: ignore[arg-type]
    except statements.Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("signatories:check_statement", slug)
    return redirect("signatories:statement", slug)


@require_http_methods(["GET", "HEAD", "POST"])
def sign(request: HttpRequest, slug: str) -> HttpResponse:
    """Name, role, date and the national network. Signing fixes the text."""
    membership = membership_or_404(request.user, slug)  # type: ignore[arg-type]
    check_can_sign(membership)
    return _sign_freshly(request, membership)


@fresh_sign_in_required
def _sign_freshly(request: HttpRequest, membership: Membership) -> HttpResponse:
    slug = membership.pledge_maker.slug
    statement, leader = statements.latest(membership.pledge_maker), _leader(membership)
    if statement is None or leader is None:
        return redirect("signatories:check_statement", slug)
    if request.method == "POST":
        return _sign(request, membership.pledge_maker, statement, leader)
    if statement.state != StatementState.DRAFT:
        return redirect("signatories:statement_signed", slug)
    if statements.gaps(statement):
        return redirect("signatories:check_statement", slug)
    known = {"edit": statement.edit, "name": leader.name, "role_title": leader.role_title}
    form = SignForm(initial=known | _typed_before(request))
    return _sign_page(request, membership.pledge_maker, statement, form)


def _typed_before(request: HttpRequest) -> dict[str, Any]:
    """What stood in the form before we asked again who is there."""
    typed = take_typed(request)
    return {**typed.dict(), "joins_network": "joins_network" in typed} if typed else {}


def _leader(membership: Membership) -> Leader | None:
    """Of two terms on one day the newer one, which goes on."""
    today = Leader.objects.on(timezone.localdate())
    return today.filter(pledge_maker=membership.pledge_maker, user=membership.user).last()


def _sign_page(request: HttpRequest, pledge_maker: PledgeMaker, statement: Statement, form: SignForm) -> HttpResponse:
    context = {
        "pledge_maker": pledge_maker,
        "statement": statement,
        "parts": _parts(statement),
        "form": form,
        "today": timezone.localdate(),
    }
    return render(request, "signatories/statement_sign.html", context)


def _sign(request: HttpRequest, pledge_maker: PledgeMaker, statement: Statement, leader: Leader) -> HttpResponse:
    form = SignForm(request.POST)
    if not form.is_valid():
        return _sign_page(request, pledge_maker, statement, form)
    try:
        signing.sign(
            statement=statement,
            leader=leader,
            by=request.user,  # type: ignore[arg-type]
            now=timezone.now(),
            **form.cleaned_data,
        )
    except statements.Incomplete as incomplete:
        return _incomplete(request, pledge_maker, statement, form, incomplete)
    except statements.Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("signatories:check_statement", pledge_maker.slug)
    return redirect("signatories:statement_signed", pledge_maker.slug)


def _incomplete(
    request: HttpRequest,
    pledge_maker: PledgeMaker,
    statement: Statement,
    form: SignForm,
    incomplete: statements.Incomplete,
) -> HttpResponse:
    for gap in incomplete.gaps:
        form.add_error(gap.field if gap.field in form.fields else None, gap.sentence)
    return _sign_page(request, pledge_maker, statement, form)


@require_safe
def signed(request: HttpRequest, slug: str) -> HttpResponse:
    """What happened and what happens next."""
    membership = membership_or_404(request.user, slug)  # type: ignore[arg-type]
    statement = statements.latest(membership.pledge_maker)
    signature = statement.signatures.last() if statement else None
    if not signature:
        return redirect("signatories:check_statement", slug)
    context = {"pledge_maker": membership.pledge_maker, "statement": statement, "signature": signature}
    return render(request, "signatories/statement_signed.html", context)
