"""Who acts for which Pledge Maker. What is not yours does not exist: 404."""

from django.db import models
from django.db.models import Exists, OuterRef
from django.http import Http404

from accounts.models import User
from accounts.refusals import NotYours
from signatories.models import Membership, PledgeMaker


def memberships_of(user: User) -> models.QuerySet[Membership]:
    """The Pledge Makers that somebody acts for now, by name."""
    rows = Membership.objects.filter(user=user, user__is_active=True, ended_at=None)
    return rows.select_related("pledge_maker").order_by("pledge_maker__name", "pk")


class Moved(Http404):
    """The address is a former one of a Pledge Maker that this person acts for; `slug` is that of today."""

    def __init__(self, slug: str) -> None:
        super().__init__()
        self.slug = slug


def membership_or_404(user: User, slug: str) -> Membership:
    """The active membership of `user` in the Pledge Maker at this address; the top of the page says for whom they act.

    Raises Moved at a former address of it, which the middleware follows."""
    others = Membership.objects.filter(user=OuterRef("user"), ended_at=None).exclude(pk=OuterRef("pk"))
    theirs = memberships_of(user).annotate(is_one_of_several=Exists(others))
    found = theirs.filter(pledge_maker__slug=slug).first()
    if found is None:
        moved = theirs.filter(pledge_maker__former_addresses__slug=slug).first()
        raise Moved(moved.pledge_maker.slug) if moved else _not_found(slug)
    user.acting_for = found  # type: ignore[attr-defined]
    return found


def _not_found(slug: str) -> Http404:
    """That somebody reached for a Pledge Maker that is not theirs is on the record; a slip of the pen is not."""
    reached_for = PledgeMaker.objects.filter(slug=slug).first()
    return NotYours(reached_for) if reached_for else Http404()


def membership_of(user: User, pledge_maker: PledgeMaker) -> Membership | None:
    return memberships_of(user).filter(pledge_maker=pledge_maker).first()
