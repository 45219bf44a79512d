"""The Pledge Makers that somebody acts for: each with their role, and what waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from progress_updates.lateness import PublicStatus, public_status
from progress_updates.models import ProgressUpdate, RoundEntry, State
from signatories import terms
from signatories.access import memberships_of
from signatories.models import Membership, Role, Statement, StatementState


@dataclass(frozen=True)
class Choice:
    """One Pledge Maker, and in sentences what waits there; `status` is that of its update in the newest round."""

    membership: Membership
    waits: tuple[str, ...]
    entry: RoundEntry | None
    status: PublicStatus | None


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Nothing here is remembered: the Pledge Maker stands in the address of each page. With one, straight to it."""
    memberships = list(memberships_of(request.user))  # type: ignore[arg-type]
    if len(memberships) == 1:
        return redirect("progress_updates:home", memberships[0].pledge_maker.slug)
    choices = choices_of(memberships, now=timezone.now())
    return render(request, "progress_updates/choose.html", {"choices": choices})


def choices_of(memberships: Sequence[Membership], *, now: datetime) -> list[Choice]:
    """Four queries for any number."""
    makers = [membership.pledge_maker_id for membership in memberships]
    statements = Statement.objects.filter(pledge_maker__in=makers).order_by("version")
    latest = {row.pledge_maker_id: row for row in statements.only("pledge_maker_id", "version", "state")}
    entries = _newest_entries(makers) if makers else {}
    awaited = terms.awaited(timezone.localdate(now)).filter(user__in={one.user_id for one in memberships})
    awaits = set(awaited.values_list("pledge_maker_id", flat=True))
    return [
        _choice(
            membership=one,
            statement=latest.get(one.pledge_maker_id),
            entry=entries.get(one.pledge_maker_id),
            is_awaited=one.pledge_maker_id in awaits,
            now=now,
        )
        for one in memberships
    ]


def _newest_entries(makers: Sequence[int]) -> dict[int, RoundEntry]:
    """The entry of each in the newest round that has opened, with its newest update in `versions`."""
    updates = Prefetch("updates", ProgressUpdate.objects.order_by("-version"), to_attr="versions")
    opened = RoundEntry.objects.filter(pledge_maker__in=makers, round__opened_at__isnull=False)
    rows = opened.select_related("round", "covered_by__pledge_maker", "extension").prefetch_related(updates)
    return {row.pledge_maker_id: row for row in rows.order_by("round__due_at", "pk")}


def _choice(
    *, membership: Membership, statement: Statement | None, entry: RoundEntry | None, is_awaited: bool, now: datetime
) -> Choice:
    about_entry = _about_update(membership, entry, now) if entry else ""
    about_pledge = _("You have not re-affirmed the pledge yet.") if is_awaited else ""
    waits = tuple(words for words in (about_pledge, _about_statement(statement), about_entry) if words)
    status = public_status(entry, now) if entry and about_entry else None
    return Choice(membership, waits, entry, status)


def _about_statement(statement: Statement | None) -> str:
    if statement is None or (statement.state == StatementState.DRAFT and statement.version == 1):
        return _("The Statement of Intent is not signed yet.")
    if statement.state == StatementState.DRAFT:
        return _("A new version of the Statement of Intent is being written.")
    if statement.state == StatementState.SIGNED:
        return _("The Statement of Intent is signed. The Synergi team publishes it.")
    return ""


def _about_update(membership: Membership, entry: RoundEntry, now: datetime) -> str:
    """Empty where nobody waits for anything any more."""
    versions: list[ProgressUpdate] = entry.versions  # type: ignore[attr-defined]
    if not versions:
        asked = entry.required and entry.round.is_open(now)
        return _("%(round)s: nobody has started the update yet.") % {"round": entry.round.label} if asked else ""
    words: Promise | str | None = _WORDS.get(State(versions[0].state))
    if versions[0].state == State.AWAITING_SIGN_OFF and membership.role == Role.LEADER:
        words = _("%(round)s: the update waits for your signature.")
    return str(words) % {"round": entry.round.label} if words else ""


_WORDS = {
    State.DRAFT: gettext_lazy("%(round)s: the update is being written."),
    State.RETURNED: gettext_lazy("%(round)s: the update was sent back with a reason."),
    State.AWAITING_SIGN_OFF: gettext_lazy("%(round)s: the update waits for the leader’s signature."),
    State.SUBMITTED: gettext_lazy("%(round)s: the update is sent. The Synergi team has it."),
    State.IN_REVIEW: gettext_lazy("%(round)s: the update is sent. The Synergi team has it."),
}
