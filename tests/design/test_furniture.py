from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from django.template import Context, Template

from design.bars import _boxes, drawing, in_words, parts_of
from design.templatetags.furniture import SIGNS, clock, long_date, long_moment, plain_text, status_tag


def drawn(text: str, **context: object) -> str:
    return Template("{% load furniture %}" + text).render(Context(context))


@pytest.mark.parametrize(("kind", "sign"), SIGNS.items())
def test_every_status_has_a_sign_beside_its_words(kind: str, sign: str) -> None:
    assert status_tag(kind, "Words") == (
        f'<span class="status"><span class="status-sign sign-{kind}" aria-hidden="true">{sign}</span>'
        "<span>Words</span></span>"
    )


def test_no_two_statuses_share_a_sign() -> None:
    assert len(set(SIGNS.values())) == len(SIGNS)


def test_a_status_is_taken_as_it_is() -> None:
    status = SimpleNamespace(kind="late", words="Received 3 days late")
    assert "Received 3 days late" in drawn("{% status_tag status %}", status=status)


def test_an_unknown_status_is_neutral() -> None:
    assert 'class="status-sign sign-other"' in status_tag('x" onclick="', "Other")


def test_each_dot_has_a_name() -> None:
    marks = [("on_time", "Northtown <b>", "/n/"), ("not_received", "Southby", "")]
    html = drawn('{% dots marks "Round 4" %}', marks=marks)
    assert html.count("<li>") == 2
    assert '<ol class="dots" aria-label="Round 4">' in html
    assert '<a href="/n/" title="Northtown &lt;b&gt;">' in html
    assert '<span class="govuk-visually-hidden">Southby</span>' in html


def test_the_key_leaves_out_what_nobody_has() -> None:
    html = drawn("{% dots_key counts %}", counts=[("on_time", 1204, "on time"), ("late", 0, "late")])
    assert "<b>1,204</b> on time" in html
    assert "late" not in html


def test_a_bar_says_its_figures_in_words() -> None:
    counts = {"delivered": 7, "responded_to": 3, "not_started": 5}
    html = drawn("{% rating_bar counts %}", counts=counts)
    assert "<figcaption>7 delivered, 3 responded to, 5 not started</figcaption>" in html
    assert " style=" not in html
    assert "<title>7 delivered, 3 responded to, 5 not started</title>" in html


def test_a_bar_can_say_its_finding() -> None:
    html = drawn('{% rating_bar counts "Half have delivered." %}', counts={"delivered": 1, "not_started": 1})
    assert "<figcaption>Half have delivered.</figcaption>" in html


def test_a_bar_fills_its_ground() -> None:
    boxes = _boxes(parts_of({"delivered": 1, "prioritised": 1, "responded_to": 2}))
    assert boxes == [
        ("delivered", "0.00", "98.00"),
        ("prioritised", "100.00", "98.00"),
        ("responded_to", "200.00", "200.00"),
    ]


def test_nothing_rated_is_said_so() -> None:
    parts = parts_of({})
    assert in_words(parts) == "No ratings yet"
    assert "bar-delivered" not in drawing(parts)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("", ""),
        (None, ""),
        ("One", "<p>One</p>"),
        ("One\r\ntwo", "<p>One<br>two</p>"),
        ("One\n\n\ntwo", "<p>One</p>\n<p>two</p>"),
        ("- a\n- b", "<ul><li>a</li><li>b</li></ul>"),
        ("• a\n• b", "<ul><li>a</li><li>b</li></ul>"),
        ("– a\n* b", "<ul><li>a</li><li>b</li></ul>"),
        ("We:\n- a\n- b\nThen", "<p>We:</p>\n<ul><li>a</li><li>b</li></ul>\n<p>Then</p>"),
        ("- a\n\n- b", "<ul><li>a</li><li>b</li></ul>"),
        ("- a\n  goes on", "<ul><li>a goes on</li></ul>"),
        ("-5% is not a bullet", "<p>-5% is not a bullet</p>"),
        ("-", "<p>-</p>"),
        ("<b>&", "<p>&lt;b&gt;&amp;</p>"),
        ("- <script>", "<ul><li>&lt;script&gt;</li></ul>"),
    ],
)
def test_what_people_type_becomes_paragraphs_and_bullets(text: str | None, html: str) -> None:
    assert plain_text(text) == html


def test_moments_are_told_in_london_time() -> None:
    assert long_moment(datetime(2026, 11, 22, 9, 4, tzinfo=UTC)) == "22 November 2026, 9:04am"
    assert long_moment(datetime(2026, 7, 1, 23, 30, tzinfo=UTC)) == "2 July 2026, 12:30am"
    assert long_date(datetime(2026, 7, 1, 23, 30, tzinfo=UTC)) == "2 July 2026"
    assert long_date(date(2026, 7, 1)) == "1 July 2026"


def test_the_full_hour_needs_no_minutes() -> None:
    assert clock(datetime(2026, 11, 22, 9, 0, tzinfo=UTC)) == "9am"
    assert clock(datetime(2026, 11, 22, 12, 0, tzinfo=UTC)) == "12pm"


def test_no_moment_is_no_words() -> None:
    assert [long_date(None), long_moment(None), clock(None)] == ["", "", ""]
