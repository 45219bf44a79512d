"""The rounds of invented data, counted back from today: the last one is open and due in about two weeks."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
# Days from today to the due day of the open round, and between two rounds.
DUE_IN, APART = 17, 196
SEASONS = {12: "winter", 1: "winter", 2: "winter", 3: "spring", 4: "spring", 5: "spring",
           6: "summer", 7: "summer", 8: "summer", 9: "autumn", 10: "autumn", 11: "autumn"}  # fmt: skip


@dataclass(frozen=True)
class RoundDates:
    """One round's dates. It opens six weeks before it is due and closes four weeks after."""

    number: int
    due: date

    @property
    def label(self) -> str:
        return f"Round {self.number}, {SEASONS[self.due.month]} {self.due.year}"

    @property
    def opens(self) -> date:
        return self.due - timedelta(days=42)

    @property
    def closes(self) -> date:
        return self.due + timedelta(days=28)

    @property
    def publishes(self) -> date:
        return self.due + timedelta(days=35)

    @property
    def period_from(self) -> date:
        return (self.opens - timedelta(days=APART)).replace(day=1)

    @property
    def period_to(self) -> date:
        return self.opens.replace(day=1) - timedelta(days=1)


def rounds_until(today: date, count: int) -> list[RoundDates]:
    """Oldest first; the last is the open one."""
    open_due = today + timedelta(days=DUE_IN)
    return [RoundDates(number, open_due - timedelta(days=APART * (count - number))) for number in range(1, count + 1)]


def at(day: date, hour: int = 10, minute: int = 0) -> datetime:
    """A moment in London."""
    return datetime.combine(day, time(hour, minute), tzinfo=LONDON)
