"""Waking workers. The rows in the database are the record of what is to be done; a lost wake loses nothing,
because the planners look again for what is due."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from celery import Task
from django.db import transaction

logger = logging.getLogger(__name__)

# After a failed wake the broker is left alone for a while, so that a hung Redis costs one request a second,
# not each request several. Seconds.
REST = 20.0
_rest_until = 0.0
_asleep = False


@contextmanager
def asleep() -> Iterator[None]:
    """Wakes nobody meanwhile: for filling a database whose work the planners find afterwards."""
    global _asleep
    _asleep = True
    try:
        yield
    finally:
        _asleep = False


def wake(task: Task, *args: Any) -> None:
    """Queues `task` once the transaction is committed. Never raises: a broker that is down costs a second."""
    if _asleep:
        return
    transaction.on_commit(lambda: publish(task, *args))


def publish(task: Task, *args: Any) -> bool:
    """Hands the task to the broker now. Returns whether the broker took it."""
    global _rest_until
    if time.monotonic() < _rest_until:
        return False
    try:
        task.apply_async(args=args, retry=False)
    except Exception as error:  # every transport raises its own; the planner does the work later
        _rest_until = time.monotonic() + REST
        logger.warning("wake_failed task=%s error=%s", task.name, type(error).__name__)
        return False
    return True


def end_rest() -> None:
    """Asks the broker again at the next wake, however short ago it failed."""
    global _rest_until
    _rest_until = 0.0
