"""Documents for tests."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from progress_updates.models import ProgressUpdate, RoundEntry
from progress_updates.models import State as UpdateState
from reports import build
from reports.models import Document
from tests.factories.progress_updates import make_update


def make_published(
    *, entry: RoundEntry | None = None, now: datetime | None = None, text: str | None = None
) -> ProgressUpdate:
    """A published update, whose document is still missing."""
    return make_update(entry=entry, state=UpdateState.PUBLISHED, now=now, text=text)


def make_document(*, update: ProgressUpdate | None = None, now: datetime | None = None, **changes: Any) -> Document:
    """The planned document of a published update; `changes` are written into its row."""
    now = now or timezone.now()
    update = update or make_published(now=now)
    build.plan(now=now)
    rows = Document.objects.filter(snapshot__update=update)
    if changes:
        rows.update(**changes)
    return rows.get()
