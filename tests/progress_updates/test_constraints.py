"""The database agrees: what must always hold is refused by name when it is broken."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from accounts.models import User
from progress_updates.models import (
    Answer,
    AnswerVersion,
    Extension,
    ExtensionRequest,
    NextStep,
    ProgressUpdate,
    Question,
    Round,
    RoundEntry,
    SourceDocument,
    State,
    StepOutcome,
)
from tests.factories.progress_updates import make_update

NOW = timezone.now()


def again(model: type[models.Model], **change: object) -> Callable[[], object]:
    """Adds a copy of an existing row."""

    def act() -> None:
        row = model.objects.order_by("pk").first()
        row.pk = None
        for name, value in change.items():
            setattr(row, name, value)
        row.save(force_insert=True)

    return act


def change(model: type[models.Model], where: dict | None = None, **fields: object) -> Callable[[], object]:
    def act() -> None:
        row = model.objects.filter(**(where or {})).order_by("pk").first()
        assert row is not None
        model.objects.filter(pk=row.pk).update(**fields)

    return act


def add_outcome(**fields: object) -> Callable[[], object]:
    def act() -> None:
        step = NextStep.objects.order_by("pk").first()
        values = {"step": step, "update": step.update, "outcome": "done", **fields}
        StepOutcome.objects.create(**values)
        StepOutcome.objects.create(**values)

    return act


def ask(**fields: object) -> Callable[[], object]:
    def act() -> None:
        entry = RoundEntry.objects.get()
        by = User.objects.order_by("pk")[0]
        about = {"wanted_on": NOW.date(), "reason": "Ill.", "asked_by": by, "asked_at": NOW}
        ExtensionRequest.objects.create(entry=entry, **{**about, **fields})

    return act


def ask_twice() -> None:
    ask()()
    ask()()


def grant_without_a_reason() -> None:
    entry = RoundEntry.objects.get()
    by = User.objects.order_by("pk")[0]
    Extension.objects.create(round=entry.round, due_at=NOW, reason="", granted_by=by, granted_at=NOW)


def keep(**fields: object) -> Callable[[], object]:
    """Keeps the same document twice."""

    def act() -> None:
        by = User.objects.order_by("pk")[0]
        about = {"name": "update.pdf", "content_type": "application/pdf", "file": "x", "sha256": "0" * 64, "bytes": 7}
        when = {"received_on": NOW.date(), "kept_by": by, "kept_at": NOW}
        for _ in range(2):
            SourceDocument.objects.create(update=ProgressUpdate.objects.get(), **{**about, **when, **fields})

    return act


BREAK: dict[str, Callable[[], object]] = {
    "extension_has_a_reason": grant_without_a_reason,
    "extension_request_has_a_reason": ask(reason=""),
    "one_open_extension_request_an_entry": ask_twice,
    "extension_request_granted_or_refused": ask(answered_at=NOW),
    "source_document_is_not_empty": keep(bytes=0),
    "source_document_once_in_an_update": keep(),
    "round_period_in_order": change(Round, period_to=NOW.date() - timedelta(days=4000)),
    "round_dates_in_order": change(Round, closes_at=NOW - timedelta(days=4000)),
    "round_opened_by_somebody": change(Round, opened_by=None),
    "question_once_in_a_round": again(Question, order=99),
    "question_order_once_in_a_round": again(Question, key="another"),
    "question_numbered_if_an_objective": change(Question, {"kind": "objective"}, number=None),
    "pledge_maker_once_in_a_round": again(RoundEntry),
    "entry_why_not_required_known": change(RoundEntry, why_not_required="forgot"),
    "entry_covered_only_if_so_marked": lambda: RoundEntry.objects.update(covered_by=models.F("pk")),
    "entry_extension_is_later": lambda: RoundEntry.objects.update(extended_to=models.F("due_at")),
    "update_version_once_in_an_entry": again(ProgressUpdate),
    "update_version_from_1": change(ProgressUpdate, version=0),
    "update_state_known": change(ProgressUpdate, state="lost"),
    "update_signed_once_submitted": change(ProgressUpdate, {"state": State.SUBMITTED}, signed_by=None),
    "update_published_at_if_published": change(ProgressUpdate, {"state": State.SUBMITTED}, published_at=NOW),
    "update_signature_asked_by_somebody": change(ProgressUpdate, state=State.AWAITING_SIGN_OFF, asked_by=None),
    "answer_once_in_an_update": again(Answer),
    "answer_rating_known": change(Answer, rating="superb"),
    "answer_saved_by_somebody": change(Answer, {"version__gt": 0}, saved_by=None),
    "next_step_position_once": again(NextStep),
    "outcome_of_a_step_once_in_an_update": add_outcome(),
    "outcome_known": add_outcome(outcome="forgotten"),
    "answer_version_once": again(AnswerVersion),
}


@pytest.mark.django_db
@pytest.mark.parametrize("name", BREAK)
def test_the_database_refuses(name: str) -> None:
    make_update(state=State.SUBMITTED)
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        BREAK[name]()


def test_every_constraint_of_the_room_is_broken_above() -> None:
    named = {c.name for m in apps.get_app_config("progress_updates").get_models() for c in m._meta.constraints}
    assert named == set(BREAK)
