import pytest
from playwright.sync_api import Page

from design.words import count_words, with_unix_line_ends

# Text, and how many words GOV.UK Frontend's character count finds in it.
TEXTS = [
    ("", 0),
    ("   \n\t ", 0),
    ("one", 1),
    ("one two", 2),
    ("  one   two  ", 2),
    ("one\ntwo\r\nthree", 3),
    ("£1,200 – a start", 4),
    ("well-known don't 3.5%", 3),
    ("no\u00a0break", 2),
    ("thin\u2009space", 2),
    ("ideographic\u3000space", 2),
    ("line\u2028separator\u2029paragraph", 3),
    ("byte\ufefforder", 2),
    ("zero\u200bwidth", 1),
    ("word\u2060joiner", 1),
    ("unit\x1fseparator\x85next", 1),
    ("ogham\u1680mark\u205fmedium\u202fnarrow", 4),
    ("👩🏾‍⚕️ nurse", 2),
    ("سلام دنیا", 2),
    ("- bullet", 2),
]


@pytest.mark.parametrize(("text", "count"), TEXTS)
def test_words_are_runs_between_spaces(text: str, count: int) -> None:
    assert count_words(text) == count


@pytest.mark.browser
def test_the_browser_counts_the_same_words(page: Page) -> None:
    counted = page.evaluate("texts => texts.map(text => (text.match(/\\S+/g) || []).length)", [t for t, _ in TEXTS])
    assert counted == [count for _, count in TEXTS]


def test_a_line_break_is_one_character() -> None:
    assert with_unix_line_ends("a\r\nb\rc\nd") == "a\nb\nc\nd"
