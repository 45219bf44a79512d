"""Which words came and which went between two texts, for people who read with their eyes or their ears."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from progress_updates.questions import PARTS

SAME, ADDED, REMOVED = "same", "added", "removed"
# Below this share of common words the marks would be noise: the text is new.
REWRITTEN_BELOW = 0.3
# Comparing costs the square of the length; longer texts are read side by side only.
LONGEST = 2000
PIECES = re.compile(r"\S+|\n")


@dataclass(frozen=True)
class Run:
    """Words one after the other that stayed, came or went."""

    kind: str
    text: str


@dataclass(frozen=True)
class Change:
    """One part of a section, with its runs. `rewritten` and `too_long` have none."""

    heading: str
    runs: list[Run]
    rewritten: bool = False
    too_long: bool = False

    @property
    def marked(self) -> SafeString:
        """The runs as marked text; nothing in it is ever markup of theirs."""
        return mark_safe(" ".join(_marked(run) for run in self.runs))


def changes_of(before: dict[str, Any], now: dict[str, Any]) -> list[Change]:
    """The parts of a section whose words differ. Both are sections as they were signed."""
    found = (
        _change(str(part.heading or _("The answer")), _text(before, part.name), _text(now, part.name))
        for part in PARTS.get(now["kind"], ())
    )
    return [change for change in found if change]


def _text(section: dict[str, Any], name: str) -> str:
    value = section.get(name) or ""
    return "\n".join(value) if isinstance(value, list) else value


def _change(heading: str, before: str, now: str) -> Change | None:
    old, new = PIECES.findall(before), PIECES.findall(now)
    if old == new:
        return None
    if max(len(old), len(new)) > LONGEST:
        return Change(heading, [], too_long=True)
    matcher = SequenceMatcher(None, old, new)
    if old and new and matcher.ratio() < REWRITTEN_BELOW:
        return Change(heading, [], rewritten=True)
    return Change(heading, list(_runs(matcher, old, new)))


def _runs(matcher: Any, old: list[str], new: list[str]) -> Any:
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            yield Run(SAME, " ".join(new[j1:j2]))
            continue
        if i2 > i1:
            yield Run(REMOVED, " ".join(old[i1:i2]))
        if j2 > j1:
            yield Run(ADDED, " ".join(new[j1:j2]))


def _marked(run: Run) -> str:
    lines = format_html("{}", run.text.strip(" ")).replace("\n", "<br>")
    if run.kind == SAME:
        return lines
    tag, said = ("ins", _("added:")) if run.kind == ADDED else ("del", _("removed:"))
    return f'<{tag}><span class="govuk-visually-hidden">{format_html("{}", said)} </span>{lines}</{tag}>'
