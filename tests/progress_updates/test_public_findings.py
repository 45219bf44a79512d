"""Findings in a sentence: what each says, and where it stays silent."""

from datetime import UTC, datetime, timedelta

import pytest

from progress_updates import findings, statistics
from progress_updates.lateness import KINDS
from progress_updates.models import Round, RoundEntry, State
from progress_updates.statistics import ObjectiveRatings, RoundSummary
from tests.factories.progress_updates import make_round, make_update
from tests.factories.signatories import make_public_pledge_maker

DUE = datetime(2026, 9, 30, 22, 59, 59, tzinfo=UTC)
AFTER = DUE + timedelta(days=1)


def summary(as_at: datetime, **counts: int) -> RoundSummary:
    return RoundSummary(round=Round(due_at=DUE), as_at=as_at, counts=dict.fromkeys(KINDS, 0) | counts)


@pytest.mark.parametrize(
    ("as_at", "counts", "said"),
    [
        (AFTER, {}, "No Pledge Maker has to report in this round."),
        (AFTER, {"withdrawn": 2, "not_required": 1}, "No Pledge Maker has to report in this round."),
        (AFTER, {"on_time": 3}, "Everybody who had to report did so on time."),
        (AFTER, {"on_time": 24, "late": 3, "extension": 2, "not_received": 5},
         "24 of 34 reported on time. Three reported late. Two have more time. Five have not reported."),
        (AFTER, {"not_received": 1}, "0 of 1 reported on time. One has not reported."),
        (DUE, {"on_time": 3, "not_due_yet": 11}, "Updates are due by 30 September 2026; 3 of 14 have arrived."),
        (DUE + timedelta(milliseconds=999), {"not_due_yet": 1},
         "Updates are due by 30 September 2026; 0 of 1 have arrived."),
        (DUE + timedelta(seconds=1), {"on_time": 1, "not_received": 1},
         "1 of 2 reported on time. One has not reported."),
    ],
)  # fmt: skip
def test_how_a_round_stands(as_at, counts, said):
    assert findings.of_round(summary(as_at, **counts)) == said


def test_the_key_names_only_what_somebody_has():
    assert findings.key(summary(AFTER, on_time=2, not_received=1)) == [
        ("on_time", 2, "on time"),
        ("not_received", 1, "not received"),
    ]


def ratings(number: int, **counts: int) -> ObjectiveRatings:
    names = ("not_started", "responded_to", "prioritised", "delivered")
    return ObjectiveRatings(number, dict.fromkeys(names, 0) | counts)


def test_the_furthest_and_the_least_far_objective_are_named():
    rated = [ratings(1, delivered=3, prioritised=1), ratings(2, delivered=1, not_started=2), ratings(3, prioritised=4)]
    assert findings.of_objectives(rated) == (
        "Objective 1 is furthest: 3 of 4 say it is delivered. Objective 2 is least far: 2 of 3 have not started."
    )


@pytest.mark.parametrize(
    "rated",
    [[], [ratings(1)], [ratings(1, prioritised=2)], [ratings(1, delivered=1), ratings(2, delivered=1)]],
    ids=["no objective", "no rating", "nothing delivered", "two level"],
)
def test_without_a_clear_lead_nothing_is_said(rated):
    assert findings.of_objectives(rated) == ""


@pytest.mark.django_db
def test_the_list_counts_as_the_statistics_do():
    now = datetime(2026, 10, 2, 9, tzinfo=UTC)
    makers = [make_public_pledge_maker() for _ in range(3)]
    round_ = make_round(due_on=DUE.date(), now=now)
    make_update(entry=RoundEntry.objects.get(pledge_maker=makers[0]), state=State.SUBMITTED, now=now)
    RoundEntry.objects.filter(pledge_maker=makers[1]).update(extended_to=now + timedelta(days=9))
    entries = statistics.entries_with_status(round_, now)
    assert findings.summary_of(entries, round_, now) == statistics.round_summary(round_, now)
