"""Who of a Pledge Maker can be reached by mail. One rule, for the team's pages and for the alarm.

A member counts who is asked to do something (leader, coordinator, contributor), whose account is active, and whose
address works: the last message that arrived or was refused for good was not refused. What waits, was skipped or met a
server that was away says nothing about the address.
"""

from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from mail.models import ErrorClass, Message, State
from signatories.models import Membership, PledgeMaker, ReachAlarm, Role

# Readers are never asked for anything.
ASKED = (Role.LEADER, Role.COORDINATOR, Role.CONTRIBUTOR)
# With fewer the team is told: one person who leaves would leave nobody.
ENOUGH = 2


def members_to_ask() -> QuerySet[Membership]:
    """Members of today who are asked for updates, whether or not mail reaches them."""
    return Membership.objects.filter(ended_at=None, user__is_active=True, role__in=ASKED)


def reachable_members() -> QuerySet[Membership]:
    """Those of them to whom mail arrives, or who were never sent any."""
    return members_to_ask().exclude(user__email__in=_refused_addresses())


def somebody_reachable(maker: str = "pk") -> Exists:
    """For `annotate` or `filter` on any rows; `maker` leads to the id of the Pledge Maker. No query of its own."""
    return Exists(reachable_members().filter(pledge_maker=OuterRef(maker)))


def nobody_reachable() -> QuerySet[PledgeMaker]:
    """Pledge Makers that stand behind the pledge today and that no mail reaches, by name. One query.

    `has_members` tells whether there is somebody at all: then every address refused its mail."""
    has_members = Exists(members_to_ask().filter(pledge_maker=OuterRef("pk")))
    makers = PledgeMaker.objects.published().current()
    return makers.filter(~somebody_reachable()).annotate(has_members=has_members).order_by("name", "pk")


def fewer_than_two() -> QuerySet[PledgeMaker]:
    """Pledge Makers that stand behind the pledge today and of which fewer than two people can be reached, by name.

    One rule for the queue and for the mail to the team. `only` names the one who can be; `since` is when the alarm
    began, once it has. One query."""
    enough = reachable_members().order_by().values("pledge_maker").annotate(people=Count("pk"))
    here = reachable_members().filter(pledge_maker=OuterRef("pk")).order_by("pk")
    alarm = ReachAlarm.objects.filter(pledge_maker=OuterRef("pk"), ended_at=None)
    makers = PledgeMaker.objects.published().current()
    makers = makers.exclude(pk__in=enough.filter(people__gte=ENOUGH).values("pledge_maker"))
    return makers.annotate(
        only=Subquery(here.values("user__name")[:1]), since=Subquery(alarm.values("began_at")[:1])
    ).order_by("name", "pk")


def only_one_reachable() -> QuerySet[PledgeMaker]:
    """Those of them of which somebody can be reached: the others are in `nobody_reachable`."""
    return fewer_than_two().filter(somebody_reachable())


def with_open_alarm() -> Exists:
    """Whether the team has been told of a Pledge Maker, and it has not recovered since."""
    return Exists(ReachAlarm.objects.filter(pledge_maker=OuterRef("pk"), ended_at=None))


def _refused_addresses() -> QuerySet[Message, Any]:
    """Addresses that refused the last message which had an answer.

    Depends on nothing outside it, so that a database reads it once for a page, whatever it thinks of the sizes."""
    answered = Message.objects.filter(Q(state=State.SENT) | Q(error_class=ErrorClass.PERMANENT))
    later = Q(created_at__gt=OuterRef("created_at")) | Q(created_at=OuterRef("created_at"), pk__gt=OuterRef("pk"))
    superseded = Exists(answered.filter(later, to=OuterRef("to")))
    return Message.objects.filter(~superseded, error_class=ErrorClass.PERMANENT).order_by().values("to")
