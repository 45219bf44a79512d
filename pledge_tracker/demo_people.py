"""The people of the demonstration whom a visitor may sign in as. None of them exists."""

from dataclasses import dataclass


@dataclass(frozen=True)
class DemoPerson:
    """`kind` says what the person is, for a list of whom to sign in as."""

    kind: str
    name: str
    email: str


CASEWORKER = DemoPerson("Synergi staff: caseworker", "Casey Adeyemi", "casey.adeyemi@synergi.example")
PUBLISHER = DemoPerson("Synergi staff: publisher", "Pat Lindqvist", "pat.lindqvist@synergi.example")
ADMINISTRATOR = DemoPerson("Synergi staff: administrator", "Ruth Okonkwo", "ruth.okonkwo@synergi.example")
LEADER = DemoPerson("Leader of Northtown", "Dr Ngozi Bello", "ngozi.bello@northtown.example")
COORDINATOR = DemoPerson("Coordinator of Northtown", "Tom Ashworth", "tom.ashworth@northtown.example")
PERSON_OF_TWO = DemoPerson(
    "Coordinator of the partnership, contributor of Westmarsh", "Jacob Varga", "jacob.varga@eastmere.example"
)
CONTRIBUTOR = DemoPerson("Contributor of Northtown", "Amina Yusuf", "amina.yusuf@northtown.example")
PARTNERSHIP_LEADER = DemoPerson(
    "Leader of a partnership (an update waits for the signature)", "Margaret Osei", "margaret.osei@eastmere.example"
)
NEW_LEADER = DemoPerson(
    "New leader of Wexcombe (has not re-affirmed the pledge)", "Dr Leila Hosseini", "leila.hosseini@wexcombe.example"
)
DEMO_PEOPLE = (
    *(CASEWORKER, PUBLISHER, ADMINISTRATOR, LEADER, COORDINATOR, CONTRIBUTOR, PERSON_OF_TWO),
    *(PARTNERSHIP_LEADER, NEW_LEADER),
)
