"""CSV: read alike by spreadsheets and programs, and never a formula."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.utils.translation import gettext_lazy

from design.csv_file import csv_lines, csv_response, safe_text
from tests.spreadsheets import FORMULAS, opened

NOTE = "An apostrophe was added in"


def content_of(header, rows) -> bytes:
    return "".join(csv_lines(header, rows)).encode()


def read(content: bytes) -> list[dict[str, str]]:
    """As a program reads it."""
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_the_bytes_are_what_excel_and_programs_need() -> None:
    found = content_of(["Name", "Count"], [['Zoë, "the" trust', 3]])
    assert found == (b'\xef\xbb\xbfName,Count,An apostrophe was added in\r\n"Zo\xc3\xab, ""the"" trust",3,\r\n')


def test_each_kind_of_value_is_written_in_one_way() -> None:
    values = {
        "nothing": None,
        "day": date(2026, 11, 22),
        "winter": datetime(2026, 11, 22, 9, 5, 7, 123, tzinfo=UTC),
        "summer": datetime(2026, 6, 22, 9, 5, 7, tzinfo=UTC),
        "whole": -5,
        "exact": Decimal("-0.50"),
        "float": -1.5,
        "no number": float("nan"),
        "no end": float("-inf"),
        "yes": True,
        "lazy": gettext_lazy("Not started"),
    }
    assert list(read(content_of(list(values), [list(values.values())]))[0].values()) == [
        "",
        "2026-11-22",
        "2026-11-22T09:05:07+00:00",
        "2026-06-22T10:05:07+01:00",
        "-5",
        "-0.50",
        "-1.5",
        "nan",
        "'-inf",
        "yes",
        "Not started",
        "no end",
    ]


def test_the_last_column_names_where_an_apostrophe_was_added() -> None:
    rows = read(content_of(["Name", "Why"], [["=1+1", "-1"], ["O’Hara's", "Fine"], ["'=2", "a;b"]]))
    assert [(row["Name"], row["Why"], row[NOTE]) for row in rows] == [
        ("'=1+1", "'-1", "Name, Why"),
        ("O’Hara's", "Fine", ""),
        ("''=2", "a;b", "Name"),
    ]


def test_a_column_that_is_called_like_a_formula_is_marked_too() -> None:
    assert list(read(content_of(["=A1"], [["-"]]))[0].items()) == [("'=A1", "'-"), (NOTE, "''=A1")]


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("plain", "plain"),
        ("", ""),
        ("2 + 2 = 4", "2 + 2 = 4"),
        ("a@b.example", "a@b.example"),
        ("a\tb", "a b"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("a\0b", "ab"),
        ("A list\n- one\n- two", "A list\n'- one\n'- two"),
        ("a;=1", "a;'=1"),
        (" =1", "' =1"),
        ("＝1", "'＝1"),
        ("−1", "'−1"),
    ],
)
def test_only_what_could_be_calculated_is_changed(text: str, safe: str) -> None:
    assert safe_text(text) == safe


def test_there_are_fifty_formulas_to_try() -> None:
    assert len(set(FORMULAS)) == len(FORMULAS) == 52
    assert [text for text in FORMULAS if safe_text(text) == text] == ['",=1+1,"', 'a","=1+1","b']


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_libreoffice_finds_no_formula_whatever_it_takes_for_a_separator(tmp_path: Path, separator: str) -> None:
    rows = [[text, n, text, -n] for n, text in enumerate(FORMULAS, start=1)]
    sheet = opened(content_of(["Text", "Number", "Again", "Negative"], rows), tmp_path, separator=separator)
    assert sheet.formulas == []


def test_libreoffice_finds_formulas_in_a_file_that_is_not_safe(tmp_path: Path) -> None:
    content = "".join('"{}"\r\n'.format(text.replace('"', '""')) for text in FORMULAS).encode()
    assert len(opened(content, tmp_path).formulas) == 10


def test_libreoffice_reads_words_and_numbers_as_they_were_written(tmp_path: Path) -> None:
    rows = [["Zoë  Trust", -5, "=1+1"], ["Two\nlines", 2, "a; b"]]
    assert opened(content_of(["Name", "Count", "Text"], rows), tmp_path).rows[:3] == [
        ["Name", "Count", "Text", NOTE],
        ["Zoë  Trust", "-5", "'=1+1", "Text"],
        ["Two\nlines", "2", "a; b", ""],
    ]


def test_the_file_is_called_by_its_name_and_day() -> None:
    response = csv_response(name="Round 4: \r\n../spring", header=["A"], rows=[], day=date(2026, 11, 22))
    assert response["Content-Disposition"] == 'attachment; filename="round-4-spring-2026-11-22.csv"'
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert b"".join(response) == b"\xef\xbb\xbfA,An apostrophe was added in\r\n"


def test_a_name_without_letters_still_makes_a_file() -> None:
    response = csv_response(name="?!", header=["A"], rows=[], day=date(2026, 11, 22))
    assert response["Content-Disposition"] == 'attachment; filename="export-2026-11-22.csv"'


def test_a_row_that_does_not_fit_its_header_is_an_error() -> None:
    with pytest.raises(ValueError, match="zip"):
        content_of(["A", "B"], [["only one"]])
