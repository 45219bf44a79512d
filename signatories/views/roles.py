"""Who can do what: printed from the table that the permissions decide from."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from signatories.models import Role
from signatories.roles import ACTS, GROUPS, limit_in_words
from signatories.views.desk import Desk, own_desk


def table_of_roles() -> dict[str, Any]:
    """What each role of a Pledge Maker and the Synergi team may do for it, for `_roles.html`."""
    team = _("Synergi team")
    groups = [(heading, [_row(ACTS[name], team) for name in names]) for heading, names in GROUPS]
    return {"columns": [*(role.label for role in Role), team], "groups": groups}


def _row(act: Any, team: str) -> dict[str, Any]:
    cells = [(role.label, role in act.roles) for role in Role]
    return {"words": act.words, "note": act.note, "cells": [*cells, (team, act.team)]}


def show_roles(request: HttpRequest, desk: Desk) -> HttpResponse:
    own = desk.own
    assert own is not None
    context = {
        "desk": desk,
        "pledge_maker": desk.pledge_maker,
        "role": own.get_role_display().lower(),
        "limit": limit_in_words(own.objectives),
        **table_of_roles(),
    }
    return render(request, "signatories/roles.html", context)


roles = require_safe(own_desk(show_roles))
