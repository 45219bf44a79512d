"""Prints docs/who-is-told.md from the table."""

from typing import Any

from django.core.management.base import BaseCommand

from pledge_tracker.who_is_told import TABLE, Chapter, Event

HEAD = """# Who is told of what

Made by `manage.py who_is_told > docs/who-is-told.md` from `pledge_tracker.who_is_told.TABLE`. One test fails when this
page and the table differ, another when an act mails anybody else, or somebody less.

- Everything leaves by mail, and what is mailed is a row of the outbox. No mail but an invitation and the link of a
  supporter holds an address that lets its reader in, and opening an address changes nothing.
- Whoever has left, or whose account is closed, hears nothing. A person hears of one thing once.
- Codes go to whoever asks for one, and are not in the table. Reminders have their own: [reminders.md](reminders.md).
- Of rounds that are entered as history nobody hears, but a leader who is asked to sign.
"""


class Command(BaseCommand):
    # It reads one table and nothing else.
    requires_system_checks = []
    help = "Prints who is told of what as Markdown: manage.py who_is_told > docs/who-is-told.md"

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(document(), ending="")


def document() -> str:
    """The whole of docs/who-is-told.md."""
    return "\n".join([HEAD, *(_chapter(chapter) for chapter in TABLE)])


def _chapter(chapter: Chapter) -> str:
    rows = [row for event in chapter.events for row in _rows(event)]
    head = "| what happens | who hears | words in `templates/mail/` |\n|---|---|---|"
    return f"## {chapter.title}\n\n{head}\n" + "\n".join(rows) + "\n"


def _rows(event: Event) -> list[str]:
    """One for each mail: those who read the same words stand together."""
    readers = {words: [who for who in event.told if event.told[who] == words] for words in event.told.values()}
    return [f"| {event.name} | {'; '.join(who)} | `{words}.txt` |" for words, who in readers.items()]
