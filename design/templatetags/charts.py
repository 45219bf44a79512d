"""Marks beside charts and in long tables: what a colour means, and the sign of a status."""

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from design.templatetags.furniture import SIGNS

register = template.Library()


@register.simple_tag
def status_sign(kind: str) -> SafeString:
    """The sign of a status as decoration: the word beside it says the same. A document shows the word alone."""
    known = kind if kind in SIGNS else "other"
    return format_html(
        '<span class="status-sign sign-{}" data-sign="{}" aria-hidden="true"></span>', known, SIGNS.get(kind, "?")
    )


@register.simple_tag
def chart_key(key: list[tuple[str, str]]) -> SafeString:
    """What each kind of part in a chart means: (kind, words), in the order in which they are drawn."""
    drawn = format_html_join(" ", '<span><span class="swatch swatch-{}"></span>{}</span>', key)
    return format_html('<p class="chart-key">{}</p>', drawn)
