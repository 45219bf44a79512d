"""The PDF of the national report: tagged, with the words of its page in order, found by its contents."""

import re
import subprocess
from copy import deepcopy
from datetime import timedelta
from pathlib import Path

import pypdf
import pytest
from page import validate_pdf

from progress_updates.models import RoundEntry
from reports import build
from reports.models import Document, Kind
from reports.national_reading import reading_of
from tests.factories.national import make_national_report, told_once
from tests.reports.words import assert_same_words, words, words_of_page

REPLY = """We lost our lead – and £12,000 of its budget.

- “co-designed” meetings go on: 14 so far
- a ﬁrst ﬁgure comes in spring"""


@pytest.fixture(scope="module")
def told(django_db_setup, django_db_blocker):
    yield from told_once(django_db_blocker)


@pytest.fixture
def scene(told, db):
    return deepcopy(told)


@pytest.fixture
def made(scene) -> Path:
    RoundEntry.objects.filter(pk=scene.entry("silent").pk).update(right_of_reply=REPLY)
    report = make_national_report(scene)
    build.build_national(now=scene.now + timedelta(seconds=1))
    document = Document.objects.get(national_report=report, kind=Kind.NATIONAL_REPORT)
    assert (document.state, document.error) == ("ready", "")
    return document.path


def without_charts(html: str) -> str:
    """A chart's words are part of a picture; the table after it says them again."""
    return re.sub(r"<svg.*?</svg>", "", html[html.index("<main") :], flags=re.DOTALL)


def words_in_reading_order(path: Path) -> list[str]:
    """What a screen reader says of the tagged document, less pictures, bullets and list numbers."""
    told = subprocess.run(["pdfinfo", "-struct-text", str(path)], capture_output=True, text=True, check=True).stdout
    found: list[str] = []
    skipped_below = None
    for line in told.splitlines():
        depth, text = len(line) - len(line.lstrip()), line.strip()
        if skipped_below is not None and depth > skipped_below:
            continue
        skipped_below = depth if text.startswith(("Figure", "Lbl")) else None
        if text.startswith('"') and text.endswith('"'):
            found += words(text[1:-1])
    return found


def without_contents(text_of: list[str], contents: list[str]) -> list[str]:
    """The list of contents with its page numbers: a page has its own, outside <main>."""
    kept, rest = list(text_of), []
    for title in contents:
        rest += [None, *title.split()]
    for start in range(len(kept)):
        window = kept[start : start + len(rest)]
        if len(window) == len(rest) and all(
            want == got or (want is None and got.isdigit()) for want, got in zip(rest, window, strict=True)
        ):
            return kept[:start] + kept[start + len(rest) :]
    raise AssertionError("The document has no list of contents.")


def test_the_words_of_the_page_are_those_of_the_pdf_in_order(client, scene, made):
    of_page = words_of_page(without_charts(client.get(scene.address).content.decode()))
    assert {"£12,000", "“co-designed”", "referrals.", "counted"} <= set(of_page)
    assert len(of_page) > 900
    titles = [part.title for part in reading_of(scene.round.national_reports.get().content()).parts]
    assert_same_words(of_page, without_contents(words_in_reading_order(made), titles))


def test_the_pdf_is_tagged_for_everybody(made):
    verdict = validate_pdf(str(made), profile="ua1")
    assert [failure.rule_id for failure in verdict.failures] == []
    assert verdict.is_compliant


def test_the_pdf_says_what_it_is_and_has_a_bookmark_for_every_part(made):
    pdf = pypdf.PdfReader(made)
    assert pdf.metadata.title == "National progress report, Round 2, autumn – Pledge Tracker"
    assert pdf.trailer["/Root"]["/Lang"] == "en-gb"
    titles = [each.title for each in pdf.outline[1] if not isinstance(each, list)]
    assert titles == [
        "In short", "Who signed, and who reported", "On time, late, not received", "How far the seven objectives are",
        "Change since Round 1, spring", "Promises kept and not kept", "Good practice to share", "Challenges",
        "Every promise, by Pledge Maker", "Every Pledge Maker and its status", "How this was counted",
    ]  # fmt: skip


def test_its_charts_say_their_findings_to_who_cannot_see_them(made):
    text = subprocess.run(["pdfinfo", "-struct-text", str(made)], capture_output=True, text=True, check=True).stdout
    figures = [line.strip() for line in text.splitlines() if line.strip().startswith("Figure")]
    assert len(figures) == 4


def test_demonstration_data_is_marked_on_every_page(scene, settings):
    settings.DEMO = True
    report = make_national_report(scene)
    build.build_national(now=scene.now + timedelta(seconds=1))
    pdf = pypdf.PdfReader(Document.objects.get(national_report=report).path)
    assert len(pdf.pages) > 4
    assert all("Demonstration data." in page.extract_text() for page in pdf.pages)
