"""Pages on which people put right what is known about them, and choose for whom they act, by name."""

from pledge_tracker.demo_people import COORDINATOR, PERSON_OF_TWO, PUBLISHER
from tests.journeys.named import NamedPage


def pages_of_details() -> list[NamedPage]:
    new = (("New e-mail address", "new.address@northtown.example"),)
    address, ask = "/account/address/", "Send a code to this address"
    return [
        NamedPage("address", COORDINATOR.email, address),
        NamedPage("address, nothing typed", COORDINATOR.email, address, submit=ask),
        NamedPage("address, type the code", COORDINATOR.email, address, submit=ask, types=new, shows="#id_code"),
        NamedPage("staff: address", PUBLISHER.email, address),
        NamedPage("name", COORDINATOR.email, "/account/name/"),
        NamedPage("choose a Pledge Maker", PERSON_OF_TWO.email, "/workspace/"),
        NamedPage("workspace of one of two", PERSON_OF_TWO.email, "/workspace/eastmere-together/people/"),
    ]
