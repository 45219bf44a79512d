"""Plain text and its pieces."""

from mail.layout import Block, Kind, blocks

SITE = "https://pledge.example"


def pieces(text: str) -> list[Block]:
    return blocks(text, site_url=SITE)


def test_paragraphs_keep_their_lines():
    assert pieces("One\nstill one\n\n\nTwo") == [
        Block(Kind.PARAGRAPH, ("One", "still one")),
        Block(Kind.PARAGRAPH, ("Two",)),
    ]


def test_bullets_are_a_list():
    assert pieces("Bring:\n- paper\n- a pen\nand time") == [
        Block(Kind.PARAGRAPH, ("Bring:",)),
        Block(Kind.BULLETS, ("paper", "a pen")),
        Block(Kind.PARAGRAPH, ("and time",)),
    ]


def test_a_label_and_an_address_of_ours_are_a_button():
    assert pieces("Please.\nOpen it:\nhttps://pledge.example/a/") == [
        Block(Kind.PARAGRAPH, ("Please.",)),
        Block(Kind.BUTTON, ("https://pledge.example/a/",), "Open it"),
    ]


def test_an_empty_line_may_stand_between_label_and_address():
    assert pieces("Open it:\n\nhttps://pledge.example") == [
        Block(Kind.BUTTON, ("https://pledge.example",), "Open it"),
    ]


def test_nobody_elses_address_is_a_button():
    for address in (
        "https://evil.example/",
        "https://pledge.example.evil.example/",
        "https://pledge.example@evil.example/",
        "javascript:alert(1)",
        "http://pledge.example/a/",
    ):
        assert pieces(f"Open it:\n{address}") == [Block(Kind.PARAGRAPH, ("Open it:", address))]


def test_an_address_within_a_sentence_is_no_button():
    line = "https://pledge.example/a/ is the place"
    assert pieces(f"Look:\n{line}") == [Block(Kind.PARAGRAPH, ("Look:", line))]


def test_an_address_without_a_label_is_text():
    assert pieces("https://pledge.example/a/") == [Block(Kind.PARAGRAPH, ("https://pledge.example/a/",))]


def test_a_code_after_a_label_is_shown_large():
    for code in ("123456", "BCDF-GHJK", "X7K2PQ"):
        assert pieces(f"Your code:\n\n{code}\n\nIt lasts 10 minutes.") == [
            Block(Kind.CODE, (code,), "Your code"),
            Block(Kind.PARAGRAPH, ("It lasts 10 minutes.",)),
        ]


def test_capitals_without_a_label_are_text():
    assert pieces("NHS1") == [Block(Kind.PARAGRAPH, ("NHS1",))]


def test_a_label_after_bullets_is_not_taken_from_them():
    assert pieces("- one:\nhttps://pledge.example/a/") == [
        Block(Kind.BULLETS, ("one:",)),
        Block(Kind.PARAGRAPH, ("https://pledge.example/a/",)),
    ]
