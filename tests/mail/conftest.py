"""Templates and mail servers that only these tests know."""

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.smtp import SmtpSink

TEMPLATES = Path(__file__).parent / "templates"


@pytest.fixture(autouse=True)
def _templates_of_these_tests(settings: Any) -> None:
    engine = settings.TEMPLATES[0]
    settings.TEMPLATES = [engine | {"DIRS": [*engine["DIRS"], TEMPLATES]}]


@pytest.fixture
def refusing_sink(smtp_sink: SmtpSink, settings: Any) -> Callable[[str], None]:
    """refusing_sink("451 Later"): this process sends to a server that answers every message so."""
    smtp_sink.use_in(settings)
    return smtp_sink.refuse


class ChoosySink(SmtpSink):
    """Refuses some recipients, or our sender, and counts connections."""

    def __init__(self) -> None:
        super().__init__()
        self.refused: dict[str, str] = {}
        self.refuse_sender = ""
        self.connections = 0

    async def handle_EHLO(self, server: Any, session: Any, envelope: Any, hostname: str, responses: Any) -> Any:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.refuse_sender:
            return self.refuse_sender
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"


@pytest.fixture
def choosy_sink(settings: Any) -> Iterator[ChoosySink]:
    sink = ChoosySink()
    sink.start()
    sink.use_in(settings)
    yield sink
    sink.stop()


@pytest.fixture
def silent_server() -> Iterator[int]:
    """The port of a server that accepts connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        taken: list[socket.socket] = []
        thread = threading.Thread(target=_accept_all, args=(listener, taken), daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)
        for connection in taken:
            connection.close()


def _accept_all(listener: socket.socket, taken: list[socket.socket]) -> None:
    while True:
        try:
            taken.append(listener.accept()[0])
        except OSError:
            return
