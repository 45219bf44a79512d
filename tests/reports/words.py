"""The words of a page and of a PDF, to be compared."""

import subprocess
import unicodedata
from html.parser import HTMLParser
from pathlib import Path


class _MainWords(HTMLParser):
    """The words inside <main>, as a reader sees them."""

    VOID = {"br", "hr", "img", "input", "meta", "link", "wbr"}
    BLOCKS = {"p", "li", "h1", "h2", "h3", "td", "th", "tr", "div", "section", "article", "header", "ul", "ol", "br"}

    def __init__(self) -> None:
        super().__init__()
        self.inside, self.parts = False, []

    def handle_starttag(self, tag, attrs):
        self.inside = self.inside or tag == "main"
        if tag in self.BLOCKS:
            self.parts.append(" ")

    def handle_endtag(self, tag):
        if tag == "main":
            self.inside = False
        if tag in self.BLOCKS:
            self.parts.append(" ")

    def handle_data(self, data):
        if self.inside:
            self.parts.append(data)


def words(text: str) -> list[str]:
    return unicodedata.normalize("NFKC", text).split()


def words_of_page(html: str) -> list[str]:
    parser = _MainWords()
    parser.feed(html)
    return words("".join(parser.parts))


def words_of_pdf(path: Path, *, furniture: tuple[str, ...]) -> list[str]:
    """In the order of the PDF, less list bullets and the lines named in `furniture` on each page."""
    text = subprocess.run(["pdftotext", "-raw", str(path), "-"], capture_output=True, text=True, check=True).stdout
    found: list[str] = []
    for page in text.split("\f"):
        kept = [line for line in page.splitlines() if line.strip() not in furniture and not _is_page_number(line)]
        found += words("\n".join(kept))
    return [word for word in found if word != "•"]


def _is_page_number(line: str) -> bool:
    parts = line.split()
    return len(parts) == 4 and parts[0] == "Page" and parts[2] == "of"


def assert_same_words(of_page: list[str], of_pdf: list[str]) -> None:
    """In order; only a line that ends inside a word may part it (after a hyphen or in a long address)."""
    rest = iter(of_pdf)
    for place, word in enumerate(of_page):
        seen = ""
        while seen != word:
            part = next(rest, None)
            assert part is not None, f"The PDF ends before {of_page[place : place + 8]}"
            seen += part
            assert word.startswith(seen), f"Page: {of_page[place : place + 8]}; PDF: {seen!r}"
    assert list(rest) == []
