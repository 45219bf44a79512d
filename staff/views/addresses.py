"""An account that somebody took by changing its address, given back by an administrator."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import giving_back
from accounts.access import synergi_required
from accounts.addresses import NotChanged
from accounts.fresh import fresh_sign_in_required
from accounts.models import AddressChange, SynergiRole


def _page_of(request: HttpRequest, pk: int, change: int) -> str:
    return reverse("staff:person", args=[pk])


@synergi_required(SynergiRole.ADMINISTRATOR)
@require_POST
@fresh_sign_in_required(back=_page_of)
def give_back(request: HttpRequest, pk: int, change: int) -> HttpResponse:
    row = get_object_or_404(AddressChange, pk=change, user=pk, confirmed_at__isnull=False)
    try:
        giving_back.give_back(change=row, by=request.user, now=timezone.now())  # type: ignore[arg-type]
    except NotChanged as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(
            request, _("The account is given back. Everybody was signed out, and both addresses were told.")
        )
    return redirect("staff:person", pk)
