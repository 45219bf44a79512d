"""How many wait for an answer: applications to sign, and supporters new or changed."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from signatories.models import Application, ApplicationState, Supporter
from staff.waiting import counted

APPLICATIONS, SUPPORTERS, AUTOMATIC = "applications", "supporters", ("automatic_applications", "automatic_supporters")


@dataclass(frozen=True)
class Waiting:
    applications: int
    supporters: int
    # Of both together; they are marked, and may be real.
    look_automatic: int

    @property
    def total(self) -> int:
        return self.applications + self.supporters


def counted_queues() -> list[QuerySet[Any, Any]]:
    """For `staff.waiting.counts_of`, on the start page."""
    asked = Application.objects.filter(state=ApplicationState.WAITING)
    backing = Supporter.objects.to_decide()
    automatic = [rows.filter(looks_automatic=True) for rows in (asked, backing)]
    rest = [counted(name, rows) for name, rows in zip(AUTOMATIC, automatic, strict=True)]
    return [counted(APPLICATIONS, asked), counted(SUPPORTERS, backing), *rest]


def waiting_of(counts: Counter[str]) -> Waiting:
    """From the counts of those queues. No query."""
    return Waiting(counts[APPLICATIONS], counts[SUPPORTERS], sum(counts[name] for name in AUTOMATIC))
