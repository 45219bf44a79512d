"""Organisations from a CSV file (its columns: organisation_file.py): everything is stored or nothing is.

A line is matched to what is stored by its ODS code, else by name and kind. A name that changes is kept as a
former name. A region that staff corrected stays, and what staff confirmed stays confirmed. A column that is
not in the file changes nothing. Nothing is deleted.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import User
from signatories import search
from signatories.models import Organisation, OrganisationKind, OrganisationName
from signatories.organisation_file import BadFile, Line, read

PLAIN = ("name", "kind", "ods_code", "region", "town", "opened_on", "closed_on", "note", "source")


@dataclass(frozen=True)
class Outcome:
    new: int
    changed: int
    as_before: int


def import_file(*, path: Path, by: User | None, now: datetime) -> Outcome:
    """Reads the whole file, then changes everything or nothing. Raises BadFile."""
    lines = read(path)
    with transaction.atomic():
        _check_references(lines)
        outcome = _store(lines, now)
        audit.record(action="organisations.imported", by=by, now=now, new=outcome.new, changed=outcome.changed)
    return outcome


def _check_references(lines: list[Line]) -> None:
    """Boards and successors are in the file or stored already, and a board is a board."""
    kinds = dict(Organisation.objects.exclude(ods_code=None).values_list("ods_code", "kind"))
    kinds |= {line.values["ods_code"]: line.values["kind"] for line in lines if line.values.get("ods_code")}
    problems = []
    for line in lines:
        board = line.values.get("icb")
        if board and kinds.get(board) != OrganisationKind.INTEGRATED_CARE_BOARD:
            what = "is not an integrated care board" if board in kinds else "is not known"
            problems.append(f"line {line.number}, column icb: {board} {what}.")
        for code in line.values.get("successors", []):
            if code not in kinds or code == line.values.get("ods_code"):
                what = "is this organisation itself" if code in kinds else "is not known"
                problems.append(f"line {line.number}, column successors: {code} {what}.")
    problems += _dates_against_stored(lines)
    if problems:
        raise BadFile(problems)


def _dates_against_stored(lines: list[Line]) -> list[str]:
    """A file with only one of the two dates must fit the other one that is stored."""
    stored = {row.ods_code: row for row in Organisation.objects.exclude(ods_code=None)}
    problems = []
    for line in lines:
        row = stored.get(line.values.get("ods_code"))
        opened = line.values.get("opened_on", row.opened_on if row else None)
        closed = line.values.get("closed_on", row.closed_on if row else None)
        if opened and closed and closed < opened:
            problems.append(f"line {line.number}, column closed_on: closed before it opened.")
    return problems


def _store(lines: list[Line], now: datetime) -> Outcome:
    """Rows first, then what points from row to row."""
    today = timezone.localdate(now)
    stored = [(line, *_upsert(line, today)) for line in lines]
    by_code = {row.ods_code: row for row in Organisation.objects.exclude(ods_code=None)}
    new = changed = 0
    renamed = []
    for line, row, verdict in stored:
        linked = _link(line, row, by_code)
        new += verdict == "new"
        changed += verdict == "changed" or (linked and verdict == "as before")
        renamed += [row] if linked or verdict == "changed" else []
    search.index_those_of(renamed)
    return Outcome(new, changed, len(lines) - new - changed)


def _upsert(line: Line, today: date) -> tuple[Organisation, str]:
    row = _stored(line.values)
    if row is None:
        values = {name: line.values[name] for name in PLAIN if name in line.values}
        return Organisation.objects.create(**values, confirmed=line.values.get("confirmed", True)), "new"
    before = {name: getattr(row, name) for name in (*PLAIN, "confirmed")}
    after = before | _wanted(line.values, row)
    if after == before:
        return row, "as before"
    if after["name"] != before["name"]:
        _keep_name(row, before["name"], today - timedelta(days=1))
    for name, value in after.items():
        setattr(row, name, value)
    row.save()
    return row, "changed"


def _stored(values: dict[str, Any]) -> Organisation | None:
    """By code; else the one of this name and kind that has no code yet."""
    code = values.get("ods_code")
    if code and (row := Organisation.objects.filter(ods_code=code).first()):
        return row
    same = Organisation.objects.filter(name=values["name"], kind=values["kind"])
    return same.filter(ods_code=None).first() if code else same.first()


def _wanted(values: dict[str, Any], row: Organisation) -> dict[str, Any]:
    wanted = {name: values[name] for name in PLAIN if name in values}
    if row.region_corrected:
        wanted.pop("region", None)
    if wanted.get("ods_code") is None:  # a file without a code takes none away
        wanted.pop("ods_code", None)
    return wanted | {"confirmed": row.confirmed or values.get("confirmed", False)}


def _keep_name(row: Organisation, name: str, until: date) -> None:
    OrganisationName.objects.get_or_create(organisation=row, until=until, defaults={"name": name})


def _link(line: Line, row: Organisation, by_code: dict[str | None, Organisation]) -> bool:
    """Board, successors and former names. Returns whether anything changed."""
    changed = False
    if "icb" in line.values:
        board = by_code[line.values["icb"]] if line.values["icb"] else None
        if row.icb_id != (board.pk if board else None):
            row.icb, changed = board, True
            row.save(update_fields=["icb"])
    if "successors" in line.values:
        wanted = {by_code[code].pk for code in line.values["successors"]}
        if wanted != set(row.successors.values_list("pk", flat=True)):
            row.successors.set(wanted)
            changed = True
    for name, until in line.values.get("former_names", []):
        _former, made = OrganisationName.objects.get_or_create(organisation=row, until=until, defaults={"name": name})
        changed = changed or made
    return changed
