"""What must always hold of applications and supporters, each side of it broken once."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection, transaction

from signatories.models import Application, Supporter, SupporterState
from tests.factories.accounts import make_caseworker
from tests.factories.joining import make_application, make_changed_supporter, make_supporter
from tests.factories.signatories import make_invitation

NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
PUBLISHED, LEFT = SupporterState.PUBLISHED, SupporterState.LEFT
pytestmark = pytest.mark.django_db
Act = Callable[[], object]


def application(**change: object) -> Act:
    """`change` is written into an application that waits; `decided` stands for who and when."""

    def act() -> None:
        row = make_application(now=NOW)
        Application.objects.filter(pk=row.pk).update(**_with_decision(change))

    return act


def supporter(start: str = SupporterState.WAITING, **change: object) -> Act:
    """The same with a supporter, walked to the state `start` first."""

    def act() -> None:
        row = make_supporter(state=start, now=NOW)
        Supporter.objects.filter(pk=row.pk).update(**_with_decision(change))

    return act


def changed(**change: object) -> Act:
    def act() -> None:
        Supporter.objects.filter(pk=make_changed_supporter(now=NOW).pk).update(**change)

    return act


def _with_decision(change: dict[str, object]) -> dict[str, object]:
    if change.pop("decided", False):
        return {**change, "decided_at": NOW, "decided_by": make_caseworker()}
    return change


def _one_invitation_for_two() -> None:
    invitation = make_invitation(now=NOW)
    for _number in range(2):
        application(state="approved", decided=True, invitation=invitation)()


def _one_token_for_two() -> None:
    hashes = [make_supporter(now=NOW).token_hash for _number in range(2)]
    Supporter.objects.filter(token_hash=hashes[1]).update(token_hash=hashes[0])


BROKEN: dict[str, list[Act]] = {
    "application_state_known": [application(state="lost", decided=True)],
    "application_decided_by_somebody": [
        application(decided_at=NOW),
        application(decided=True),
        application(state="declined", decline_reason="No."),
        application(state="declined", decline_reason="No.", decided_at=NOW),
    ],
    "application_approved_by_an_invitation": [
        application(state="approved", decided=True),
        lambda: application(invitation=make_invitation(now=NOW))(),
        lambda: application(
            state="declined", decline_reason="No.", decided=True, invitation=make_invitation(now=NOW)
        )(),
    ],
    "application_declined_with_a_reason": [application(state="declined", decided=True)],
    "invitation_id": [_one_invitation_for_two],
    "supporter_kind_known": [supporter(kind="robot")],
    "supporter_state_known": [supporter(PUBLISHED, state="lost")],
    "supporter_decided_by_somebody": [
        supporter(state="published"),
        supporter(state="declined", decline_reason="No."),
        supporter(PUBLISHED, decided_by=None),
        supporter(PUBLISHED, decided_at=None),
    ],
    "supporter_declined_with_a_reason": [supporter(state="declined", decided=True)],
    "supporter_leaves_nothing_behind": [
        supporter(name=""),
        supporter(left_at=NOW),
        supporter(LEFT, name="Grace"),
        supporter(LEFT, statement="Still here."),
        supporter(LEFT, email="grace@southmoor.example"),
        supporter(LEFT, left_at=None),
    ],
    "supporter_change_is_whole": [
        changed(new_name=""),
        changed(changed_at=None),
        supporter(changed_at=NOW, new_name="Grace"),
        supporter(PUBLISHED, new_statement="Only words."),
    ],
    "token_hash": [_one_token_for_two],
}


@pytest.mark.parametrize(("name", "number"), [(name, n) for name, acts in BROKEN.items() for n in range(len(acts))])
def test_the_database_refuses(name: str, number: int) -> None:
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        BROKEN[name][number]()
    assert name in str(refusal.value) or connection.vendor == "sqlite"


def test_every_named_constraint_is_broken() -> None:
    named = {c.name for model in (Application, Supporter) for c in model._meta.constraints}
    assert named == {name for name in BROKEN if name.startswith(("application_", "supporter_"))}
