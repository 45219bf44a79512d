"""Words for what a snapshot holds as codes: ratings, outcomes, dates, the headings of parts."""

from datetime import date
from urllib.parse import urlsplit

from django import template
from django.utils.html import format_html
from django.utils.translation import gettext as _

from design.templatetags.furniture import long_date
from progress_updates.models import Outcome, Rating
from progress_updates.questions import PARTS

register = template.Library()


@register.filter
def iso_date(value: str | None) -> str:
    """2027-03-31 as 31 March 2027; empty for none."""
    return long_date(date.fromisoformat(value)) if value else ""


@register.filter
def rating_words(value: str) -> str:
    return str(Rating(value).label) if value in Rating.values else ""


@register.filter
def outcome_words(step: dict[str, str | None]) -> str:
    """What became of an earlier next step, in a few words."""
    if step["outcome"] == Outcome.GOING_ON and step["new_date"]:
        return _("Going on, now by %(day)s") % {"day": iso_date(step["new_date"])}
    words = {Outcome.GOING_ON: _("Going on"), Outcome.DONE: _("Done"), Outcome.DROPPED: _("Dropped")}
    return words[Outcome(step["outcome"])] if step["outcome"] in Outcome.values else _("Not said yet")


@register.filter
def texts_of(section: dict[str, str]) -> list[dict[str, object]]:
    """The parts of a section that hold something, in their order, with their headings."""
    return [
        {"name": part.name, "heading": part.heading, "value": section[part.name]}
        for part in PARTS.get(section["kind"], ())
        if section[part.name]
    ]


@register.filter
def as_evidence(line: str) -> str:
    """A web address becomes a link that passes nothing on; anything else stays text."""
    if " " not in line and _is_web_address(line):
        return format_html('<a class="govuk-link" href="{}" rel="nofollow noreferrer ugc">{}</a>', line, line)
    return format_html("{}", line)


def _is_web_address(line: str) -> bool:
    try:
        parts = urlsplit(line)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)
