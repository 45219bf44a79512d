"""Invented places, organisations and people, as many as are asked for. The same index gives the same name."""

FIRST = ("Ald", "Bram", "Cald", "Dun", "Elder", "Fen", "Glen", "Hart", "Ing", "Keld", "Lark", "Merr", "Nether",
         "Oaken", "Penn", "Quern", "Raven", "Salt", "Thorn", "Ulver", "Vale", "Wex", "Yar", "Ash", "Birch", "Cinder",
         "Dove", "Ember", "Frost", "Gorse", "Heather", "Iron", "Juniper", "King", "Linden", "Marl", "North", "Otter",
         "Pike", "Rush")  # fmt: skip
SECOND = ("mere", "marsh", "haven", "beck", "combe", "garth", "holme", "thwaite", "wick", "stead", "moor", "brook",
          "dale", "edge", "ferry", "gate", "hollow", "isle", "knoll", "lea", "mead", "ness", "over", "peak", "reach",
          "shaw", "tarn", "vale", "water", "yard")  # fmt: skip
KINDS = ("{} Mental Health NHS Trust", "{} Partnership NHS Trust", "{} Care NHS Foundation Trust",
         "{} Health NHS Trust", "{} Community NHS Trust", "{} and Vale NHS Trust", "{} Coast NHS Foundation Trust",
         "{} Healthcare NHS Trust", "{} Wellbeing NHS Trust")  # fmt: skip
GIVEN = ("Ngozi", "Tom", "Amina", "Helen", "Ravi", "Esther", "Samuel", "Lucy", "Farida", "Owen", "Marcia", "Peter",
         "Hodan", "Alan", "Bridget", "Gareth", "Anita", "Joyce", "Daniel", "Rosalind", "Yusuf",
         "Priya", "Sean")  # fmt: skip
FAMILY = ("Abara", "Ashdown", "Bell", "Chaudhry", "Demir", "Edwards", "Farah", "Gill", "Hartley", "Iqbal", "Jones",
          "Kowal", "Lyle", "Mensah", "Nair", "Okafor", "Pugh", "Quaye", "Reid", "Singh", "Tran", "Udo", "Varga",
          "Warsame", "Young")  # fmt: skip


def place(index: int) -> str:
    return FIRST[index % len(FIRST)] + SECOND[index // len(FIRST) % len(SECOND)]


def trust(index: int) -> str:
    """Each index has a name of its own."""
    places = len(FIRST) * len(SECOND)
    lap = index // places
    name = KINDS[(index + lap) % len(KINDS)].format(place(index))
    return name if lap < len(KINDS) else f"{name} {lap // len(KINDS) + 1}"


def person(index: int) -> str:
    return f"{GIVEN[index % len(GIVEN)]} {FAMILY[index // len(GIVEN) % len(FAMILY)]}"
