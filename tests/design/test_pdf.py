import os
import subprocess
import sys
import time
from io import BytesIO
from pathlib import Path
from typing import Any

import page as page_validation
import psutil
import pytest
from django.template import engines
from pypdf import PdfReader
from weasyprint import HTML

from design import pdf
from design.bars import drawing, parts_of
from design.pdf import PdfFailed, render_pdf
from design.pdf_renderer import NotAllowed, OwnFilesOnly
from tests.design.listener import Listener, listening

DOCUMENT = """{% extends "design/document.html" %}{% load furniture %}
{% block title %}Northtown, Round 4{% endblock %}
{% block main %}<h1>Northtown</h1><p class="lede">Łukasz Żółć reports “well”.</p>
<h2>Objective 1</h2><div class="prose">{{ typed|plain_text }}</div>
<table><caption>Next steps</caption><thead><tr><th scope="col">What</th><th scope="col">By when</th></tr></thead>
<tbody><tr><th scope="row">Publish</th><td>1 May 2027</td></tr></tbody></table>
<figure>{{ bar }}<figcaption>7 delivered</figcaption></figure>{% endblock %}"""


def document(**context: Any) -> str:
    bar = drawing(parts_of({"delivered": 7}))
    return engines["django"].from_string(DOCUMENT).render({"typed": "We met.\n\n- One\n- Two", "bar": bar, **context})


@pytest.fixture(scope="module")
def report() -> bytes:
    return render_pdf(document())


def words(content: bytes) -> str:
    return " ".join(" ".join(sheet.extract_text() for sheet in PdfReader(BytesIO(content)).pages).split())


def test_a_document_passes_pdf_ua(report: bytes, tmp_path: Path) -> None:
    file = tmp_path / "report.pdf"
    file.write_bytes(report)
    verdict = page_validation.validate_pdf(str(file), profile="ua1")
    assert [failure.rule_id for failure in verdict.failures] == []
    assert verdict.is_compliant


def test_a_document_says_its_title_and_language(report: bytes) -> None:
    reader = PdfReader(BytesIO(report))
    assert reader.metadata is not None
    assert reader.metadata.title == "Northtown, Round 4 – Pledge Tracker"
    assert reader.trailer["/Root"]["/Lang"] == "en-gb"
    assert [entry.title for entry in reader.outline if not isinstance(entry, list)] == ["Northtown"]


def test_a_document_is_set_in_our_typefaces_whole(report: bytes) -> None:
    reader = PdfReader(BytesIO(report))
    fonts = [font.get_object() for sheet in reader.pages for font in sheet["/Resources"]["/Font"].values()]
    names = {font["/BaseFont"].partition("+")[2] for font in fonts}
    assert {name.partition("-")[0] for name in names} == {"Atkinson", "Fraunces"}


def test_each_page_of_the_demonstration_says_so() -> None:
    reader = PdfReader(BytesIO(render_pdf(document(is_demo=True, typed="A sentence that goes on. " * 600))))
    assert len(reader.pages) > 2
    for number, sheet in enumerate(reader.pages, 1):
        text = " ".join(sheet.extract_text().split())
        assert "Demonstration data. Every organisation, person and answer here is invented." in text
        assert f"Page {number} of {len(reader.pages)}" in text


def test_only_the_demonstration_says_that_it_is_one(report: bytes) -> None:
    assert "Demonstration" not in words(report)


def test_the_words_of_the_page_are_the_words_of_the_document(report: bytes) -> None:
    expected = "Northtown Łukasz Żółć reports “well”. Objective 1 We met. One Two Next steps What By when Publish"
    assert words(report).startswith(expected)


# --- It fetches nothing ---------------------------------------------------------------------------


def hostile(port: int) -> str:
    """Every way of naming an address that HTML, CSS and SVG know."""
    addresses = {
        "http": f"http://127.0.0.1:{port}",
        "upper": f"HTTP://127.0.0.1:{port}",
        "ftp": f"ftp://127.0.0.1:{port}",
        "bare": f"//127.0.0.1:{port}",
    }
    tries = []
    for name, address in addresses.items():
        tries += [
            f'<link rel="stylesheet" href="{address}/{name}-link.css">',
            f'<link rel="attachment" href="{address}/{name}-attachment">',
            f'<a rel="attachment" href="{address}/{name}-a-attachment">a</a>',
            f'<style>@import url("{address}/{name}-import.css");'
            f'@font-face {{ font-family: x{name}; src: url("{address}/{name}-font.woff2") }}'
            f"body {{ font-family: x{name}; background: url({address}/{name}-background.png);"
            f"list-style-image: url({address}/{name}-list.png) }}"
            f"p::before {{ content: url({address}/{name}-content.png) }}"
            f"@page {{ background: url({address}/{name}-page.png) }}</style>",
            f'<img src="{address}/{name}-img.png"><img srcset="{address}/{name}-set.png 2x">',
            f'<object data="{address}/{name}-object.svg"></object><embed src="{address}/{name}-embed.svg">',
            f'<iframe src="{address}/{name}-frame"></iframe><video poster="{address}/{name}-poster.png"></video>',
            f'<svg xmlns="http://www.w3.org/2000/svg"><image href="{address}/{name}-svg.png" width="9" height="9"/>'
            f'<use href="{address}/{name}-use.svg#x"/></svg>',
            f'<svg xmlns="http://www.w3.org/2000/svg"><style>@import "{address}/{name}-svg.css";</style></svg>',
            f'<img src="data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22%3E'
            f'%3Cimage href=%22{address}/{name}-nested.png%22 width=%229%22 height=%229%22/%3E%3C/svg%3E">',
        ]
    return (
        f'<!DOCTYPE html><html lang="en"><head><title>x</title><base href="http://127.0.0.1:{port}/base/">'
        f'</head><body>{"".join(tries)}<img src="relative.png">'
        '<link rel="attachment" href="file:///etc/passwd"><img src="file:///etc/passwd">'
        '<object data="file:///etc/hostname"></object><link rel="stylesheet" href="asset:../../etc/passwd">'
        "<p>Words</p></body></html>"
    )


@pytest.fixture
def listener() -> Any:
    with listening() as listener:
        yield listener


def test_no_address_in_the_text_is_ever_called(listener: Listener) -> None:
    content = render_pdf(hostile(listener.port))
    assert "Words" in words(content)
    assert listener.heard == []
    assert dict(PdfReader(BytesIO(content)).attachments) == {}
    assert b"root:" not in content


@pytest.mark.filterwarnings("ignore")
def test_the_listener_hears_weasyprint_when_nobody_stops_it(listener: Listener) -> None:
    """The control: without our fetcher the same text does call."""
    HTML(string=hostile(listener.port)).write_pdf()
    asked = {line.split()[1] for line in listener.heard if line.startswith("GET")}
    assert {"/http-link.css", "/http-img.png", "/http-import.css", "/redirected", "/http-svg.png"} <= asked
    assert {"/http-attachment", "/http-nested.png"} <= asked


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/x", "https://127.0.0.1/x", "ftp://127.0.0.1/x", "file:///etc/passwd", "FILE:///etc/passwd",
        "asset:/etc/passwd", "asset:../document.css", "asset:", "document.css", "data:text/html,x", "data:text/css,x",
        "jar:file:///x", "gopher://x/", "//127.0.0.1/x", "",
    ],
)  # fmt: skip
def test_everything_that_is_not_ours_is_refused(address: str) -> None:
    with pytest.raises(NotAllowed):
        OwnFilesOnly({"document.css": __file__}).fetch(address)


def test_our_own_files_and_pictures_are_read() -> None:
    fetcher = OwnFilesOnly({"document.css": __file__})
    with_name, picture = fetcher.fetch("asset:document.css"), fetcher.fetch("data:image/png;base64,AAAA")
    assert with_name.read() == Path(__file__).read_bytes()
    assert picture.read() == b"\x00\x00\x00"
    with_name.close()
    picture.close()


# --- It stops ----------------------------------------------------------------------------------------


LONG_TABLE = "<table>" + ("<tr>" + f"<td>{'word ' * 30}</td>" * 8 + "</tr>") * 5000 + "</table>"


def children() -> list[psutil.Process]:
    return [each for each in psutil.Process().children(recursive=True) if "design.pdf_renderer" in each.cmdline()]


def test_a_document_that_takes_too_long_is_ended() -> None:
    begun = time.monotonic()
    with pytest.raises(PdfFailed) as failed:
        render_pdf(LONG_TABLE, time_limit=2)
    assert failed.value.reason == "It took longer than 2 seconds."
    assert time.monotonic() - begun < 6
    assert children() == []


def test_a_document_that_wants_too_much_memory_is_ended() -> None:
    with pytest.raises(PdfFailed) as failed:
        render_pdf(LONG_TABLE, memory_limit=150 * pdf.MEBIBYTE)
    assert failed.value.reason == "It needed more memory than a document may have."


def test_after_an_endless_word_is_ended_the_next_document_is_made_at_once() -> None:
    def seconds() -> float:
        begun = time.monotonic()
        assert "Northtown" in words(render_pdf(document()))
        return time.monotonic() - begun

    before = seconds()
    with pytest.raises(PdfFailed, match="longer than 2 seconds"):
        render_pdf(document(typed="x" * 50_000), time_limit=2)
    assert seconds() < 3 * before


@pytest.mark.parametrize(
    "text",
    ["x" * 5_000, "👩🏾‍⚕️ 🎉 " * 50, "مرحبا بالعالم " * 50, "\x00\x01\x07\x1b\ufffe control", "a\u202eb\u2066c", ""],
    ids=["one long word", "emoji", "Arabic", "control characters", "direction marks", "nothing"],
)
def test_odd_text_makes_a_document(text: str) -> None:
    assert render_pdf(document(typed=text), time_limit=60).startswith(b"%PDF-1.7")


def test_a_missing_typeface_is_told(settings: Any, tmp_path: Path) -> None:
    settings.STATICFILES_DIRS = [tmp_path]
    with pytest.raises(PdfFailed, match="make assets"):
        render_pdf(document())


def test_the_renderer_knows_no_secrets() -> None:
    """Its environment carries no database address and no key, its code no Django."""
    seen = subprocess.run(
        [sys.executable, "-c", "import design.pdf_renderer, sys; print('django' in sys.modules)"],
        cwd=Path(pdf.__file__).parents[1],
        capture_output=True,
        text=True,
        env={"PATH": os.environ["PATH"]},
        check=True,
    )
    assert seen.stdout.strip() == "False"
