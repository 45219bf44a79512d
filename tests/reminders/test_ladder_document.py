"""docs/reminders.md is the table of the ladder, and nothing else."""

from io import StringIO
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from reminders.ladder import LADDER, NOBODY_REACHABLE

PAGE = Path(settings.BASE_DIR) / "docs" / "reminders.md"


def test_the_page_about_reminders_equals_the_table() -> None:
    printed = StringIO()
    call_command("ladder", stdout=printed)
    assert PAGE.read_text(encoding="utf-8") == printed.getvalue()


def test_every_step_has_a_row_for_each_who_hear_it() -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    assert len(rows) - 1 == sum(len(step.words) for step in LADDER)


def test_every_words_of_the_ladder_exist() -> None:
    named = {template for step in (*LADDER, NOBODY_REACHABLE) for template in step.words.values()}
    folder = Path(settings.BASE_DIR) / "templates" / "mail"
    assert [name for name in sorted(named) if not (folder / f"{name}.txt").exists()] == []
