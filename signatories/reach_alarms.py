"""Tells the Synergi team once when fewer than two people of a Pledge Maker can be reached, and again after a recovery.

Asks how it is now and what was told, so that a missed run heals, a repeated one does nothing, and of several at once
only one tells."""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts.models import User
from mail import outbox
from mail.outbox import Draft
from signatories.caseworkers import team
from signatories.models import ReachAlarm
from signatories.reachable import fewer_than_two, with_open_alarm

# So many are named in one mail; the queue has all of them.
NAMED = 20


@transaction.atomic
def watch(*, now: datetime) -> int:
    """Begins and ends alarms, and queues one mail to each of the team concerned. Returns how many began."""
    too_few = fewer_than_two()
    ReachAlarm.objects.filter(ended_at=None).exclude(pledge_maker__in=too_few.values("pk")).update(ended_at=now)
    run = uuid.uuid4()
    fresh = [ReachAlarm(pledge_maker=maker, run=run, began_at=now) for maker in too_few.exclude(with_open_alarm())]
    if not fresh:
        return 0
    ReachAlarm.objects.bulk_create(fresh, ignore_conflicts=True)
    begun = list(too_few.filter(reach_alarms__run=run).select_related("caseworker"))
    outbox.queue_many([_draft(*whom_and_what) for whom_and_what in _by_person(begun)], now=now)
    return len(begun)


def _by_person(makers: Iterable[Any]) -> Iterable[tuple[User, list[Any]]]:
    """Whoever looks after a Pledge Maker; else everybody in the team."""
    everybody = list(team())
    found: dict[User, list[Any]] = defaultdict(list)
    for maker in makers:
        for person in [maker.caseworker] if maker.caseworker in everybody else everybody:
            found[person].append(maker)
    return found.items()


def _draft(person: User, makers: list[Any]) -> Draft:
    return Draft(
        to=person.email,
        to_name=person.name,
        kind="too_few_reachable",
        template="too_few_reachable",
        context={
            "name": person.name,
            "makers": [{"name": maker.name, "only": maker.only} for maker in makers[:NAMED]],
            "count": len(makers),
            "first": makers[0].name,
            "more": max(0, len(makers) - NAMED),
            "looked_after": all(maker.caseworker_id == person.pk for maker in makers),
            "address": settings.SITE_URL + _page(makers),
        },
    )


def _page(makers: list[Any]) -> str:
    """The people of the one Pledge Maker, or the list of all."""
    if len(makers) == 1:
        return f"/staff/pledge-makers/{makers[0].slug}/people/"
    return "/staff/queue/?what=only_one"
