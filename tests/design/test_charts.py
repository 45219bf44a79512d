"""Bars: one scale, numbers where they have room, the finding as title, and nothing of anybody's text as markup."""

import re

from design import charts
from design.charts import Row


def rects(drawn: str) -> list[tuple[str, float, float]]:
    found = re.findall(r'<rect class="seg-(\w+)" x="([\d.]+)" y="[\d.]+" width="([\d.]+)"', drawn)
    return [(kind, float(x), float(width)) for kind, x, width in found]


def numbers(drawn: str) -> list[str]:
    return re.findall(r'<text class="chart-number[^>]*>([^<]*)</text>', drawn)


def test_all_bars_share_one_scale():
    drawn = charts.bars(finding="Two.", rows=[Row("A", [("done", 10)]), Row("B", [("done", 3), ("dropped", 2)])])
    [(_, _, longest), (_, _, three), (kind, start, two)] = rects(drawn)
    assert (round(longest + 1.5), round(three + 1.5), round(two + 1.5)) == (360, 108, 72)
    assert (kind, round(start)) == ("dropped", 108)


def test_a_number_without_room_is_left_to_the_table():
    drawn = charts.bars(finding="One.", rows=[Row("A", [("done", 990), ("dropped", 10)])])
    assert numbers(drawn) == ["990"]


def test_nothing_is_drawn_of_nothing():
    assert rects(charts.bars(finding="None.", rows=[Row("A", [("done", 0)])])) == []
    assert "<title>None.</title>" in charts.bars(finding="None.", rows=[])


def test_the_finding_and_the_labels_are_text():
    drawn = charts.bars(finding="<b>A</b>", rows=[Row("<script>", [("unheard_of", 1)])])
    assert "<title>&lt;b&gt;A&lt;/b&gt;</title>" in drawn
    assert "&lt;script&gt;" in drawn
    assert [kind for kind, _x, _width in rects(drawn)] == ["other"]
