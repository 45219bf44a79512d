"""How words are counted: exactly as GOV.UK Frontend's character count does in the browser."""

import re

# JavaScript's \s. Python's differs: it has the separators \x1c to \x1f and \x85, and lacks the byte order mark.
_SPACE = "\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_WORD = re.compile(f"[^{_SPACE}]+")


def count_words(text: str) -> int:
    """The number of runs of characters between spaces: "£1,200 – a start" has four."""
    return sum(1 for _ in _WORD.finditer(text))


def with_unix_line_ends(text: str) -> str:
    """Browsers send a line break as two characters; we count and keep one."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
