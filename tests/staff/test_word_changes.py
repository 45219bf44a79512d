"""Words that came or went: marked by text as well as colour, and never markup of theirs."""

import pytest

from staff.word_changes import LONGEST, Run, changes_of


def changed(before: str, now: str, kind: str = "text") -> list:
    return changes_of({"kind": kind, "text": before}, {"kind": kind, "text": now})


@pytest.mark.parametrize(
    ("before", "now", "runs"),
    [
        ("A b twice.", "A b monthly.", [("same", "A b"), ("removed", "twice."), ("added", "monthly.")]),
        ("We met carers.", "We met carers. They chose.", [("same", "We met carers."), ("added", "They chose.")]),
        ("One two three four", "One three four", [("same", "One"), ("removed", "two"), ("same", "three four")]),
        ("", "All new", [("added", "All new")]),
        ("All gone", "", [("removed", "All gone")]),
        ("A line", "A line\nand one more", [("same", "A line"), ("added", "\n and one more")]),
    ],
)  # fmt: skip
def test_each_run_is_what_stayed_came_or_went(before: str, now: str, runs: list) -> None:
    [change] = changed(before, now)
    assert change.runs == [Run(*run) for run in runs]


@pytest.mark.parametrize(("before", "now"), [("Same words", "Same  words "), ("", ""), ("a\nb", "a\nb")])
def test_the_same_words_are_no_change(before: str, now: str) -> None:
    assert changed(before, now) == []


def test_a_screen_reader_hears_what_was_added_and_what_was_removed() -> None:
    [change] = changed("We met carers twice this year.", "We met <b>carers</b> twice this & last year.")
    assert change.marked == (
        'We met <del><span class="govuk-visually-hidden">removed: </span>carers</del> '
        '<ins><span class="govuk-visually-hidden">added: </span>&lt;b&gt;carers&lt;/b&gt;</ins> twice this '
        '<ins><span class="govuk-visually-hidden">added: </span>&amp; last</ins> year.'
    )


def test_a_text_that_is_new_is_said_to_be_so() -> None:
    [change] = changed("We met carers twice this year.", "Figures now come monthly from every ward we run.")
    assert (change.rewritten, change.runs) == (True, [])


def test_parts_of_an_objective_are_compared_each_with_its_own() -> None:
    before = {
        "kind": "objective",
        "text": "A b c",
        "involved": "Carers",
        "evidence": ["https://a.example"],
        "barriers": "",
    }
    now = {**before, "involved": "Carers and staff", "evidence": ["https://a.example", "https://b.example"]}
    assert [change.heading for change in changes_of(before, now)] == ["Who was involved from communities", "Evidence"]


def test_a_text_of_endless_length_is_not_compared() -> None:
    [change] = changed("word " * (LONGEST + 1), "other " * (LONGEST + 1))
    assert change.too_long
