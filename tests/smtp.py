"""An SMTP server that keeps what it is given, and misbehaves when told to."""

import asyncio
import logging
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.servers import free_port
from tests.waiting import wait_until

# aiosmtpd tells every line of every conversation.
logging.getLogger("mail.log").setLevel(logging.WARNING)


class SmtpSink:
    """`messages` as they came; `refuse("550 5.1.1 No such person")` and `hang()` until `behave()`."""

    def __init__(self) -> None:
        self.port = free_port()
        self.messages: list[EmailMessage] = []
        self._answer = ""
        self._hanging = False
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    @property
    def url(self) -> str:
        """For EMAIL_URL of another process."""
        return f"smtp://127.0.0.1:{self.port}"

    def use_in(self, settings: Any) -> None:
        """Sends what this process sends here, too (pytest-django's mailbox otherwise)."""
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", self.port
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False

    def refuse(self, answer: str) -> None:
        """Every message is answered with this line from now on: 4xx or 5xx."""
        self._answer, self._hanging = answer, False

    def hang(self) -> None:
        """Connections are accepted, messages taken, and never answered."""
        self._hanging = True

    def behave(self) -> None:
        self._answer, self._hanging = "", False

    def to(self, address: str) -> list[EmailMessage]:
        return [message for message in self.messages if address in message["To"]]

    def wait_for(self, count: int, *, seconds: float = 30) -> list[EmailMessage]:
        """The messages, when at least `count` of them have come."""
        wait_until(lambda: len(self.messages) >= count, what=f"{count} messages", seconds=seconds)
        return self.messages

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        while self._hanging:
            await asyncio.sleep(0.05)
        if self._answer:
            return self._answer
        content = envelope.original_content or b""
        self.messages.append(message_from_bytes(content, policy=policy.default))  # type: ignore[arg-type]
        return "250 OK"

    def start(self) -> None:
        self._controller.start()

    def stop(self) -> None:
        self.behave()
        self._controller.stop()


@pytest.fixture
def smtp_sink() -> Iterator[SmtpSink]:
    sink = SmtpSink()
    sink.start()
    yield sink
    sink.stop()
