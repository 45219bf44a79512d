"""Counting words, the same on the server as in the browser."""

WORD_LIMIT = 1000  # words, for each answer of a Statement of Intent


def normalised(text: str) -> str:
    """A line break is one character, whatever the browser sent; nothing else is touched but the ends."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def count(text: str) -> int:
    return len(text.split())
