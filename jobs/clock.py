"""The time of a run: the `now` it was given, going on while it works, so that leases stay honest."""

import time
from datetime import datetime, timedelta


class Clock:
    def __init__(self, now: datetime) -> None:
        self.start, self.began = now, time.monotonic()

    def elapsed(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self.began

    def now(self) -> datetime:
        return self.start + timedelta(seconds=self.elapsed())
