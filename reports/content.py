"""What page and PDF of a published update show: one context for both, from the signed bytes alone."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from progress_updates.models import Snapshot
from progress_updates.snapshots import read

# Characters that no page and no document can show: controls (but tab and line break) and lone surrogates.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Report:
    """A signed record to be read."""

    content: dict[str, Any]
    sha256: str
    period_from: date
    period_to: date
    signed_at: datetime | None


def report_of(snapshot: Snapshot) -> Report:
    content = printable(read(snapshot))
    signed = content["signed"]
    return Report(
        content=content,
        sha256=snapshot.sha256,
        period_from=date.fromisoformat(content["round"]["period_from"]),
        period_to=date.fromisoformat(content["round"]["period_to"]),
        signed_at=datetime.fromisoformat(signed["at"]) if signed else None,
    )


def printable(value: Any) -> Any:
    """The same data without the characters that cannot be shown. The record itself keeps them."""
    if isinstance(value, str):
        return _UNPRINTABLE.sub("", value)
    if isinstance(value, list):
        return [printable(each) for each in value]
    if isinstance(value, dict):
        return {key: printable(each) for key, each in value.items()}
    return value
