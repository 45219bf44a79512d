"""Bars as an inline SVG: their finding is the title, their numbers stand in them, and a table follows.

A browser's stylesheet wins over the colours given here, which are those of documents on paper. In greyscale the
parts stay apart by their order, their numbers and, where nothing was given, by an outline.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils.formats import number_format
from django.utils.safestring import SafeString

WIDTH, BAR, LABEL, ROW_GAP, GAP = 360.0, 17.0, 17.0, 10.0, 1.5
# About how wide a digit is.
DIGIT = 7.0

# Ground and ink of each kind of part.
DARK, MID, PALE, QUIET = ("#1f6b4f", "#ffffff"), ("#7fae9b", "#231a2c"), ("#c5ddd2", "#231a2c"), ("#e6ded3", "#231a2c")
MARKED, BLUE, EMPTY = ("#f0a92b", "#231a2c"), ("#1e5d86", "#ffffff"), ("#ffffff", "#231a2c")
COLOURS = {
    "delivered": DARK, "prioritised": MID, "responded_to": PALE, "not_started": EMPTY,
    "on_time": DARK, "late": MARKED, "extension": BLUE, "not_received": EMPTY,
    "further": DARK, "same": QUIET, "back": MARKED,
    "done": DARK, "going_on": MID, "dropped": MARKED, "not_published": QUIET, "nothing_said": EMPTY,
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One bar: its label, and its parts as (kind, number) from left to right."""

    label: str
    parts: Sequence[tuple[str, int]]

    @property
    def total(self) -> int:
        return sum(count for _kind, count in self.parts)


@dataclass(frozen=True)
class Box:
    """One part of a bar as it is drawn. `said` is empty where the number has no room."""

    kind: str
    x: str
    y: str
    width: str
    middle: str
    baseline: str
    said: str
    fill: str
    ink: str


def bars(*, finding: str, rows: Sequence[Row]) -> SafeString:
    """All bars on one scale, so that lengths can be compared. Labels stand above their bars: phones are narrow."""
    longest = max((row.total for row in rows), default=0)
    drawn, top = [], 0.5
    for row in rows:
        start = top + (LABEL if row.label else 0)
        drawn.append({"label": row.label, "baseline": _length(start - 5), "boxes": _boxes(row, longest, start)})
        top = start + BAR + ROW_GAP
    about = {
        "finding": finding,
        "rows": drawn,
        "width": _length(WIDTH),
        "height": _length(max(top - ROW_GAP + 1, 1)),
        "bar": _length(BAR),
    }
    return SafeString(render_to_string("design/bars.svg.html", about))


def _boxes(row: Row, longest: int, top: float) -> list[Box]:
    boxes, start = [], 0.0
    for kind, count in row.parts:
        width = WIDTH * count / longest if longest else 0
        if count:
            boxes.append(_box(kind, count, start, width, top))
        start += width
    return boxes


def _box(kind: str, count: int, start: float, width: float, top: float) -> Box:
    said = number_format(count, force_grouping=True)
    fill, ink = COLOURS.get(kind, QUIET)
    return Box(
        kind=kind if kind in COLOURS else "other",
        x=_length(start + 0.5),
        y=_length(top),
        width=_length(max(width - GAP, 1)),
        middle=_length(start + (width - GAP) / 2),
        baseline=_length(top + BAR / 2 + 4.2),
        said=said if width - GAP > DIGIT * len(said) + 3 else "",
        fill=fill,
        ink=ink,
    )


def _length(number: float) -> str:
    """A length as SVG reads it, whatever the language."""
    return f"{number:.1f}".removesuffix(".0")
