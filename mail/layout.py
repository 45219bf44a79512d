"""The pieces of a message's plain text, for the HTML of a message and for the demonstration mailbox.

Paragraphs are separated by empty lines. A line that ends in a colon, and after it a line that holds only an
address of this site, are the one action: a button. After a line that ends in a colon a code in capitals and
digits is shown large. Addresses of anybody else stay text: nobody can type a button into our mail.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

CODE = re.compile(r"(?=.{4,24}$)[A-Z0-9]{3,12}(-[A-Z0-9]{3,12})*")


class Kind(StrEnum):
    PARAGRAPH = "paragraph"
    BULLETS = "bullets"
    BUTTON = "button"
    CODE = "code"


@dataclass(frozen=True)
class Block:
    """One piece and its lines of text. A button has one line, its address, and a label; a code likewise."""

    kind: Kind
    lines: tuple[str, ...]
    label: str = ""


def blocks(text: str, *, site_url: str) -> list[Block]:
    found: list[Block] = []
    for line in text.splitlines():
        _add(found, line.strip(), site_url)
    return [block for block in found if block.lines]


def _add(found: list[Block], line: str, site_url: str) -> None:
    if not line:
        found.append(Block(Kind.PARAGRAPH, ()))
    elif is_address_of(site_url, line) and (label := _label(found)):
        found.append(Block(Kind.BUTTON, (line,), label))
    elif CODE.fullmatch(line) and (label := _label(found)):
        found.append(Block(Kind.CODE, (line,), label))
    elif line.startswith("- "):
        _extend(found, Kind.BULLETS, line.removeprefix("- "))
    else:
        _extend(found, Kind.PARAGRAPH, line)


def is_address_of(site_url: str, line: str) -> bool:
    return line == site_url or (line.startswith(site_url + "/") and not re.search(r"\s", line))


def _label(found: list[Block]) -> str:
    """Takes the line before, if it ends in a colon; an empty line may stand between."""
    while found and not found[-1].lines:
        found.pop()
    if not found or found[-1].kind is not Kind.PARAGRAPH or not found[-1].lines[-1].endswith(":"):
        return ""
    *before, label = found.pop().lines
    found.append(Block(Kind.PARAGRAPH, tuple(before)))
    return label.removesuffix(":")


def _extend(found: list[Block], kind: Kind, line: str) -> None:
    if found and found[-1].lines and found[-1].kind is kind:
        found[-1] = Block(kind, (*found[-1].lines, line))
    else:
        found.append(Block(kind, (line,)))
