"""Addresses of the same view, changed in one part."""

from django import template

from staff.address import Chosen

register = template.Library()


@register.simple_tag
def page_address(chosen: Chosen, number: int) -> str:
    """Another page of the same view."""
    return chosen.query(page=number if number > 1 else "") or "?"
