"""A client: one visitor after another for the times, eight at once for how many a second."""

import http.client
import itertools
import statistics
import threading
import time
from typing import Any

VISITORS = 8
# Requests that are not counted, for each of the processes to be warm.
WARM = 10
AT_MOST = 300


def measure(port: int, host: str, path: str, cookie: str, seconds: float) -> dict[str, Any]:
    """p50 and p95 in milliseconds of single requests; requests a second with eight visitors. Each takes `seconds`."""
    headers = {"Host": host, "X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1"}
    if cookie:
        headers["Cookie"] = cookie
    visitor = _Visitor(port, path, headers)
    for _ in range(WARM):
        visitor.ask()
    took = _alone(visitor, seconds)
    return {
        "p50": statistics.median(took) * 1000,
        "p95": sorted(took)[int(len(took) * 0.95)] * 1000,
        "per_second": _together([_Visitor(port, path, headers) for _ in range(VISITORS)], seconds),
    }


def numbered(path: str, number: int) -> str:
    return path.replace("{n}", str(number))


class _Visitor:
    """Keeps its connection, as browsers do, and no page. "{n}" in the path is another number each time."""

    _numbers = itertools.count(1)

    def __init__(self, port: int, path: str, headers: dict[str, str]) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._path, self._headers = path, headers

    def ask(self) -> None:
        self._connection.request("GET", numbered(self._path, next(self._numbers)), headers=self._headers)
        answer = self._connection.getresponse()
        answer.read()
        if answer.status >= 500:
            raise RuntimeError(f"{self._path} answered {answer.status}")


def _alone(visitor: _Visitor, seconds: float) -> list[float]:
    took: list[float] = []
    ends = time.perf_counter() + seconds
    while not took or (time.perf_counter() < ends and len(took) < AT_MOST):
        began = time.perf_counter()
        visitor.ask()
        took.append(time.perf_counter() - began)
    return took


def _together(visitors: list[_Visitor], seconds: float) -> float:
    answered = [0] * len(visitors)
    began = time.perf_counter()

    def visit(number: int) -> None:
        while not answered[number] or time.perf_counter() < began + seconds:
            visitors[number].ask()
            answered[number] += 1

    threads = [threading.Thread(target=visit, args=[number]) for number in range(len(visitors))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(answered) / (time.perf_counter() - began)
