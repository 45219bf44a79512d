"""The words of a message: one for each person, naming each Pledge Maker and round."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from mail.outbox import Draft
from reminders.ladder import NOBODY_REACHABLE, Audience, london_day, next_sending_time
from reminders.owed import Owed, dates_of, waits_for_signature
from signatories.models import Role

KIND = "reminder"


def draft(items: Sequence[Owed], *, now: datetime, unique_key: str) -> Draft:
    """One message for all that one person is owed; what they hear as staff stands in one of its own."""
    user = items[0].user
    return Draft(
        to=user.email,
        to_name=user.name,
        kind=KIND,
        template=template(items),
        context=context(items, now),
        not_before=next_sending_time(now),
        unique_key=unique_key,
    )


def template(items: Sequence[Owed]) -> str:
    """The words of the step; with several updates, words that list them."""
    if len(items) > 1 and items[0].audience != Audience.STAFF:
        return "reminder_several"
    return items[0].step.words[items[0].audience]


def context(items: Sequence[Owed], now: datetime) -> dict[str, Any]:
    for_staff = items[0].audience == Audience.STAFF
    return _for_staff(items, now) if for_staff else for_members(items, now)


def for_members(items: Sequence[Owed], now: datetime) -> dict[str, Any]:
    named = [_item(each, now) for each in sorted(items, key=_urgency)]
    workspace = settings.SITE_URL + reverse("workspace")
    return {
        "items": named,
        "first": named[0],
        # How many, when there is more than one.
        "several": len(items) if len(items) > 1 else 0,
        "same_day": len({each.due_on for each in items}) == 1,
        "address": named[0]["address"] if len(items) == 1 else workspace,
    }


def _for_staff(items: Sequence[Owed], now: datetime) -> dict[str, Any]:
    """Each Pledge Maker once: who is late and out of reach stands among the late."""
    ordered = sorted(items, key=_urgency)
    late = [each for each in ordered if each.step is not NOBODY_REACHABLE]
    told = {each.entry.pk for each in late}
    unreached = [each for each in ordered if each.step is NOBODY_REACHABLE and each.entry.pk not in told]
    named = [_item(each, now) for each in sorted([*late, *unreached], key=_urgency)]
    return {
        "items": named,
        "first": named[0],
        "late": [_item(each, now) for each in late],
        "unreached": [_item(each, now) for each in unreached],
        "looked_after": all(each.entry.pledge_maker.caseworker_id == each.user.pk for each in items),
        "address": _staff_page(items),
    }


def _staff_page(items: Iterable[Owed]) -> str:
    rounds = list({each.entry.round.slug for each in items})
    page = reverse("staff:round", args=rounds) if len(rounds) == 1 else reverse("staff:overview")
    return settings.SITE_URL + page


def _urgency(each: Owed) -> tuple[datetime, str, int]:
    return each.entry.due, each.entry.pledge_maker.name, each.entry.pk


def _item(each: Owed, now: datetime) -> dict[str, Any]:
    entry: Any = each.entry
    slugs = entry.pledge_maker.slug, entry.round.slug
    return {
        "pledge_maker": entry.pledge_maker.name,
        "round": entry.round.label,
        "due_on": each.due_on,
        "open_until": london_day(dates_of(entry).open_until),
        "is_late": next_sending_time(now) > entry.due,
        "role": str(Role(each.role).label).lower() if each.role else "",
        "leads": each.audience == Audience.LEADERS,
        "waits": waits_for_signature(entry),
        "started": bool(entry.update_state),
        "reached": entry.reaches_somebody,
        "address": settings.SITE_URL + reverse("progress_updates:task_list", args=slugs),
    }
