"""docs/states.md is the tables of the workflow, and nothing else."""

from io import StringIO
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from progress_updates import workflow
from signatories import statements

PAGE = Path(settings.BASE_DIR) / "docs" / "states.md"


def test_the_page_about_states_equals_the_tables() -> None:
    printed = StringIO()
    call_command("states", stdout=printed)
    assert PAGE.read_text(encoding="utf-8") == printed.getvalue()


def test_every_step_has_its_arrow_and_its_row() -> None:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    arrows = sum(len(step.sources) for step in workflow.STEPS.values()) + len(statements.STEPS)
    assert len([line for line in lines if " --> " in line and "[*]" not in line]) == arrows
    assert len([line for line in lines if line.startswith("| ") and not line.startswith("| from")]) == arrows
