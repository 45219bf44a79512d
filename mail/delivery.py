"""Handing one message to the mail server, and what its answer means."""

import contextlib
import smtplib
from email.utils import formataddr
from types import TracebackType

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection

from mail.models import ErrorClass, Message

# Answers of 500 and more that are about us, not about this recipient: worth another try.
ABOUT_US = {530, 534, 535}


class NotDelivered(Exception):
    """The server did not take the message: what kind of no, and its words."""

    def __init__(self, error_class: ErrorClass, error: str) -> None:
        super().__init__(error)
        self.error_class, self.error = error_class, error[:500]


class Postman:
    """One connection to the mail server, opened at the first message and used for all of a run."""

    def __init__(self) -> None:
        self.connection = get_connection()
        # Whether the server could not be reached, or went silent.
        self.server_is_away = False

    def __enter__(self) -> "Postman":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # What was sent is marked already; a server that is rude at goodbye changes nothing.
        with contextlib.suppress(smtplib.SMTPException, OSError):
            self.connection.close()

    def deliver(self, message: Message) -> None:
        """Sends the message. Raises NotDelivered, whatever went wrong."""
        try:
            self._connect()
            self.connection.send_messages([as_email(message)])
        except Exception as error:  # a backend may raise what it likes; each becomes one row's answer
            answer = error if isinstance(error, NotDelivered) else NotDelivered(classify(error), say(error))
            self.server_is_away = answer.error_class == ErrorClass.UNREACHABLE
            raise answer from error

    def _connect(self) -> None:
        try:
            self.connection.open()
        except (smtplib.SMTPException, OSError) as error:
            raise NotDelivered(ErrorClass.UNREACHABLE, say(error)) from error


def as_email(message: Message) -> EmailMultiAlternatives:
    email = EmailMultiAlternatives(
        subject=message.subject,
        body=message.text,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[formataddr((message.to_name, message.to))],
        headers={
            "Message-ID": message.message_id,
            # Nobody's out-of-office answers a machine.
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
        },
    )
    email.attach_alternative(message.html, "text/html")
    return email


def classify(error: Exception) -> ErrorClass:
    """4xx: later. 5xx about this message: never. Everything that breaks the connection: unreachable."""
    code, _ = _answer(error)
    if code == 421 or (code is None and isinstance(error, (smtplib.SMTPException, OSError))):
        return ErrorClass.UNREACHABLE
    if code is None:
        return ErrorClass.INTERNAL
    if code < 500 or code in ABOUT_US or isinstance(error, smtplib.SMTPSenderRefused):
        return ErrorClass.TEMPORARY
    return ErrorClass.PERMANENT


def _answer(error: Exception) -> tuple[int | None, str]:
    """The server's code and words, where there are any."""
    code: int | None = None
    words: bytes | str = ""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, words = next(iter(error.recipients.values()))
    elif isinstance(error, smtplib.SMTPResponseException):
        code, words = error.smtp_code, error.smtp_error
    return code, words.decode("utf-8", "replace") if isinstance(words, bytes) else words


def say(error: Exception) -> str:
    """One line for staff: the server's own words, or the kind of error and what it says."""
    code, words = _answer(error)
    return f"{type(error).__name__}: {error}" if code is None else f"{code} {words}"
