"""Reads our Dockerfile: the rehearsal and the tests follow the file itself, so they cannot drift from it.

Knows what ours uses and nothing more; anything else is refused rather than passed over.
"""

import json
import re
import shlex
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

KNOWN = {"FROM", "ENV", "WORKDIR", "COPY", "RUN", "LABEL", "USER", "EXPOSE", "HEALTHCHECK", "CMD"}


@dataclass(frozen=True)
class Instruction:
    word: str
    text: str

    def as_list(self) -> list[str]:
        """The exec form of CMD and HEALTHCHECK."""
        found: list[str] = json.loads(self.text[self.text.index("[") :])
        return found


@dataclass
class Stage:
    base: str
    name: str
    instructions: list[Instruction] = field(default_factory=list)

    def all(self, word: str) -> list[Instruction]:
        return [one for one in self.instructions if one.word == word]

    def last(self, word: str) -> Instruction:
        return self.all(word)[-1]


def read(path: Path) -> list[Stage]:
    """The stages in order. Raises ValueError for an instruction that it does not know."""
    stages: list[Stage] = []
    for line in _lines(path.read_text()):
        word, _, text = line.partition(" ")
        if word not in KNOWN:
            raise ValueError(f"{path}: {word} is not known here; teach deploy/dockerfile.py about it.")
        if word == "FROM":
            base, _, name = text.partition(" AS ")
            stages.append(Stage(base, name))
        else:
            stages[-1].instructions.append(Instruction(word, text.strip()))
    return stages


def _lines(text: str) -> list[str]:
    """One instruction each: comments gone, continued lines joined."""
    kept = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    return [re.sub(r"\s+", " ", line) for line in re.sub(r"\\\n", " ", kept).splitlines() if line.strip()]


def variables(instruction: Instruction, known: dict[str, str]) -> dict[str, str]:
    """What an ENV sets, with $NAME filled in from what is known already."""
    pairs = (word.partition("=") for word in shlex.split(instruction.text))
    return {name: re.sub(r"\$\{?(\w+)\}?", lambda m: known.get(m[1], ""), value) for name, _, value in pairs}


# --- .dockerignore -----------------------------------------------------------------------------------------


def context(tracked: list[str], ignore: Path) -> list[str]:
    """What the build may see of the tracked files: the last rule of .dockerignore that matches decides."""
    rules = [line.strip() for line in ignore.read_text().splitlines() if line.strip() and not line.startswith("#")]
    return [name for name in tracked if not _is_ignored(name, rules)]


def _is_ignored(name: str, rules: list[str]) -> bool:
    ignored = False
    for rule in rules:
        pattern = rule.removeprefix("!").rstrip("/")
        if any(_matches(part, pattern) for part in _with_parents(name)):
            ignored = not rule.startswith("!")
    return ignored


def _with_parents(name: str) -> list[str]:
    parts = name.split("/")
    return ["/".join(parts[: end + 1]) for end in range(len(parts))]


def _matches(name: str, pattern: str) -> bool:
    if pattern.startswith("**/"):
        return fnmatch(name.rpartition("/")[2], pattern[3:])
    return name.count("/") == pattern.count("/") and fnmatch(name, pattern)
