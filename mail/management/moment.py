"""The `--now` of commands."""

from datetime import datetime

from django.core.management.base import CommandError
from django.utils import timezone
from django.utils.dateparse import parse_datetime


def moment(text: str) -> datetime:
    """A date and time in ISO form; without an offset it is London's. Raises CommandError."""
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    if found is None:
        raise CommandError(f"Not a date and time: {text}. Write it as 2026-09-28T09:00.")
    return found if timezone.is_aware(found) else timezone.make_aware(found)
