"""The people of a Pledge Maker, as the team sees and changes them: the pages of its own people, in our frame."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import synergi_required
from accounts.limits import limited
from accounts.models import User
from signatories.models import PledgeMaker
from signatories.views.desk import Desk
from signatories.views.inviting import invite_member, resend_to, withdraw_from
from signatories.views.people import GET_AND_POST, change_member, end_member, show_people

# The pages of the workspace, as they are called here.
OURS = {
    "people": "members",
    "invite": "invite_member",
    "resend_invitation": "resend_member_invitation",
    "withdraw_invitation": "withdraw_member_invitation",
}


@dataclass(frozen=True)
class TeamDesk(Desk):
    """The same without a membership: what the whole team may do stands in the table of roles."""

    frame = "staff/_frame.html"

    def url(self, name: str, *more: object) -> str:
        return reverse(f"staff:{OURS.get(name, name)}", args=[self.pledge_maker.slug, *more])

    @property
    def roles(self) -> str:
        return reverse("staff:roles")

    @property
    def back(self) -> str:
        return reverse("staff:pledge_maker", args=[self.pledge_maker.slug])


def team_desk(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @synergi_required
    @wraps(view)
    def found(request: HttpRequest, slug: str, **kwargs: Any) -> HttpResponse:
        by = request.user
        assert isinstance(by, User)
        return view(request, TeamDesk(get_object_or_404(PledgeMaker, slug=slug), by, None), **kwargs)

    return found


members = team_desk(require_safe(show_people))
member = team_desk(require_http_methods(GET_AND_POST)(change_member))
end_membership = team_desk(require_http_methods(GET_AND_POST)(end_member))
invite = team_desk(limited("invitation.sent", "POST")(require_http_methods(GET_AND_POST)(invite_member)))
resend = team_desk(limited("invitation.sent", "POST")(require_POST(resend_to)))
withdraw = team_desk(require_POST(withdraw_from))
