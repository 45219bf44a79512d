"""What a page says to somebody who is refused: whole sentences, as they are read."""

import re
from html import unescape
from typing import Any

BOXES = (
    r'<p class="govuk-notification-banner__heading">(.*?)</p>',
    r'<ul class="govuk-list govuk-error-summary__list">\s*<li>(.*?)</li>',
)
PAGE = (r"<h1[^>]*>(.*?)</h1>", r'<p class="govuk-body-l">(.*?)</p>')


def told(answer: Any) -> list[str]:
    """The sentences of its messages and of its summary of errors."""
    return _found(answer, BOXES)


def page_says(answer: Any) -> list[str]:
    """Its heading, and the first thing below it."""
    return _found(answer, PAGE)


def _found(answer: Any, patterns: tuple[str, ...]) -> list[str]:
    html = answer.content.decode()
    return [_words(each) for pattern in patterns for each in re.findall(pattern, html, re.DOTALL)]


def _words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", "", html)).split())
