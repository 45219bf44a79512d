"""How a version of the national report is kept: its figures in one piece, its Pledge Makers in parts of a page each.

A page reads the figures and one part, so that it takes the same time with 100 Pledge Makers and with 10,000.
"""

import hashlib
from collections.abc import Iterable
from typing import Any

from progress_updates.snapshots import canonical

# Pledge Makers of one part, and so on one page; a document holds all of them.
IN_A_PART = 100


def pieces_of(content: dict[str, Any]) -> tuple[bytes, list[bytes]]:
    """The figures, and the parts in order, each as canonical JSON."""
    makers = content["pledge_makers"]
    figures = {name: value for name, value in content.items() if name != "pledge_makers"}
    parts = [makers[start : start + IN_A_PART] for start in range(0, len(makers), IN_A_PART)]
    return canonical({**figures, "makers": len(makers)}), [canonical(part) for part in parts]


def hash_of(figures: bytes, parts: Iterable[bytes]) -> str:
    """SHA-256 over the figures and the parts, one after another."""
    found = hashlib.sha256(figures)
    for part in parts:
        found.update(part)
    return found.hexdigest()
