from progress_updates.models.history import AnswerVersion, Snapshot, StatusChange
from progress_updates.models.round import Question, QuestionKind, Round, RoundEntry, WhyNotRequired
from progress_updates.models.update import (
    EDITABLE,
    SENT,
    Answer,
    NextStep,
    Outcome,
    ProgressUpdate,
    Rating,
    State,
    StepOutcome,
)

__all__ = [
    "EDITABLE",
    "SENT",
    "Answer",
    "AnswerVersion",
    "NextStep",
    "Outcome",
    "ProgressUpdate",
    "Question",
    "QuestionKind",
    "Rating",
    "Round",
    "RoundEntry",
    "Snapshot",
    "State",
    "StatusChange",
    "StepOutcome",
    "WhyNotRequired",
]
