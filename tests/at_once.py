"""Acts of several people in the same moment, each in a thread and with a connection to the database of its own."""

import threading
from collections.abc import Callable
from typing import Any

from django.db import connection


def at_the_same_time(*works: Callable[[], Any], refused: tuple[type[Exception], ...]) -> list[Any]:
    """What each returned, or what it was refused with, after all have started together. Nothing else may go wrong."""
    start, results = threading.Barrier(len(works)), [None] * len(works)

    def run(place: int, work: Callable[[], Any]) -> None:
        try:
            start.wait()
            results[place] = work()
        except Exception as error:
            results[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [result for result in results if isinstance(result, Exception) and not isinstance(result, refused)] == []
    return results
