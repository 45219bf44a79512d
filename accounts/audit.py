"""The record of what was done: who, what, about what, when."""

from datetime import datetime
from typing import Any

from django.db import models

from accounts.models import AuditEvent, User


def record(
    *, action: str, by: User | None, now: datetime, about: models.Model | None = None, **detail: Any
) -> AuditEvent:
    """Adds one row to the audit trail. `detail` holds ids and short codes, never free text."""
    return AuditEvent.objects.create(
        at=now,
        by=by,
        action=action,
        about_kind=about._meta.label_lower if about else "",
        about_id=about.pk if about else None,
        detail=detail,
    )
