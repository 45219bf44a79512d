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
# Documents do not see the stylesheet of the pages; in a browser it wins over these.
FILLS = {"delivered": "#1f6b4f", "prioritised": "#7fae9b", "responded_to": "#c5ddd2", "not_started": "#d9cfc2"}
# A part that somebody has is never drawn thinner: one of two thousand is somebody.
THINNEST = 1
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
    """The words stand beside it; the title is what a PDF needs as the figure's alternative."""
    boxes = format_html_join(
        "",
        '<rect class="bar-{}" fill="{}" x="{}" y="0" width="{}" height="{}"/>',
        ((key, FILLS.get(key, "#6f6578"), x, width, HEIGHT) for key, x, width in _boxes(parts)),
    )
    return format_html(
        '<svg viewBox="0 0 {0} {1}" width="{0}" height="{1}" preserveAspectRatio="none" role="img">'
        '<title>{2}</title><rect class="bar-ground" fill="#d9cfc2" x="0" y="0" width="{0}" height="{1}"/>{3}</svg>',
        WIDTH,
        HEIGHT,
        in_words(parts),
        boxes,
    )


def _boxes(parts: list[Part]) -> list[tuple[str, str, str]]:
    total = sum(count for _key, _label, count in parts)
    boxes, start = [], 0.0
    for key, _label, count in parts:
        if count:
            width = WIDTH * count / total
            last = abs(start + width - WIDTH) < 0.01
            boxes.append((key, f"{start:.2f}", f"{max(width - (0 if last else GAP), THINNEST):.2f}"))
            start += width
    return boxes
