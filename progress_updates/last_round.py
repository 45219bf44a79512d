"""What this Pledge Maker said last time: its latest submitted update of an earlier round."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef

from progress_updates.models import Answer, NextStep, Outcome, ProgressUpdate, Snapshot, StepOutcome
from signatories.models import PledgeMaker


@dataclass(frozen=True)
class OpenStep:
    """A promise made earlier and still open: neither done nor dropped by the latest update."""

    step: NextStep
    # The date in force: the first one, or the new one of the latest "going on".
    by_when: date | None


def last_update(maker: PledgeMaker, *, before: ProgressUpdate | None = None) -> ProgressUpdate | None:
    """The latest update that was submitted and not recalled. Staff returning it does not undo that."""
    signed = Snapshot.objects.filter(update=OuterRef("pk"))
    received = {"entry__received_at__isnull": False, "signed_at__isnull": False}
    updates = ProgressUpdate.objects.filter(Exists(signed), entry__pledge_maker=maker, **received)
    if before:
        updates = updates.filter(entry__round__due_at__lt=before.entry.round.due_at)
    return updates.select_related("entry__round").order_by("-entry__round__due_at", "-version").first()


def answers_by_key(update: ProgressUpdate | None) -> dict[str, Answer]:
    if update is None:
        return {}
    return {answer.question.key: answer for answer in update.answers.select_related("question")}


def open_steps(last: ProgressUpdate | None) -> dict[str, list[OpenStep]]:
    """Open next steps after an update, by the key of their section, in the order they were promised."""
    if last is None:
        return {}
    found: dict[str, list[OpenStep]] = defaultdict(list)
    going_on = StepOutcome.objects.filter(update=last, outcome=Outcome.GOING_ON)
    for outcome in going_on.select_related("step__question").order_by("step_id"):
        found[outcome.step.question.key].append(OpenStep(outcome.step, outcome.new_date))
    for step in last.next_steps.select_related("question"):
        found[step.question.key].append(OpenStep(step, step.by_when))
    return dict(found)
