"""What pages are furnished with: status marks, the dots of a round, rating bars, plain text, London dates."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.utils import formats, timezone
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from design import bars
from design.plain import blocks_of

register = template.Library()
LONDON = ZoneInfo("Europe/London")

# The sign beside each word, so that no status is told by colour alone.
SIGNS = {
    "on_time": "✓",
    "late": "L",
    "extension": "E",
    "not_received": "–",
    "not_due_yet": "·",
    "reported_with": "+",
    "not_required": "×",
    "withdrawn": "W",
}


def _sign(kind: str) -> SafeString:
    known = kind if kind in SIGNS else "other"
    return format_html('<span class="status-sign sign-{}" aria-hidden="true">{}</span>', known, SIGNS.get(kind, "?"))


@register.simple_tag
def status_tag(status: Any, text: str = "") -> SafeString:
    """{% status_tag "late" "Received late (3 days)" %}, or one thing that has `kind` and `words`."""
    kind = status if isinstance(status, str) else status.kind
    words = text or (kind if isinstance(status, str) else status.words)
    return format_html('<span class="status">{}<span>{}</span></span>', _sign(kind), words)


@register.simple_tag
def status_sign(kind: str) -> SafeString:
    """The mark of a status alone, where the words stand beside it."""
    return _sign(kind)


@register.simple_tag
def dots(marks: Iterable[tuple[str, str, str]], label: str) -> SafeString:
    """One mark for each Pledge Maker: (kind, "Northtown: received on time", address or "")."""
    drawn = format_html_join("\n", "<li>{}</li>", ((_dot(*mark),) for mark in marks))
    return format_html('<ol class="dots" aria-label="{}">\n{}\n</ol>', label, drawn)


def _dot(kind: str, name: str, url: str) -> SafeString:
    inside = format_html('{}<span class="govuk-visually-hidden">{}</span>', _sign(kind), name)
    return format_html('<a href="{}" title="{}">{}</a>', url, name, inside) if url else inside


@register.simple_tag
def dots_key(counts: Iterable[tuple[str, int, str]], url: str = "") -> SafeString:
    """The key under the dots: (kind, 24, "on time"). Nothing is said of a kind that nobody has.

    With the address of a list, each leads to its rows there."""
    drawn = format_html_join(
        "\n", "<li>{}{}</li>", ((_sign(k), _key_words(k, n, text, url)) for k, n, text in counts if n)
    )
    return format_html('<ul class="dots-key">\n{}\n</ul>', drawn)


def _key_words(kind: str, count: int, text: str, url: str) -> SafeString:
    said = format_html("<b>{}</b> {}", number(count), text)
    if not url:
        return format_html("<span>{}</span>", said)
    return format_html('<a class="govuk-link" href="{}?status={}">{}</a>', url, kind, said)


@register.simple_tag
def status_bar(counts: Iterable[tuple[str, int, str]]) -> SafeString:
    """A round in one bar, where marks would be too many: (kind, 24, "on time"). The key says the same in words."""
    parts = bars.parts_of((kind, text, count) for kind, count, text in counts)
    return format_html('<div class="status-bar">{}</div>', bars.drawing(parts))


@register.simple_tag
def rating_bar(counts: Mapping[str, int] | Iterable[tuple[str, str, int]], finding: str = "") -> SafeString:
    """Shares of ratings as a bar, with the same figures in words below it.

    `counts` maps delivered, prioritised, responded_to and not_started to numbers, or lists (key, label, number).
    """
    parts = bars.parts_of(counts)
    words = finding or bars.in_words(parts)
    return format_html('<figure class="rating-bar">{}<figcaption>{}</figcaption></figure>', bars.drawing(parts), words)


@register.filter
def plain_text(text: str | None) -> SafeString:
    """Paragraphs and bullets of what a person typed; nothing in it is ever markup."""
    return mark_safe("\n".join(_block(block) for block in blocks_of(text or "")))


def _block(block: Any) -> str:
    if block.bullets:
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", ((each,) for each in block.bullets)))
    return f"<p>{'<br>'.join(escape(line) for line in block.lines)}</p>"


@register.filter
def long_date(value: date | datetime | None) -> str:
    """22 November 2026, in London."""
    return formats.date_format(_london(value), "j F Y") if value else ""


@register.filter
def long_moment(value: datetime | None) -> str:
    """22 November 2026, 9:04am, in London."""
    return f"{long_date(value)}, {clock(value)}" if value else ""


@register.filter
def clock(value: datetime | None) -> str:
    """9:04am, in London; on the hour 9am."""
    if not value:
        return ""
    there = _london(value)
    return there.strftime("%-I:%M%p").lower().replace(":00", "")


@register.filter
def month_and_year(value: date | datetime | None) -> str:
    return formats.date_format(_london(value), "F Y") if value else ""


@register.filter
def number(value: int) -> str:
    """1,204: with the separators of the language."""
    return formats.number_format(value, force_grouping=True)


def _london(value: Any) -> Any:
    if isinstance(value, datetime) and timezone.is_aware(value):
        return value.astimezone(LONDON)
    return value
