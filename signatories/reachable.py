"""Who of a Pledge Maker can be reached by mail. One rule, for the team's pages and for the alarm.

A member counts who is asked to do something (leader, coordinator, contributor), whose account is active, and whose
address works: the last message that arrived or was refused for good was not refused. What waits, was skipped or met a
server that was away says nothing about the address.
"""

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from mail.models import ErrorClass, Message, State
from signatories.models import Membership, PledgeMaker, Role

# Readers are never asked for anything.
ASKED = (Role.LEADER, Role.COORDINATOR, Role.CONTRIBUTOR)


def members_to_ask() -> QuerySet[Membership]:
    """Members of today who are asked for updates, whether or not mail reaches them."""
    return Membership.objects.filter(ended_at=None, user__is_active=True, role__in=ASKED)


def reachable_members() -> QuerySet[Membership]:
    """Those of them to whom mail arrives, or who were never sent any."""
    return members_to_ask().alias(last_answer=_last_answer()).exclude(last_answer=ErrorClass.PERMANENT)


def somebody_reachable(maker: str = "pk") -> Exists:
    """For `annotate` or `filter` on any rows; `maker` leads to the id of the Pledge Maker. No query of its own."""
    return Exists(reachable_members().filter(pledge_maker=OuterRef(maker)))


def nobody_reachable() -> QuerySet[PledgeMaker]:
    """Pledge Makers that stand behind the pledge today and that no mail reaches, by name. One query.

    `has_members` tells whether there is somebody at all: then every address refused its mail."""
    has_members = Exists(members_to_ask().filter(pledge_maker=OuterRef("pk")))
    makers = PledgeMaker.objects.published().current()
    return makers.filter(~somebody_reachable()).annotate(has_members=has_members).order_by("name", "pk")


def _last_answer() -> Coalesce:
    """What the mail server said last about the address of a member: an error class, or nothing."""
    answered = Message.objects.filter(Q(state=State.SENT) | Q(error_class=ErrorClass.PERMANENT))
    last = answered.filter(to=OuterRef("user__email")).order_by("-created_at", "-pk")
    return Coalesce(Subquery(last.values("error_class")[:1]), Value(ErrorClass.NONE.value))
