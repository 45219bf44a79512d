"""What factories write at once is what the real drafting leaves."""

from datetime import timedelta
from typing import Any

import pytest
from django.forms import model_to_dict
from django.utils import timezone

from progress_updates import drafting
from progress_updates.models import ProgressUpdate, State
from tests.factories import sections
from tests.factories.progress_updates import make_entry, make_round, make_update, writer_of
from tests.factories.signatories import make_public_pledge_maker

pytestmark = pytest.mark.django_db
NOW = timezone.now()
NUMBERS = ("id", "update", "answer", "step", "outcomes", "next_steps")


def rows(update: ProgressUpdate) -> list[list[dict[str, Any]]]:
    """All that stands in the sections, but for the numbers of rows."""
    answers = update.answers.select_related("question")
    found = (answers, update.next_steps.all(), update.step_outcomes.order_by("step__question__order"))
    told = [[_row(row) for row in each] for each in found]
    versions = [version for answer in answers for version in answer.versions.all()]
    kept = [[len(version.next_steps), [{**one, "step": 0} for one in version.outcomes]] for version in versions]
    steps = [step for version in versions for step in version.next_steps]
    return [*told, [_row(version) for version in versions], [{"kept": kept, "steps": steps}]]


def _row(row: Any) -> dict[str, Any]:
    return {name: value for name, value in model_to_dict(row).items() if name not in NUMBERS}


@pytest.mark.parametrize("text", [None, "Our own words."])
def test_sections_written_at_once_are_those_of_drafting(text: str | None) -> None:
    """In a second round, so that steps of the first have outcomes. The two differ in who wrote."""
    makers = [make_public_pledge_maker(now=NOW - timedelta(days=300)) for _ in range(2)]
    first = make_round(now=NOW - timedelta(days=260), due_on=timezone.localdate(NOW - timedelta(days=240)))
    for maker in makers:
        entry = make_entry(pledge_maker=maker, round_=first)
        make_update(entry=entry, state=State.PUBLISHED, now=NOW - timedelta(days=250))
    second, told = make_round(now=NOW), []
    for maker, write in zip(makers, (sections.save_each, sections.write_at_once), strict=True):
        by = writer_of(maker)
        update = drafting.start_update(entry=make_entry(pledge_maker=maker, round_=second), by=by, now=NOW)
        write(sections.complete(update, text), by=by, now=NOW)
        told.append([[{**row, "saved_by": row.get("saved_by") == by.pk} for row in each] for each in rows(update)])
    assert [len(each) for each in told[0]] == [12, 8, 8, 12, 1]
    assert told[0] == told[1]
