"""Who acts for which Pledge Maker. What is not yours does not exist: 404."""

from django.db import models
from django.shortcuts import get_object_or_404

from accounts.models import User
from signatories.models import Membership, PledgeMaker


def memberships_of(user: User) -> models.QuerySet[Membership]:
    """The Pledge Makers that somebody acts for now, by name."""
    rows = Membership.objects.filter(user=user, user__is_active=True, ended_at=None)
    return rows.select_related("pledge_maker").order_by("pledge_maker__name", "pk")


def membership_or_404(user: User, slug: str) -> Membership:
    """The active membership of `user` in the Pledge Maker at this address."""
    return get_object_or_404(memberships_of(user), pledge_maker__slug=slug)


def membership_of(user: User, pledge_maker: PledgeMaker) -> Membership | None:
    return memberships_of(user).filter(pledge_maker=pledge_maker).first()
