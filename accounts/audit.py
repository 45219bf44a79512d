"""The record of what was done: who, what, about what, when."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import models

from accounts.models import AuditEvent, User


def record(
    *,
    action: str,
    by: User | None,
    now: datetime,
    about: models.Model | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    **detail: Any,
) -> AuditEvent:
    """Adds one row to the audit trail. `before`, `after` and `detail` hold ids and short codes, never free text."""
    event = _event(action, by, now, about, detail)
    event.before, event.after = dict(before or {}), dict(after or {})
    event.save()
    return event


def record_each(*, action: str, by: User | None, now: datetime, about: Iterable[models.Model], **detail: Any) -> None:
    """Adds one row for each of several things to which the same was done. One query."""
    AuditEvent.objects.bulk_create(_event(action, by, now, each, detail) for each in about)


def record_changes(
    *,
    action: str,
    by: User | None,
    now: datetime,
    changes: Iterable[tuple[models.Model, Mapping[str, Any]]],
    after: Mapping[str, Any],
    **detail: Any,
) -> None:
    """Adds one row for each of several things that became the same; each comes with what was so before. One query."""
    events = []
    for each, before in changes:
        event = _event(action, by, now, each, detail)
        event.before, event.after = dict(before), dict(after)
        events.append(event)
    AuditEvent.objects.bulk_create(events)


def _event(
    action: str, by: User | None, now: datetime, about: models.Model | None, detail: dict[str, Any]
) -> AuditEvent:
    return AuditEvent(
        at=now,
        by=by,
        action=action,
        about_kind=about._meta.label_lower if about else "",
        about_id=about.pk if about else None,
        detail=detail,
    )
