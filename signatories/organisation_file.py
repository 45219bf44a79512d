"""The CSV file of organisations: each line and column checked, every problem named.

One line an organisation, UTF-8, these columns in any order (only `name` and `kind` are required):

ods_code      3 or 5 capital letters and digits; empty when there is none
name          the name now, 200 characters at most
kind          nhs_mental_health_trust, integrated_care_board, clinical_commissioning_group, local_authority,
              voluntary_sector, public_body
region        Y56, Y58, Y59, Y60, Y61, Y62, Y63 or empty
icb           the ODS code of its integrated care board
town          where its headquarters are
opened_on     the first day, YYYY-MM-DD
closed_on     the last day, YYYY-MM-DD
confirmed     yes, or no: hidden until staff confirm it (empty: yes)
successors    ODS codes, separated by spaces
former_names  "Name until YYYY-MM-DD", separated by semicolons
note          free text for staff
source        where the facts are from
"""

import csv
import io
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from signatories.models import OrganisationKind, Region

REQUIRED = ("name", "kind")
OPTIONAL = ("ods_code", "region", "icb", "town", "opened_on", "closed_on", "confirmed", "successors")
COLUMNS = (*REQUIRED, *OPTIONAL, "former_names", "note", "source")
ODS_CODE = re.compile(r"[A-Z0-9]{3}|[A-Z0-9]{5}")
LONGEST = {"name": 200, "town": 100, "source": 200}  # characters


class BadFile(Exception):
    """Nothing was changed; `problems` has a line for each thing that is wrong."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass
class Line:
    """One organisation as the file has it; only columns that the file has are in `values`."""

    number: int
    values: dict[str, Any] = field(default_factory=dict)


def read(path: Path) -> list[Line]:
    """The lines of the file, each column checked. Raises BadFile with every problem of every line."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadFile(["The file is not UTF-8. Save it as “CSV UTF-8”."]) from None
    try:
        return _checked_lines(csv.reader(io.StringIO(text, newline="")))
    except csv.Error as error:
        raise BadFile([f"The file is not CSV: {error}."]) from None


def _checked_lines(reader: Any) -> list[Line]:
    header = [name.strip() for name in next(reader, [])]
    _check_header(header)
    problems: list[str] = []
    lines = []
    for cells in reader:
        if any(cell.strip() for cell in cells):
            lines.append(_line(header, cells, reader.line_num, problems))
    problems += _repeated(lines)
    if problems:
        raise BadFile(problems)
    return lines


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
            line.values[column] = PARSERS.get(column, _plain)(column, cell.strip())
        except ValueError as error:
            problems.append(f"line {number}, column {column}: {error}")
    opened, closed = line.values.get("opened_on"), line.values.get("closed_on")
    if opened and closed and closed < opened:
        problems.append(f"line {number}, column closed_on: closed before it opened.")
    return line


def _plain(column: str, cell: str) -> str:
    if "\x00" in cell:
        raise ValueError("has a NUL character.")
    if len(cell) > LONGEST.get(column, 10_000):
        raise ValueError(f"{len(cell)} characters; the longest is {LONGEST.get(column, 10_000)}.")
    return cell


def _name(column: str, cell: str) -> str:
    if not cell:
        raise ValueError("empty.")
    return _plain(column, cell)


def _kind(column: str, cell: str) -> str:
    if cell not in OrganisationKind.values:
        raise ValueError(f"“{cell}” is not one of {', '.join(OrganisationKind.values)}.")
    return cell


def _region(column: str, cell: str) -> str:
    if cell and cell not in Region.values:
        raise ValueError(f"“{cell}” is not one of {', '.join(Region.values)}.")
    return cell


def _code(column: str, cell: str) -> str | None:
    if cell and not ODS_CODE.fullmatch(cell):
        raise ValueError(f"“{cell}” does not have 3 or 5 capital letters and digits.")
    return cell or None


def _codes(column: str, cell: str) -> list[str]:
    return [code for code in (_code(column, part) for part in cell.split()) if code]


def _day(column: str, cell: str) -> date | None:
    if not cell:
        return None
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", cell, re.ASCII):
        raise ValueError(f"“{cell}” is not a date like 2024-10-31.")
    try:
        return date.fromisoformat(cell)
    except ValueError:
        raise ValueError(f"“{cell}” is not a real date.") from None


def _yes_or_no(column: str, cell: str) -> bool:
    if cell not in {"", "yes", "no"}:
        raise ValueError(f"“{cell}” is not yes or no.")
    return cell != "no"


def _former_names(column: str, cell: str) -> list[tuple[str, date]]:
    found = []
    for part in filter(None, (part.strip() for part in cell.split(";"))):
        name, _until, day = part.rpartition(" until ")
        until = _day(column, day)
        if not name or not until:
            raise ValueError(f"“{part}” is not like “Old name until 2024-10-31”.")
        found.append((_plain("name", name), until))
    return found


PARSERS: dict[str, Callable[[str, str], Any]] = {
    "name": _name,
    "kind": _kind,
    "region": _region,
    "ods_code": _code,
    "icb": _code,
    "successors": _codes,
    "opened_on": _day,
    "closed_on": _day,
    "confirmed": _yes_or_no,
    "former_names": _former_names,
}


def _repeated(lines: Iterable[Line]) -> list[str]:
    """A code twice, or a name and kind twice where there is no code."""
    first: dict[Any, int] = {}
    problems = []
    for line in lines:
        code = line.values.get("ods_code")
        key = code or (line.values.get("name"), line.values.get("kind"))
        if key in first:
            column = "ods_code" if code else "name"
            problems.append(f"line {line.number}, column {column}: already on line {first[key]}.")
        elif code or all(key):
            first[key] = line.number
    return problems
