"""The mail of the demonstration, read back from the files that Django's file backend wrote.

One connection makes one file, with a line of hyphens after each message.
"""

from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from mail.layout import Block, blocks
from mail.wording import one_line

END_OF_MESSAGE = b"\n" + b"-" * 79 + b"\n"
# The page says itself what the footer of every message says.
FOOTER = "\n--\n"


@dataclass(frozen=True)
class DemoMail:
    """A message in the mailbox: the `number`th, from 0, of a file."""

    file: str
    number: int
    written: float
    to: str
    sender: str
    subject: str
    at: datetime
    message_id: str
    blocks: tuple[Block, ...]


def mails(*, to: str = "") -> list[DemoMail]:
    """Newest first; `to` keeps those whose recipient contains it, in any case."""
    found = [mail for path in _files() for mail in _read(path) if to.strip().lower() in mail.to.lower()]
    return sorted(found, key=lambda mail: (mail.at, mail.written, mail.number), reverse=True)


def find(*, file: str, number: int) -> DemoMail | None:
    """The message, or None. The name is compared with what is there, and never made into a path."""
    return next((m for path in _files() if path.name == file for m in _read(path) if m.number == number), None)


def _files() -> list[Path]:
    return [path for path in Path(settings.DEMO_MAILBOX).glob("*.log") if path.is_file()]


def _read(path: Path) -> list[DemoMail]:
    """What stands after the last line of hyphens is still being written."""
    written = path.stat().st_mtime
    whole = path.read_bytes().split(END_OF_MESSAGE)[:-1]
    return [_mail(path.name, number, written, raw) for number, raw in enumerate(whole)]


def _mail(file: str, number: int, written: float, raw: bytes) -> DemoMail:
    email: Any = message_from_bytes(raw, policy=policy.default)
    return DemoMail(
        file=file,
        number=number,
        written=written,
        to=str(email["To"]),
        sender=str(email["From"]),
        subject=one_line(str(email["Subject"])),
        at=parsedate_to_datetime(str(email["Date"])),
        message_id=str(email["Message-ID"]),
        blocks=tuple(blocks(_text(email).partition(FOOTER)[0], site_url=settings.SITE_URL)),
    )


def _text(email: EmailMessage) -> str:
    part = email.get_body(("plain",))
    return str(part.get_content()) if part else ""
