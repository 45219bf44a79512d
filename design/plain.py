"""What people type is plain text: paragraphs, and bullets that begin with a dash or a dot."""

import re
from dataclasses import dataclass, field

from design.words import with_unix_line_ends

_BULLET = re.compile(r"^\s*[-•–*]\s+(?=\S)")


@dataclass
class Block:
    """A paragraph of lines, or a list of bullets."""

    lines: list[str] = field(default_factory=list)
    bullets: list[str] = field(default_factory=list)


def blocks_of(text: str) -> list[Block]:
    """In the order typed. An empty line ends a paragraph; a line after a bullet that is indented goes on with it."""
    blocks: list[Block] = []
    fresh = True
    for line in with_unix_line_ends(text).split("\n"):
        if not line.strip():
            fresh = True
            continue
        _add(blocks, line, fresh)
        fresh = False
    return blocks


def _add(blocks: list[Block], line: str, fresh: bool) -> None:
    last = blocks[-1] if blocks else None
    if _BULLET.match(line):
        bullet = _BULLET.sub("", line).strip()
        if last and last.bullets:
            last.bullets.append(bullet)
        else:
            blocks.append(Block(bullets=[bullet]))
    elif last and last.bullets and not fresh and line[0] in " \t":
        last.bullets[-1] += f" {line.strip()}"
    elif last and last.lines and not fresh:
        last.lines.append(line.strip())
    else:
        blocks.append(Block(lines=[line.strip()]))
