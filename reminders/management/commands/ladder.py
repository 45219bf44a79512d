"""Prints docs/reminders.md from the table that the planner reads."""

from typing import Any

from django.core.management.base import BaseCommand

from reminders.chase import IN_PEACE, TIME_TO_CANCEL
from reminders.ladder import FROM, LADDER, NOBODY_REACHABLE, UNTIL, Anchor, Audience, Step

HEAD = f"""# Reminders

Made by `manage.py ladder > docs/reminders.md` from `reminders.ladder.LADDER`. A test fails when they differ.

- Days are calendar days in London. A step that falls on a weekend or bank holiday moves back before the due day, and
  forward after it or with the opening. Nothing leaves outside {FROM:%H:%M} to {UNTIL:%H:%M}.
- Each person gets one mail for all that they are owed at that moment. Only the latest step that has come is told:
  what a later step has overtaken is passed over, so that after an outage one mail leaves, the right one.
- Just before a mail leaves it is looked up again whether the update is still owed.
- In a short round, steps that would fall before its opening or with it are left out. Rounds of the past remind nobody.
- More time brings new steps. What fell before it was given is not said again; the opening is told once.
- An update that was recalled is owed again: who was told of the step stays told, who was not is told now.
- Once nothing can be sent in any more, only the team hears.
"""
WORDS = {
    Audience.WRITERS: "coordinators and contributors",
    Audience.LEADERS: "leaders",
    Audience.STAFF: "the Synergi team: whoever looks after the Pledge Maker, else everybody",
}


class Command(BaseCommand):
    # It reads one table and nothing else.
    requires_system_checks = []
    help = "Prints the ladder of reminders as Markdown: manage.py ladder > docs/reminders.md"

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(document(), ending="")


def document() -> str:
    """The whole of docs/reminders.md."""
    rows = [_row(step, words) for step in LADDER for words in step.words.items()]
    alarm = next(iter(NOBODY_REACHABLE.words.values()))
    return "\n".join(
        [
            HEAD,
            "| step | falls | who hears | words in `templates/mail/` | told until |",
            "|---|---|---|---|---|",
            *rows,
            "",
            "Nobody of a Pledge Maker can be reached (`signatories/reachable.py`): told to the same members of",
            f"the team once a round, in `{alarm}.txt`.",
            "",
            "Staff may remind in bulk (`reminders/chase.py`, words in `chase.txt`). Nothing leaves for "
            f"{_minutes(TIME_TO_CANCEL)} minutes.",
            f"Who was reminded in the last {_hours(IN_PEACE)} hours is left in peace.",
            "",
        ]
    )


def _row(step: Step, words: tuple[Audience, str]) -> str:
    audience, template = words
    return f"| {step.name.replace('_', ' ')} | {_falls(step)} | {WORDS[audience]} | `{template}.txt` | {_until(step)} |"


def _falls(step: Step) -> str:
    if step.anchor == Anchor.OPENING:
        return "when the round opens"
    count = abs(step.days)
    days = "1 day" if count == 1 else f"{count} days"
    return f"{days} {'before' if step.days < 0 else 'after'} the due day"


def _until(step: Step) -> str:
    return f"{step.lasts.days} days later" if step.lasts else "the next step, or the due day"


def _minutes(span: Any) -> int:
    return int(span.total_seconds() // 60)


def _hours(span: Any) -> int:
    return int(span.total_seconds() // 3600)
