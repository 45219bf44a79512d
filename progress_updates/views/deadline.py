"""The deadline of a Pledge Maker as a calendar file."""

from datetime import UTC
from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from icalendar import Calendar, Event

from design.templatetags.furniture import long_date
from progress_updates.views.workspace_place import Place, workspace_page


@require_safe
@workspace_page
def as_calendar(request: HttpRequest, place: Place) -> HttpResponse:
    """The last second that is on time, more time included. 404 where no update is asked for."""
    if not place.entry.required:
        raise Http404
    answer = HttpResponse(calendar_of(place), content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{place.round.slug}.ics"'
    return answer


def calendar_of(place: Place) -> bytes:
    """One event, with the same name each time: a calendar that has it takes the new day over."""
    calendar = Calendar()
    for name, value in (("prodid", "-//Pledge Tracker//EN"), ("version", "2.0"), ("method", "PUBLISH")):
        calendar.add(name, value)
    calendar.add_component(_event(place))
    return bytes(calendar.to_ical())


def _event(place: Place) -> Event:
    entry, event = place.entry, Event()
    names = {"pledge_maker": place.maker.name, "round": place.round.label}
    event.add("uid", f"deadline-{entry.pk}@{urlsplit(settings.SITE_URL).hostname}")
    # How often the day has changed: calendars take a higher number for the newer word.
    event.add("sequence", entry.extensions.count())
    event.add("dtstamp", place.now.astimezone(UTC))
    event.add("dtstart", entry.due.astimezone(UTC))
    event.add("summary", _("Due: progress update of %(pledge_maker)s, %(round)s") % names)
    event.add("description", _("On time until the end of %(day)s, London time.") % {"day": long_date(entry.due)})
    event.add("url", settings.SITE_URL + place.url("task_list"))
    event.add("transp", "TRANSPARENT")
    return event
