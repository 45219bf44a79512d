"""How much may be sent to which address: the one table, which deploy/Caddyfile is held against.

Forgery protection reads the whole of a form before any page sees who sent it, so a limit that a page sets comes too
late: everything larger than here is refused by the length it declares, unread.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve

from accounts import second_factor
from progress_updates.documents import LARGEST
from staff.behalf_forms import LARGEST_IMPORT

# Bytes. A whole update of 10,000 words has about 70,000.
ORDINARY = 1024 * 1024
# What the names of the boxes and the day take beside a document.
BESIDE = 1024 * 1024
# Addresses that take documents, from signed-in members of the Synergi team; for everybody else they are ordinary.
UPLOADS = {
    "staff:on_behalf": LARGEST + BESIDE,
    "staff:add_document": LARGEST + BESIDE,
    "staff:import_past_round": LARGEST_IMPORT + BESIDE,
}


def upload_limit(request: HttpRequest) -> int:
    """Bytes that the team may send to this address, 0 when it takes no documents."""
    try:
        return UPLOADS.get(resolve(request.path_info).view_name, 0)
    except Resolver404:
        return 0


def may_upload(request: HttpRequest) -> bool:
    """Who sees the pages from which documents are sent: the team, its second factor given."""
    return getattr(request.user, "is_synergi", False) and second_factor.is_proven(request)


def refuse(request: HttpRequest, *, status: int, limit: int = 0) -> HttpResponse:
    """413 for too much, 411 where nobody says how much; with what to do now."""
    takes_documents = bool(upload_limit(request))
    context = {
        "length_unknown": status == 411,
        "limit": limit,
        "takes_documents": takes_documents,
        "sign_in_first": takes_documents and not may_upload(request),
    }
    page = render(request, "errors/too_large.html", context, status=status)
    page["Cache-Control"] = "no-store"
    return page
