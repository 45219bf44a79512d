"""Prints docs/states.md from the tables that guards and buttons read."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.management.base import BaseCommand
from django.db.models import TextChoices

from progress_updates import workflow
from progress_updates.models import State
from signatories import statements
from signatories.models import StatementState

HEAD = """# States

Made by `manage.py states > docs/states.md` from `progress_updates.workflow.STEPS` and
`signatories.statements.STEPS`. A test fails when this page and those tables differ. A step that is not here
is refused. Lateness is no state: it is worked out from stored instants (`progress_updates/lateness.py`).
"""


@dataclass(frozen=True)
class Arrow:
    """One row of a table, one arrow of a diagram."""

    source: str
    target: str
    name: str
    who: str
    button: str
    needs_reason: bool = False


class Command(BaseCommand):
    # It reads two tables and nothing else.
    requires_system_checks = []
    help = "Prints the states of updates and Statements as Markdown: manage.py states > docs/states.md"

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(document(), ending="")


def document() -> str:
    """The whole of docs/states.md."""
    return "\n".join(
        [
            HEAD,
            *_section("Progress update", State, list(update_arrows())),
            "",
            *_section("Statement of Intent", StatementState, list(statement_arrows())),
            "",
        ]
    )


def update_arrows() -> Iterable[Arrow]:
    for step in workflow.STEPS.values():
        for source in step.sources:
            yield Arrow(source, step.target, step.name, str(step.who), str(step.button), step.needs_reason)


def statement_arrows() -> Iterable[Arrow]:
    for step in statements.STEPS:
        yield Arrow(step.source, step.target, step.name, str(step.by), str(step.button))


def _section(title: str, states: type[TextChoices], arrows: list[Arrow]) -> list[str]:
    return [f"## {title}", "", *_diagram(states, arrows), "", *_table(states, arrows)]


def _diagram(states: type[TextChoices], arrows: list[Arrow]) -> list[str]:
    names = [f"    {state.value}: {state.label}" for state in states]
    lines = [f"    {arrow.source} --> {arrow.target}: {_words(arrow.name)}" for arrow in arrows]
    first = next(iter(states)).value
    return ["```mermaid", "stateDiagram-v2", *names, f"    [*] --> {first}", *lines, "```"]


def _table(states: type[TextChoices], arrows: list[Arrow]) -> list[str]:
    rows = [
        f"| {states(arrow.source).label} | {_words(arrow.name)} | {arrow.who} | {arrow.button} "
        f"| {'yes' if arrow.needs_reason else ''} | {states(arrow.target).label} |"
        for arrow in arrows
    ]
    return ["| from | step | who | button | reason | to |", "|---|---|---|---|---|---|", *rows]


def _words(name: str) -> str:
    return name.replace("_", " ")
