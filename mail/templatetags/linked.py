import re

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()
ADDRESS = re.compile(r"(https?://[^\s<>\"']*[^\s<>\"'.,;:!?)])")


@register.filter
def linked(line: str) -> SafeString:
    """Escaped text in which each web address can be followed."""
    pieces = enumerate(ADDRESS.split(line))  # every second piece is an address
    return format_html_join("", "{}", ((_link(piece) if n % 2 else piece,) for n, piece in pieces))


def _link(address: str) -> SafeString:
    return format_html('<a class="govuk-link" href="{}" rel="nofollow">{}</a>', address, address)
