"""The CSV file of a past round: each line and column checked, every problem named. See docs/past-rounds.md.

One line a Pledge Maker and section, UTF-8, these columns in any order (the first four are required):

pledge_maker  its name, or the last part of its address
question      the key of a section: why, objective-1 to objective-7, good-practice, challenges, next-steps, sign-off
text          what the document says, with its line breaks
received_on   the day on which the document reached Synergi, YYYY-MM-DD; may be empty after its first line
rating        not_started, responded_to, prioritised, delivered; empty when the document gives none
involved      who was involved from communities
evidence      web addresses, one a line
barriers      what gets in the way
document      the name of the file that was sent; without one, the CSV file itself is kept as the source
leader        the name of the leader who signed the document
signed_on     the day of that signature, YYYY-MM-DD
"""

import csv
import io
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from progress_updates.models import Rating
from signatories.organisation_file import BadFile

REQUIRED = ("pledge_maker", "question", "text", "received_on")
OPTIONAL = ("rating", "involved", "evidence", "barriers", "document", "leader", "signed_on")
COLUMNS = (*REQUIRED, *OPTIONAL)
# Facts about the whole update: given on any of its lines, and the same wherever given.
OF_THE_UPDATE = ("received_on", "document", "leader", "signed_on")
LARGEST = 10 * 1024 * 1024  # bytes
LONGEST = 200_000  # characters of one cell


@dataclass
class Line:
    """One section of one Pledge Maker's update as the file has it."""

    number: int
    values: dict[str, Any] = field(default_factory=dict)


@dataclass
class Sheet:
    """One Pledge Maker's update: its lines, and the facts that they give about the whole."""

    maker: str
    lines: list[Line] = field(default_factory=list)

    @property
    def number(self) -> int:
        return self.lines[0].number

    def fact(self, column: str) -> Any:
        return next((line.values[column] for line in self.lines if line.values.get(column)), None)


def read(content: bytes) -> list[Sheet]:
    """The updates in the file, in its order. Raises BadFile with every problem of every line."""
    if len(content) > LARGEST:
        raise BadFile(["The file is larger than 10 MB."])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadFile(["The file is not UTF-8. Save it as “CSV UTF-8”."]) from None
    csv.field_size_limit(LONGEST)
    try:
        lines, problems = _checked_lines(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise BadFile([f"The file is not CSV: {error}."]) from None
    sheets = _sheets(lines)
    problems += [problem for sheet in sheets for problem in _problems_of(sheet)]
    if not lines and not problems:
        problems = ["The file has no line below its header."]
    if problems:
        raise BadFile(problems)
    return sheets


def _checked_lines(reader: Any) -> tuple[list[Line], list[str]]:
    header = [name.strip() for name in next(reader, [])]
    _check_header(header)
    problems: list[str] = []
    lines: list[Line] = []
    start = reader.line_num + 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            lines.append(_line(header, cells, start, problems))
        start = reader.line_num + 1
    return lines, problems


def _check_header(header: list[str]) -> None:
    problems = [f"line 1, column {name}: this column is missing." for name in REQUIRED if name not in header]
    problems += [f"line 1, column {name or '(empty)'}: unknown column." for name in header if name not in COLUMNS]
    problems += [f"line 1, column {name}: twice." for name in sorted({n for n in header if header.count(n) > 1})]
    if problems:
        raise BadFile(problems)


def _line(header: list[str], cells: list[str], number: int, problems: list[str]) -> Line:
    line = Line(number)
    if len(cells) != len(header):
        problems.append(f"line {number}: {len(cells)} columns instead of {len(header)}.")
        return line
    for column, cell in zip(header, cells, strict=True):
        try:
            line.values[column] = PARSERS.get(column, _plain)(cell.strip())
        except ValueError as error:
            problems.append(f"line {number}, column {column}: {error}")
    return line


def _plain(cell: str) -> str:
    if "\x00" in cell:
        raise ValueError("has a NUL character.")
    return cell.replace("\r\n", "\n").replace("\r", "\n")


def _filled(cell: str) -> str:
    if not cell:
        raise ValueError("empty.")
    return _plain(cell)


def _day(cell: str) -> date | None:
    if not cell:
        return None
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", cell, re.ASCII):
        raise ValueError(f"“{cell}” is not a date like 2021-04-30.")
    try:
        return date.fromisoformat(cell)
    except ValueError:
        raise ValueError(f"“{cell}” is not a real date.") from None


def _rating(cell: str) -> str:
    if cell and cell not in Rating.values:
        raise ValueError(f"“{cell}” is not one of {', '.join(Rating.values)}.")
    return cell


PARSERS: dict[str, Callable[[str], Any]] = {
    "pledge_maker": _filled,
    "question": _filled,
    "received_on": _day,
    "signed_on": _day,
    "rating": _rating,
}


def _sheets(lines: list[Line]) -> list[Sheet]:
    found: dict[str, Sheet] = {}
    for line in lines:
        if maker := line.values.get("pledge_maker"):
            found.setdefault(maker.casefold(), Sheet(maker)).lines.append(line)
    return list(found.values())


def _problems_of(sheet: Sheet) -> list[str]:
    """What is wrong with the lines of one update taken together."""
    problems = []
    first: dict[str, int] = {}
    for line in sheet.lines:
        key = line.values.get("question")
        if key in first:
            problems.append(f"line {line.number}, column question: {key} is already on line {first[key]}.")
        elif key:
            first[key] = line.number
        for column in OF_THE_UPDATE:
            value = line.values.get(column)
            if value and value != sheet.fact(column):
                problems.append(f"line {line.number}, column {column}: differs from the line before it.")
    return problems + _missing_facts(sheet)


def _missing_facts(sheet: Sheet) -> list[str]:
    at = f"line {sheet.number}, column"
    problems = []
    if not sheet.fact("received_on") and all("received_on" in line.values for line in sheet.lines):
        problems.append(f"{at} received_on: empty on every line of {sheet.maker}.")
    if bool(sheet.fact("leader")) != bool(sheet.fact("signed_on")):
        problems.append(f"{at} leader: leader and signed_on are given together, or neither.")
    if sheet.fact("signed_on") and not sheet.fact("document"):
        problems.append(f"{at} document: a signature needs the document that carries it.")
    return problems
