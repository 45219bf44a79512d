"""Addresses of the pages around an update, wherever somebody writes it."""

from typing import Any

from django import template

register = template.Library()


@register.simple_tag
def place_url(place: Any, name: str, *more: str) -> str:
    """{% place_url place "section" question.key %}: in the workspace, or where the team enters a document."""
    return place.url(name, *more)
