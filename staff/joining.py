"""How many wait for an answer: applications to sign, and supporters new or changed."""

from collections import Counter
from dataclasses import dataclass

from django.db.models import Value

from signatories.models import Application, ApplicationState, Supporter


@dataclass(frozen=True)
class Waiting:
    applications: int
    supporters: int
    # Of both together; they are marked, and may be real.
    look_automatic: int

    @property
    def total(self) -> int:
        return self.applications + self.supporters


def waiting() -> Waiting:
    """In one query, for the start page."""
    asked = Application.objects.filter(state=ApplicationState.WAITING).order_by().annotate(what=Value("application"))
    backing = Supporter.objects.to_decide().order_by().annotate(what=Value("supporter"))
    fields = ("what", "looks_automatic")
    rows = list(asked.values_list(*fields).union(backing.values_list(*fields), all=True))
    kinds = Counter(what for what, _looks_automatic in rows)
    return Waiting(kinds["application"], kinds["supporter"], sum(automatic for _what, automatic in rows))
