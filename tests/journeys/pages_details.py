"""Pages on which people put right what is known about them, and choose for whom they act, by name."""

from accounts.models import User
from pledge_tracker.demo_people import CONTRIBUTOR, COORDINATOR, PUBLISHER
from signatories.models import Membership, PledgeMaker, Role
from tests.journeys.named import NORTHTOWN, NamedPage


def pages_of_details() -> list[NamedPage]:
    _acts_for_two()
    new = (("New e-mail address", "new.address@northtown.example"),)
    address = "/account/address/"
    return [
        NamedPage("address", COORDINATOR.email, address),
        NamedPage("address, nothing typed", COORDINATOR.email, address, submit="Send a code to this address"),
        NamedPage(
            "address, type the code",
            COORDINATOR.email,
            address,
            submit="Send a code to this address",
            types=new,
            shows="#id_code",
        ),
        NamedPage("staff: address", PUBLISHER.email, address),
        NamedPage("name", COORDINATOR.email, "/account/name/"),
        NamedPage("choose a Pledge Maker", CONTRIBUTOR.email, "/workspace/"),
        NamedPage("workspace of one of two", CONTRIBUTOR.email, f"/workspace/{NORTHTOWN}/people/"),
    ]


def _acts_for_two() -> None:
    """So that there is something to choose from."""
    person, maker = User.objects.get(email=CONTRIBUTOR.email), PledgeMaker.objects.get(slug="eastmere-together")
    Membership.objects.get_or_create(
        user=person, pledge_maker=maker, ended_at=None, defaults={"role": Role.READER, "since": person.date_joined}
    )
