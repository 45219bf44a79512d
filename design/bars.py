"""A bar of shares as an inline SVG without styles, and its figures in words."""

from collections.abc import Iterable, Mapping

from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

WIDTH, HEIGHT, GAP = 400, 12, 2
LABELS = {
    "delivered": gettext_lazy("delivered"),
    "prioritised": gettext_lazy("prioritised"),
    "responded_to": gettext_lazy("responded to"),
    "not_started": gettext_lazy("not started"),
}
Part = tuple[str, str, int]


def parts_of(counts: Mapping[str, int] | Iterable[Part]) -> list[Part]:
    """(key, label, number) from best to least, from a mapping of ratings or as given."""
    if isinstance(counts, Mapping):
        return [(key, str(label), counts.get(key, 0)) for key, label in LABELS.items()]
    return [(key, str(label), count) for key, label, count in counts]


def in_words(parts: list[Part]) -> str:
    """ "7 delivered, 9 prioritised, 3 responded to, 5 not started"."""
    said = [f"{number_format(count, force_grouping=True)} {label}" for _key, label, count in parts if count]
    return ", ".join(said) if said else _("No ratings yet")


def drawing(parts: list[Part]) -> SafeString:
    """The words stand beside it, so the drawing itself is hidden from screen readers."""
    boxes = format_html_join(
        "",
        '<rect class="bar-{}" x="{}" y="0" width="{}" height="{}"/>',
        ((key, x, width, HEIGHT) for key, x, width in _boxes(parts)),
    )
    return format_html(
        '<svg viewBox="0 0 {0} {1}" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        '<rect class="bar-ground" x="0" y="0" width="{0}" height="{1}"/>{2}</svg>',
        WIDTH,
        HEIGHT,
        boxes,
    )


def _boxes(parts: list[Part]) -> list[tuple[str, str, str]]:
    total = sum(count for _key, _label, count in parts)
    boxes, start = [], 0.0
    for key, _label, count in parts:
        if count:
            width = WIDTH * count / total
            last = abs(start + width - WIDTH) < 0.01
            boxes.append((key, f"{start:.2f}", f"{width - (0 if last else GAP):.2f}"))
            start += width
    return boxes
