"""Pages about who acts for a Pledge Maker and who can do what, by name."""

from accounts.models import User
from pledge_tracker.demo_people import ADMINISTRATOR, COORDINATOR, LEADER, PUBLISHER
from signatories.models import Membership, Role
from tests.journeys.named import NORTHTOWN, NamedPage


def pages_of_people() -> list[NamedPage]:
    home = f"/workspace/{NORTHTOWN}/"
    contributor, coordinator = _member(Role.CONTRIBUTOR), _member(Role.COORDINATOR)
    member, last = f"{home}people/{contributor}/", f"{home}people/{coordinator}/end/"
    return [
        NamedPage("who can do what", COORDINATOR.email, f"{home}roles/"),
        NamedPage("role of a member", COORDINATOR.email, member),
        NamedPage("role of a member, unchanged", LEADER.email, member, submit="Save"),
        NamedPage("role that ends", COORDINATOR.email, f"{member}end/"),
        NamedPage("the last coordinator stays", LEADER.email, last),
        *_of_the_team(contributor),
    ]


def _of_the_team(member: int) -> list[NamedPage]:
    people = f"/staff/pledge-makers/{NORTHTOWN}/people/"
    paths = {
        "people of a Pledge Maker": people,
        "invite a coordinator": f"{people}invite/",
        "role of a member": f"{people}{member}/",
        "role that ends": f"{people}{member}/end/",
        "queue of one reachable": "/staff/queue/?what=only_one",
    }
    role = f"/staff/people/{User.objects.get(email=PUBLISHER.email).pk}/role/"
    new = "/staff/people/new-colleague/"
    return [
        *(NamedPage(f"staff: {name}", PUBLISHER.email, path) for name, path in paths.items()),
        NamedPage("staff: who can do what", ADMINISTRATOR.email, "/staff/roles/"),
        NamedPage("staff: role in the team", ADMINISTRATOR.email, role),
        NamedPage("staff: role in the team, unchanged", ADMINISTRATOR.email, role, submit="Save"),
        NamedPage("staff: new colleague", ADMINISTRATOR.email, new),
        NamedPage("staff: new colleague, nothing typed", ADMINISTRATOR.email, new, submit="Add to the team"),
    ]


def _member(role: str) -> int:
    here = Membership.objects.filter(pledge_maker__slug=NORTHTOWN, role=role, ended_at=None).order_by("pk")
    return here[0].pk
