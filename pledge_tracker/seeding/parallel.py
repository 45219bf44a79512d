"""The same work on every core, when there is enough of it and each part stands for itself."""

import os
import traceback
from collections.abc import Callable, Sequence
from typing import TypeVar

from django.db import connection, connections

Part = TypeVar("Part")


class PartFailed(Exception):
    """A process did not come to its end; it has said why."""


def on_every_core(work: Callable[[Part], None], parts: Sequence[Part]) -> None:
    """Calls `work` with each part. Inside a transaction, on SQLite or on one core: one after the other."""
    cores = min(os.cpu_count() or 1, len(parts))
    if cores < 2 or connection.vendor == "sqlite" or connection.in_atomic_block:
        for part in parts:
            work(part)
        return
    connections.close_all()  # a connection cannot be shared by two processes
    children = [_fork(work, parts[number::cores]) for number in range(cores)]
    codes = [os.waitpid(child, 0)[1] for child in children]
    if any(codes):
        raise PartFailed


def _fork(work: Callable[[Part], None], parts: Sequence[Part]) -> int:
    if child := os.fork():
        return child
    code = 1
    try:
        for part in parts:
            work(part)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        connections.close_all()
        os._exit(code)
