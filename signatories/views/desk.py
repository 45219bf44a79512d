"""Where somebody stands who looks after the people of a Pledge Maker: one of its own, or the Synergi team.

The pages are the same; the frame, the addresses and what may be pressed differ."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts.models import User
from signatories.access import membership_or_404
from signatories.models import Membership, PledgeMaker, Role
from signatories.permissions import can_change_role, roles_to_invite


@dataclass(frozen=True)
class Desk:
    """The desk of one of the Pledge Maker's own people; `own` is their membership."""

    pledge_maker: PledgeMaker
    by: User
    own: Membership | None

    frame = "workspace.html"
    room = "signatories"

    def url(self, name: str, *more: object) -> str:
        return reverse(f"{self.room}:{name}", args=[self.pledge_maker.slug, *more])

    @property
    def people(self) -> str:
        return self.url("people")

    @property
    def invite(self) -> str:
        return self.url("invite")

    @property
    def roles(self) -> str:
        return self.url("roles")

    @property
    def back(self) -> str:
        return f"/workspace/{self.pledge_maker.slug}/"

    def roles_to_invite(self) -> tuple[Role, ...]:
        """Leaders come by a form of their own."""
        return tuple(role for role in roles_to_invite(self.by, self.own) if role != Role.LEADER)

    def roles_for(self, member: Membership) -> list[Role]:
        """The role that a member has, and those that this person may give them, the widest first."""
        return [role for role in Role if role == member.role or can_change_role(self.by, self.own, member, role)]


def own_desk(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page of a Pledge Maker's own people; for everybody else it does not exist."""

    @wraps(view)
    def found(request: HttpRequest, slug: str, **kwargs: Any) -> HttpResponse:
        by = request.user
        assert isinstance(by, User)
        own = membership_or_404(by, slug)
        return view(request, Desk(own.pledge_maker, by, own), **kwargs)

    return found
