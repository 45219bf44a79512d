"""The invented words of updates and Statements: variants from text files, with names and numbers put in."""

from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path
from random import Random

from django.utils import formats

TEXTS = Path(__file__).parent / "texts"
PARTNERS = (
    "the Caribbean Elders’ Circle",
    "Open Table {place}",
    "the Somali Families Forum",
    "Two Rivers Advocacy",
    "the {place} Gurdwara Welfare Group",
    "Sisters’ Room",
    "Roma Voice {place}",
    "Amani Counselling",
    "Noor Women’s Centre",
    "the Steelpan Youth Collective",
    "{place} Carers Together",
    "the Windrush Garden Project",
    "Bridge Barbers",
    "the Kurdish and Arab Welcome House",
    "Chai and Chat {place}",
    "the Yoruba Community Association",
)


@cache
def variants(name: str) -> tuple[str, ...]:
    """The variants in one file, divided by lines of three dashes."""
    return _divided((TEXTS / f"{name}.txt").read_text(encoding="utf-8"), "---")


@cache
def groups(name: str) -> tuple[str, ...]:
    return _divided((TEXTS / f"{name}.txt").read_text(encoding="utf-8"), "===")


def _divided(text: str, by: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in f"\n{text}".split(f"\n{by}\n"))


@cache
def plans() -> dict[int, tuple[str, ...]]:
    """Ways to meet each objective, for Statements."""
    found = {}
    for group in groups("plans"):
        number, text = group.split("\n", 1)
        found[int(number)] = _divided(text, "---")
    return found


@cache
def steps() -> dict[int, tuple[tuple[str, str], ...]]:
    """Next steps, what and who, by objective; 0 for those that no single objective covers."""
    found = {}
    for group in groups("steps"):
        number, *lines = group.splitlines()
        pairs = (line.split(" | ") for line in lines)
        found[int(number)] = tuple((what, who) for what, who in pairs)
    return found


class Teller:
    """Speaks for one Pledge Maker. Each turn (round) tells something else; the same `rng` tells the same."""

    def __init__(self, rng: Random, place: str) -> None:
        self._rng = rng
        self._starts: dict[str, int] = {}
        partners = [partner.format(place=place) for partner in rng.sample(PARTNERS, 4)]
        self._place, self._partners = place, partners
        self._promised: set[str] = set()

    def text(self, name: str, turn: int = 0) -> str:
        """The next variant of a file; neighbouring turns never tell the same."""
        return self._with_facts(self._pick(variants(name), name, turn))

    def plan(self, number: int) -> str:
        return self._pick(plans()[number], f"plan {number}", 0)

    def sign_off(self, day: date) -> str:
        text = self._rng.choice(variants("sign-off"))
        return text.replace("{signoff_day}", formats.date_format(day, "j F Y")).format(**self._facts())

    def steps(self, number: int, count: int) -> list[tuple[str, str]]:
        """Next steps that were not promised before; fewer when there are no more."""
        pool = steps()[number]
        start = self._start(f"steps {number}") % len(pool)
        fresh = [pair for pair in (*pool[start:], *pool[:start]) if pair[0] not in self._promised][:count]
        self._promised.update(what for what, _ in fresh)
        return fresh

    def why_later(self) -> str:
        return self._rng.choice(_divided(groups("outcomes")[0], "---"))

    def why_dropped(self) -> str:
        return self._rng.choice(_divided(groups("outcomes")[1], "---"))

    def _pick(self, pool: Sequence[str], name: str, turn: int) -> str:
        return pool[(self._start(name) + turn) % len(pool)]

    def _start(self, name: str) -> int:
        """Where in a pool the first round begins: two Pledge Makers rarely tell the same all through."""
        if name not in self._starts:
            self._starts[name] = self._rng.randrange(1000)
        return self._starts[name]

    def _with_facts(self, text: str) -> str:
        return _sentence_case(text.format(**self._facts()))

    def _facts(self) -> dict[str, object]:
        rng = self._rng
        high = rng.randint(44, 71)
        partner, other = rng.sample(self._partners, 2)
        return {
            "place": self._place,
            "partner": partner,
            "partner2": other,
            "n": rng.randint(6, 23),
            "m": rng.randint(58, 412),
            "hi": high,
            "lo": high - rng.randint(9, 27),
            "money": f"£{rng.choice((18, 24, 36, 42, 48, 55, 64, 72, 85, 96, 120, 140))},000",
        }


def _sentence_case(text: str) -> str:
    """A partner’s name that begins a sentence or bullet begins with a capital letter."""
    for start in (". the ", "\n- the ", "\n\nthe "):
        text = text.replace(start, start.replace("the ", "The "))
    return text[:1].upper() + text[1:]


def brief(text: str) -> str:
    """The first sentences only, for large amounts of data."""
    return text.split("\n", 1)[0][:400]
