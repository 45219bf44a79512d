"""The report's Open data: one row for each Pledge Maker, from the frozen content."""

from collections.abc import Iterator
from typing import Any

HEADER = (
    "pledge_maker", "address", "status", "status_words", "fact", "late_reason", "right_of_reply", "update_version",
    *(f"objective_{number}_rating" for number in range(1, 8)),
    "promises_done", "promises_going_on", "promises_dropped",
    "promises_not_published", "promises_nothing_said", "as_at",
)  # fmt: skip
OUTCOMES = ("done", "going_on", "dropped", "not_published", "")


def rows_of(content: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    for maker in content["pledge_makers"]:
        yield _row(maker, content["as_at"])


def _row(maker: dict[str, Any], as_at: str) -> tuple[Any, ...]:
    said = [step["outcome"] for step in maker["steps"]]
    update = maker["update"] if not maker["withheld"] else None
    return (
        maker["name"],
        maker["slug"],
        maker["status"]["kind"],
        maker["status"]["words"],
        maker["status"]["fact"],
        maker["late_reason"],
        maker["right_of_reply"],
        update["version"] if update else None,
        *(maker["ratings"].get(str(number), "") for number in range(1, 8)),
        *(said.count(outcome) for outcome in OUTCOMES),
        as_at,
    )
