"""From a template to the words of a message: subject, plain text, HTML."""

import re
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.template import Context
from django.template.loader import get_template, render_to_string

from mail.layout import blocks

SUBJECT_LENGTH = 200


class NoSubject(ValueError):
    """The first line of a mail template is not `Subject: ...`, or says nothing after it."""


@dataclass(frozen=True)
class Words:
    subject: str
    text: str
    html: str


def words(template: str, context: dict[str, Any]) -> Words:
    """Renders templates/mail/<template>.txt. Plain text is not escaped: what was typed is what is read."""
    first, _, body = _plain(f"mail/{template}.txt", context).partition("\n")
    subject = one_line(first.removeprefix("Subject:"))
    if not first.startswith("Subject:") or not subject:
        raise NoSubject(template)
    text = tidy(body)
    return Words(
        subject=subject if len(subject) <= SUBJECT_LENGTH else subject[: SUBJECT_LENGTH - 1] + "…",
        text=f"{text}\n\n{tidy(_plain('mail/footer.txt', {}))}\n",
        html=_html(subject, text),
    )


def one_line(text: str) -> str:
    """Line breaks, tabs and control characters become spaces: nothing that was typed starts a new header."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def tidy(text: str) -> str:
    """No spaces at the end of lines, never two empty lines in a row."""
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in text.splitlines())).strip()


def _plain(template: str, context: dict[str, Any]) -> str:
    source = get_template(template).template  # type: ignore[attr-defined]
    return source.render(Context(_furniture() | context, autoescape=False)).strip()


def _html(subject: str, text: str) -> str:
    pieces = blocks(text, site_url=settings.SITE_URL)
    return render_to_string("mail/layout.html", _furniture() | {"subject": subject, "blocks": pieces})


def _furniture() -> dict[str, Any]:
    return {"site_url": settings.SITE_URL, "is_demo": settings.DEMO}
