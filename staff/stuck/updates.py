"""Updates, requests and invitations that wait for somebody for too long."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from design.templatetags.furniture import long_date, long_moment
from progress_updates.models import ExtensionRequest, ProgressUpdate, State, StatusChange
from signatories.models import Invitation, Role
from staff.stuck.trouble import READ, Item, Trouble, listed

# The clock publishes every minute.
PLANNED_BEFORE = timedelta(minutes=10)
SIGNATURE_TOO_LONG = timedelta(days=7)


def publications(now: datetime) -> Trouble:
    rows = ProgressUpdate.objects.filter(state=State.ACCEPTED, publish_at__lte=now - PLANNED_BEFORE)
    return listed(
        "publications",
        _("Publications whose time has passed"),
        _("The clock publishes them once a worker runs. You can publish each by hand."),
        rows.select_related("entry__pledge_maker", "entry__round").order_by("publish_at", "pk")[:READ],
        lambda update: _update_item(update, _("Planned for %(moment)s") % {"moment": long_moment(update.publish_at)}),
    )


def _update_item(update: Any, detail: str) -> Item:
    entry = update.entry
    url = reverse("staff:update", args=[update.pk])
    return Item(f"{entry.pledge_maker.name}, {entry.round.label}", detail, url=url)


def requests(now: datetime) -> Trouble:
    rows = ExtensionRequest.objects.filter(answered_at=None).select_related("entry__pledge_maker", "entry__round")
    return listed(
        "requests",
        _("Requests for more time without an answer"),
        _("Answer each: give more time, or say in words why not."),
        rows.order_by("asked_at", "pk")[:READ],
        lambda row: Item(
            f"{row.entry.pledge_maker.name}, {row.entry.round.label}",
            _("Asked %(moment)s, for %(day)s") % {"moment": long_moment(row.asked_at), "day": long_date(row.wanted_on)},
            url=reverse("staff:more_time", args=[row.pk]),
        ),
    )


def signatures(now: datetime) -> Trouble:
    asked = StatusChange.objects.filter(update=OuterRef("pk")).order_by("-at", "-pk").values("at")[:1]
    rows = ProgressUpdate.objects.filter(state=State.AWAITING_SIGN_OFF).annotate(since=Subquery(asked))
    rows = rows.filter(since__lte=now - SIGNATURE_TOO_LONG).select_related("entry__pledge_maker", "entry__round")
    return listed(
        "signatures",
        _("Updates that wait for a signature for over a week"),
        _("Ask the leader, or find out who signs now."),
        rows.order_by("since", "pk")[:READ],
        lambda update: _update_item(update, _("Asked %(moment)s") % {"moment": long_moment(update.since)}),
    )


def reviews(now: datetime) -> Trouble:
    unread = ProgressUpdate.objects.filter(
        state__in=[State.SUBMITTED, State.IN_REVIEW], entry__round__closes_at__lt=now, entry__round__is_past=False
    )
    rows = unread.values("entry__round__label", "entry__round__slug", "entry__round__closes_at").order_by(
        "entry__round__closes_at"
    )
    return listed(
        "reviews",
        _("Closed rounds with updates still to review"),
        _("Finish the reviews, so that the round can be published as a whole."),
        rows.annotate(
            submitted=Count("pk", filter=Q(state=State.SUBMITTED)),
            in_review=Count("pk", filter=Q(state=State.IN_REVIEW)),
        )[:READ],
        _round_item,
    )


def _round_item(row: dict[str, Any]) -> Item:
    parts = []
    if row["submitted"]:
        parts.append(ngettext("%(n)s waits", "%(n)s wait", row["submitted"]) % {"n": row["submitted"]})
    if row["in_review"]:
        parts.append(ngettext("%(n)s is in review", "%(n)s are in review", row["in_review"]) % {"n": row["in_review"]})
    closed = _("Closed %(day)s") % {"day": long_date(row["entry__round__closes_at"])}
    state = "submitted" if row["submitted"] else "in_review"
    url = f"{reverse('staff:round', args=[row['entry__round__slug']])}?state={state}#rows-heading"
    return Item(row["entry__round__label"], f"{closed}: {', '.join(parts)}", url=url)


def invitations(now: datetime) -> Trouble:
    rows = Invitation.objects.filter(role=Role.LEADER, accepted_at=None, withdrawn_at=None, expires_at__lte=now)
    return listed(
        "invitations",
        _("Invitations to leaders that ran out"),
        _("Ask whether the address is right, then send the invitation again, or withdraw it."),
        rows.select_related("pledge_maker").order_by("expires_at", "pk")[:READ],
        lambda row: Item(
            _("%(name)s, %(pledge_maker)s") % {"name": row.name, "pledge_maker": row.pledge_maker.name},
            _("To %(to)s, ran out %(day)s") % {"to": row.email, "day": long_date(row.expires_at)},
            url=reverse("staff:invite") + "#open-heading",
        ),
    )
