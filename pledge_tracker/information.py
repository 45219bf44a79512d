"""Pages about the site itself: what it keeps about people, and how accessible it is."""

from datetime import date

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.public_pages import public
from pledge_tracker.keeping import RULES

# The day on which the pages were last tested as the accessibility statement says.
ACCESSIBILITY_TESTED_ON = date(2026, 11, 22)


@public
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "pledge_tracker/privacy.html", {"rules": RULES, "contact": settings.CONTACT_EMAIL})


@public
def accessibility(request: HttpRequest) -> HttpResponse:
    context = {"tested_on": ACCESSIBILITY_TESTED_ON, "contact": settings.CONTACT_EMAIL}
    return render(request, "pledge_tracker/accessibility.html", context)
