"""The words of a message: one for each person, naming each Pledge Maker and round."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from mail.outbox import Draft
from reminders.ladder import next_sending_time
from reminders.owed import Owed
from signatories.models import Role

KIND = "reminder"


def draft(items: Sequence[Owed], *, now: datetime, unique_key: str) -> Draft:
    """One message for all that one person is owed."""
    user = items[0].user
    return Draft(
        to=user.email,
        to_name=user.name,
        kind=KIND,
        template=template(items),
        context=context(items),
        not_before=next_sending_time(now),
        unique_key=unique_key,
    )


def template(items: Sequence[Owed]) -> str:
    """The words of what is due first."""
    return min(items, key=_urgency).step.template


def context(items: Sequence[Owed]) -> dict[str, Any]:
    named = [_item(each) for each in sorted(items, key=_urgency)]
    return {
        "items": named,
        "first": named[0],
        # How many, when there is more than one.
        "several": len(items) if len(items) > 1 else 0,
        "same_day": len({each.due_on for each in items}) == 1,
        "address": named[0]["address"] if len(items) == 1 else settings.SITE_URL + reverse("workspace"),
    }


def _urgency(each: Owed) -> tuple[datetime, str, int]:
    return each.entry.due, each.entry.pledge_maker.name, each.entry.pk


def _item(each: Owed) -> dict[str, Any]:
    slugs = each.entry.pledge_maker.slug, each.entry.round.slug
    return {
        "pledge_maker": each.entry.pledge_maker.name,
        "round": each.entry.round.label,
        "due_on": each.due_on,
        "role": Role(each.role).label.lower(),
        "leads": each.role == Role.LEADER,
        "address": settings.SITE_URL + reverse("progress_updates:task_list", args=slugs),
    }
