"""The Pledge Makers of the demonstration: who they are and how each has reported."""

from dataclasses import dataclass

from pledge_tracker.demo_people import CONTRIBUTOR, COORDINATOR, LEADER, PARTNERSHIP_LEADER, PERSON_OF_TWO
from signatories.models import OrganisationKind, Region

TRUST = OrganisationKind.MENTAL_HEALTH_TRUST
BOARD = OrganisationKind.INTEGRATED_CARE_BOARD
COUNCIL = OrganisationKind.LOCAL_AUTHORITY
CHARITY = OrganisationKind.VOLUNTARY_SECTOR

Part = tuple[str, str, str | None]  # name, kind, ODS code


@dataclass(frozen=True)
class Past:
    """How an update of a past round came: days from the due day (negative: before it)."""

    days: int = -3
    returned_once: bool = False
    extended_by: int = 0
    late_reason: str = ""
    # Not received at all; words of the Pledge Maker may stand beside.
    missing: bool = False
    right_of_reply: str = ""


@dataclass(frozen=True)
class Maker:
    """`now` is where the update of the open round stands; empty: nobody has begun it."""

    name: str
    place: str
    region: str
    parts: tuple[Part, ...]
    leader: str
    role_title: str
    coordinator: str = ""
    contributors: tuple[str, ...] = ()
    past: tuple[Past, Past] | tuple[Past] | tuple[()] = (Past(), Past())
    now: str = ""
    # What a past or present draft holds: this many sections are done.
    sections: int = 12
    # For those whom a visitor may sign in as.
    emails: tuple[tuple[str, str], ...] = ()

    @property
    def domain(self) -> str:
        return f"{self.place.lower().replace(' ', '-')}.example"

    def email(self, name: str) -> str:
        words = name.replace("’", "").lower().split()
        without_title = words[1:] if words[0] in ("dr", "professor") else words
        return dict(self.emails).get(name) or f"{'.'.join(without_title)}@{self.domain}"


MAKERS = (
    Maker(
        "Northtown Mental Health NHS Trust",
        "Northtown",
        Region.NORTH_EAST_AND_YORKSHIRE,
        (("Northtown Mental Health NHS Trust", TRUST, "X9A"),),
        LEADER.name,
        "Chief executive",
        COORDINATOR.name,
        (CONTRIBUTOR.name, "Callum Reid"),
        (Past(-6), Past(-2, returned_once=True)),
        "draft",
        5,
        tuple((p.name, p.email) for p in (LEADER, COORDINATOR, CONTRIBUTOR)),
    ),
    Maker(
        "Eastmere Together",
        "Eastmere",
        Region.MIDLANDS,
        (
            ("Eastmere Mental Health NHS Foundation Trust", TRUST, "X9B"),
            ("Eastmere City Council", COUNCIL, None),
            ("Eastmere Voluntary Action", CHARITY, None),
            ("Amani Counselling Eastmere", CHARITY, None),
        ),
        PARTNERSHIP_LEADER.name,
        "Director of public health",
        PERSON_OF_TWO.name,
        ("Saima Chaudhry",),
        (Past(-4), Past(-5)),
        "awaiting_sign_off",
        emails=tuple((p.name, p.email) for p in (PARTNERSHIP_LEADER, PERSON_OF_TWO)),
    ),
    Maker(
        "Westmarsh Partnership NHS Trust",
        "Westmarsh",
        Region.SOUTH_WEST,
        (("Westmarsh Partnership NHS Trust", TRUST, "X9C"),),
        "Helen Trevanion",
        "Chief executive",
        "Ravi Nair",
        ("Esther Boateng", PERSON_OF_TWO.name),
        (Past(-1), Past(-7)),
        "published",
        emails=((PERSON_OF_TWO.name, PERSON_OF_TWO.email),),
    ),
    Maker(
        "Greyhaven Mental Health NHS Trust",
        "Greyhaven",
        Region.NORTH_WEST,
        (("Greyhaven Mental Health NHS Trust", TRUST, "X9D"),),
        "Dr Samuel Okafor",
        "Medical director",
        "Lucy Hartley",
        past=(Past(-2), Past(6, late_reason="The lead for this work was ill for five weeks. A deputy is now named.")),
        now="submitted",
    ),
    Maker(
        "Brindlewood Vale NHS Foundation Trust",
        "Brindlewood",
        Region.EAST_OF_ENGLAND,
        (("Brindlewood Vale NHS Foundation Trust", TRUST, "X9E"),),
        "Farida Rahman",
        "Director of nursing",
        "Owen Pugh",
        past=(Past(-9), Past(-1)),
        now="in_review",
    ),
    Maker(
        "Kingsferry Mental Health NHS Trust",
        "Kingsferry",
        Region.LONDON,
        (("Kingsferry Mental Health NHS Trust", TRUST, "X9F"),),
        "Marcia Delroy-Grant",
        "Chief executive",
        "Peter Szabo",
        ("Hodan Warsame",),
        (Past(-3, returned_once=True), Past(-4)),
        "returned",
    ),
    Maker(
        "Highmoor Health and Care NHS Trust",
        "Highmoor",
        Region.NORTH_EAST_AND_YORKSHIRE,
        (("Highmoor Health and Care NHS Trust", TRUST, "X9G"),),
        "Professor Alan Cheung",
        "Medical director",
        "Bridget Mulvaney",
        past=(Past(-5), Past(-3)),
        now="accepted",
    ),
    Maker(
        "Thornwick Coast NHS Trust",
        "Thornwick",
        Region.SOUTH_EAST,
        (("Thornwick Coast NHS Trust", TRUST, "X9H"),),
        "Gareth Lyle",
        "Chief executive",
        "Anita Desouza",
        past=(
            Past(11),
            Past(
                missing=True,
                right_of_reply="We merged two directorates in the spring and nobody had this task. "
                "We have named a lead and will report this time.",
            ),
        ),
    ),
    Maker(
        "Rivermouth Care NHS Foundation Trust",
        "Rivermouth",
        Region.NORTH_WEST,
        (("Rivermouth Care NHS Foundation Trust", TRUST, "X9J"),),
        "Joyce Akintola",
        "Chief executive",
        "Daniel Frost",
        past=(Past(-8), Past(10, extended_by=14)),
        now="published",
    ),
    Maker(
        "Saltby and Fen Partnership NHS Trust",
        "Saltby",
        Region.EAST_OF_ENGLAND,
        (("Saltby and Fen Partnership NHS Trust", TRUST, "X9K"),),
        "Rosalind Peake",
        "Director of nursing",
        "Yusuf Demir",
        past=(Past(3), Past(-2)),
        now="draft",
        sections=2,
    ),
    Maker(
        "NHS Fenholme Integrated Care Board",
        "Fenholme",
        Region.MIDLANDS,
        (("NHS Fenholme Integrated Care Board", BOARD, "X9L1F"),),
        "Dr Priya Raman",
        "Chief medical officer",
        "Sean Gallagher",
        past=(Past(-12), Past(-6)),
        now="published",
    ),
    Maker(
        "Southmere Downs NHS Trust",
        "Southmere",
        Region.SOUTH_EAST,
        (("Southmere Downs NHS Trust", TRUST, "X9M"),),
        "Victoria Osman",
        "Chief executive",
        "Leon Baptiste",
        past=(Past(-2), Past(9, late_reason="Our board met a week later than planned.")),
        now="submitted",
    ),
    Maker(
        "Stonebeck Mental Health Alliance",
        "Stonebeck",
        Region.NORTH_WEST,
        (
            ("Stonebeck Community NHS Trust", TRUST, "X9N"),
            ("NHS Stonebeck and Larkrigg Integrated Care Board", BOARD, "X9P2S"),
        ),
        "Abdul Karim Malik",
        "Joint director of mental health",
        "Naomi Feldman",
        past=(Past(-3),),
        now="draft",
        sections=9,
    ),
    Maker(
        "Wexcombe Healthcare NHS Foundation Trust",
        "Wexcombe",
        Region.SOUTH_WEST,
        (("Wexcombe Healthcare NHS Foundation Trust", TRUST, "X9Q"),),
        "Imogen Strand",
        "Chief executive",
        "Chidi Eze",
        past=(Past(-1), Past(-4)),
    ),
)
# Reported twice, then left the pledge.
WITHDRAWN = Maker(
    "Hartsmead Mental Health NHS Trust",
    "Hartsmead",
    Region.LONDON,
    (("Hartsmead Mental Health NHS Trust", TRUST, "X9R"),),
    "Colin Averell",
    "Chief executive",
    "Grace Amponsah",
)
# Reported twice, then went up in the alliance of Stonebeck.
MERGED = Maker(
    "Pellworth Health NHS Trust",
    "Pellworth",
    Region.NORTH_WEST,
    (("Pellworth Health NHS Trust", TRUST, "X9W"),),
    "Deborah Nwosu",
    "Chief executive",
    "Ivor Penhale",
)
# Published after the open round had opened.
LATE_JOINER = Maker(
    "Marlstone Care NHS Trust",
    "Marlstone",
    Region.MIDLANDS,
    (("Marlstone Care NHS Trust", TRUST, "X9S"),),
    "Sunita Kaur Gill",
    "Chief executive",
    past=(),
)
# Its leader has signed; staff have not published the Statement yet.
SIGNED_ONLY = Maker(
    "Oldcastle Marches NHS Foundation Trust",
    "Oldcastle",
    Region.MIDLANDS,
    (("Oldcastle Marches NHS Foundation Trust", TRUST, "X9T"),),
    "Dr Funmi Adebayo",
    "Medical director",
    "Rhys Llewellyn",
    past=(),
)
# Its leader has been invited and has not answered yet.
INVITED_ONLY = Maker(
    "Ashenford Mental Health NHS Trust",
    "Ashenford",
    Region.SOUTH_EAST,
    (("Ashenford Mental Health NHS Trust", TRUST, "X9V"),),
    "Katherine Obi",
    "Chief executive",
    past=(),
)
ALL = (*MAKERS, WITHDRAWN, MERGED, LATE_JOINER, SIGNED_ONLY, INVITED_ONLY)

# To invite new Pledge Makers from: name, kind, ODS code, region, town.
SPARE_ORGANISATIONS: tuple[tuple[str, str, str | None, str, str], ...] = (
    ("Dunmarch Mental Health NHS Trust", TRUST, "X8A", Region.NORTH_EAST_AND_YORKSHIRE, "Dunmarch"),
    ("Elverley Partnership NHS Trust", TRUST, "X8B", Region.EAST_OF_ENGLAND, "Elverley"),
    ("Frostleigh NHS Foundation Trust", TRUST, "X8C", Region.SOUTH_WEST, "Frostleigh"),
    ("Gullhaven Harbour NHS Trust", TRUST, "X8D", Region.SOUTH_WEST, "Gullhaven"),
    ("Inkerfield Health NHS Foundation Trust", TRUST, "X8E", Region.LONDON, "Inkerfield"),
    ("Larkrigg Mental Health NHS Trust", TRUST, "X8F", Region.NORTH_WEST, "Larkrigg"),
    ("Merrowdale Care NHS Trust", TRUST, "X8G", Region.SOUTH_EAST, "Merrowdale"),
    ("NHS Dunmarch and Highmoor Integrated Care Board", BOARD, "X8H3D", Region.NORTH_EAST_AND_YORKSHIRE, "Dunmarch"),
    ("NHS Kingsferry Integrated Care Board", BOARD, "X8J4K", Region.LONDON, "Kingsferry"),
    ("NHS Wexcombe and Gullhaven Integrated Care Board", BOARD, "X8K5W", Region.SOUTH_WEST, "Wexcombe"),
    ("Dunmarch Borough Council", COUNCIL, None, Region.NORTH_EAST_AND_YORKSHIRE, "Dunmarch"),
    ("Inkerfield Council", COUNCIL, None, Region.LONDON, "Inkerfield"),
    ("Open Table Dunmarch", CHARITY, None, Region.NORTH_EAST_AND_YORKSHIRE, "Dunmarch"),
    ("Two Rivers Advocacy", CHARITY, None, Region.SOUTH_EAST, "Merrowdale"),
)
