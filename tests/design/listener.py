"""A server that writes down who calls: what nobody calls makes no entry."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Listener:
    """Accepts connections on a free port, remembers the first line of each, answers with a redirect."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.socket.getsockname()[1]
        self.heard: list[str] = []
        self.thread = threading.Thread(target=self._listen, daemon=True)

    def _listen(self) -> None:
        while True:
            try:
                call, _address = self.socket.accept()
            except OSError:
                return
            with call:
                call.settimeout(0.2)
                self.heard.append(self._first_line(call))
                away = f"Location: http://127.0.0.1:{self.port}/redirected"
                call.sendall(f"HTTP/1.1 302 Found\r\n{away}\r\nContent-Length: 0\r\n\r\n".encode())

    def _first_line(self, call: socket.socket) -> str:
        try:
            return call.recv(4096).decode(errors="replace").split("\r\n")[0]
        except OSError:
            # An FTP client waits to be greeted: that it called is what counts.
            return "called"


@contextmanager
def listening() -> Iterator[Listener]:
    listener = Listener()
    listener.thread.start()
    try:
        yield listener
    finally:
        listener.socket.shutdown(socket.SHUT_RDWR)
        listener.socket.close()
        listener.thread.join(timeout=5)
