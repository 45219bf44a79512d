"""CSV that spreadsheets and programs read alike, and that no text can turn into a formula.

UTF-8 with a byte order mark (Excel needs it), CRLF, commas, dates as ISO 8601, numbers as numbers. Spreadsheets take
text that begins with a sign like = + - @ for a formula: such text gets an apostrophe before it. The last column names
the columns of the row in which that happened, so that a program can take the apostrophes away again. See docs/csv.md.
"""

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from math import isfinite
from typing import Any

from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

BYTE_ORDER_MARK = "\ufeff"
NOTE = _("An apostrophe was added in")
SIGNS = frozenset("=+-@\N{MINUS SIGN}")
# Where a part of a cell begins: at its start, at a new line, and after what another spreadsheet takes for a separator.
PARTS = re.compile(r"(?<=[\n;])")


def csv_response(
    *, name: str, header: Sequence[Any], rows: Iterable[Sequence[Any]], day: date
) -> StreamingHttpResponse:
    """The rows as a file to keep, sent while they are read. `name` and the day make the file's name.

    Raises ValueError, while sending, for a row that is longer or shorter than the header."""
    file_name = f"{slugify(name) or 'export'}-{day.isoformat()}.csv"
    response = StreamingHttpResponse(csv_lines(header, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = str(content_disposition_header(as_attachment=True, filename=file_name))
    return response


def csv_lines(header: Sequence[Any], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """The lines of the file, each with its end; the first begins with the byte order mark."""
    names = [safe_text(str(name)) for name in header]
    writer = csv.writer(_Echo(), quoting=csv.QUOTE_MINIMAL, lineterminator="\r\n")
    yield BYTE_ORDER_MARK + writer.writerow([*names, str(NOTE)])
    for row in rows:
        yield writer.writerow(_with_note(names, row))


def cell(value: Any) -> str | int | float | Decimal:
    """One value as it stands in the file: None is empty, moments are London time with their offset."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if isinstance(value, int | Decimal | float) and isfinite(value):
        return value
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else safe_text(str(value))


def safe_text(text: str) -> str:
    """The text with an apostrophe before every part that a spreadsheet could calculate; tabs become spaces."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ").replace("\0", "")
    return "".join(f"'{part}" if _could_calculate(part) else part for part in PARTS.split(plain))


def _could_calculate(part: str) -> bool:
    """Whether the first character that counts is a sign, in any width. Spaces, quotes and what nobody sees do not."""
    for character in part:
        if not (character in "\"'`´‘’“”" or character.isspace() or unicodedata.category(character) in ("Cc", "Cf")):
            return unicodedata.normalize("NFKC", character)[:1] in SIGNS
    return False


def _with_note(names: Sequence[str], row: Sequence[Any]) -> list[Any]:
    cells = [cell(value) for value in row]
    changed = [name for name, value, made in zip(names, row, cells, strict=True) if _was_marked(value, made)]
    return [*cells, safe_text(", ".join(changed))]


def _was_marked(value: Any, made: Any) -> bool:
    return isinstance(made, str) and not isinstance(value, date) and made.count("'") > str(value).count("'")


class _Echo:
    """A file that hands back what is written to it: the writer makes a line, and we send it."""

    def write(self, line: str) -> str:
        return line
