"""Other dates for a round: what moves, what follows, who is told, and what is refused."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from accounts.models import AuditEvent
from mail.models import Message
from progress_updates import changed_dates, extensions, rounds, workflow
from progress_updates.changed_dates import DatesRefused
from progress_updates.lateness import lateness
from progress_updates.models import ProgressUpdate, Round, RoundEntry, State
from progress_updates.permissions import NotAllowed
from tests.factories.accounts import make_caseworker, make_publisher
from tests.factories.progress_updates import leader_of, make_entry, make_round, make_update, writer_of
from tests.factories.signatories import make_public_pledge_maker

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 2, 11, 0, tzinfo=UTC)
DUE = date(2026, 11, 20)
DAYS = {
    "opens_on": DUE - timedelta(days=60),
    "due_on": DUE,
    "closes_on": DUE + timedelta(days=30),
    "publishes_on": DUE + timedelta(days=60),
}


@pytest.fixture
def round_() -> Round:
    for _ in range(3):
        maker = make_public_pledge_maker(now=NOW - timedelta(days=90))
        writer_of(maker)
    return make_round(due_on=DUE, now=NOW)


def change(round_: Round, **more: object) -> int:
    return changed_dates.change_dates(round_=round_, **{**DAYS, "by": make_caseworker(), "now": NOW, **more})


def due_days(round_: Round) -> list[str]:
    return [str(timezone.localdate(entry.due)) for entry in round_.entries.order_by("pk")]


def test_every_entry_without_a_day_of_its_own_follows(round_: Round) -> None:
    first, second, _third = round_.entries.order_by("pk")
    by = make_caseworker()
    for entry, days in ((first, 5), (second, 30)):
        extensions.grant(
            round_=round_, entries=[entry], due_on=DUE + timedelta(days=days), reason="Flood.", by=by, now=NOW
        )
    assert change(round_, due_on=DUE + timedelta(days=10)) == 2
    assert due_days(round_) == ["2026-11-30", "2026-12-20", "2026-11-30"]
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.extended_to, first.extension, first.extensions.count()) == (None, None, 1)
    assert (second.due_at, second.extension is not None) == (round_.due_at, True)
    assert lateness(second, NOW) == "extension"


def test_an_extension_is_in_force_again_when_the_round_moves_back(round_: Round) -> None:
    first = round_.entries.order_by("pk")[0]
    about = {"due_on": DUE + timedelta(days=5), "reason": "Flood.", "by": make_caseworker(), "now": NOW}
    extension = extensions.grant(round_=round_, entries=[first], **about)
    change(round_, due_on=DUE + timedelta(days=10))
    change(round_)
    first.refresh_from_db()
    assert (first.extension, first.extended_to) == (extension, extension.due_at)
    assert due_days(round_) == ["2026-11-25", "2026-11-20", "2026-11-20"]
    events = AuditEvent.objects.filter(action__startswith="entry.extension_").order_by("pk")
    assert list(events.values_list("action", "about_id")) == [
        ("entry.extension_passed", first.pk), ("entry.extension_restored", first.pk),
    ]  # fmt: skip


def test_who_still_owes_an_update_is_told_once(round_: Round) -> None:
    received, withdrawn, owing = round_.entries.order_by("pk")
    make_update(entry=received, state=State.SUBMITTED, now=NOW)
    RoundEntry.objects.filter(pk=withdrawn.pk).update(why_not_required="withdrawn")
    assert change(round_, due_on=DUE + timedelta(days=7)) == 1
    told = Message.objects.filter(kind="due_day_changed")
    assert {message.to for message in told} == {
        writer_of(owing.pledge_maker).email,
        leader_of(owing.pledge_maker).email,
    }
    assert (
        told[0].subject == f"Send the update of {owing.pledge_maker.name} by 27 November 2026: the due day has changed"
    )


def test_a_later_due_day_makes_a_late_update_one_in_time(round_: Round) -> None:
    entry = round_.entries.order_by("pk")[0]
    after = datetime(2026, 11, 22, 12, tzinfo=UTC)
    make_update(entry=entry, state=State.SUBMITTED, now=after)
    entry.refresh_from_db()
    assert lateness(entry, after) == "late"
    change(round_, due_on=date(2026, 11, 25), now=after)
    entry.refresh_from_db()
    assert lateness(entry, after) == "on_time"


def test_other_days_move_without_a_mail(round_: Round) -> None:
    assert change(round_, closes_on=DUE + timedelta(days=40), publishes_on=DUE + timedelta(days=70)) == 0
    assert (due_days(round_), Message.objects.filter(kind="due_day_changed").count()) == (["2026-11-20"] * 3, 0)
    assert timezone.localtime(round_.closes_at).isoformat() == "2026-12-30T23:59:59+00:00"
    event = AuditEvent.objects.get(action="round.dates_changed")
    assert (sorted(event.before), sorted(event.after)) == (["closes_at", "publishes_at"],) * 2


def test_saving_the_same_dates_leaves_no_trace(round_: Round) -> None:
    assert change(round_) == 0
    assert AuditEvent.objects.filter(action="round.dates_changed").count() == 0


def test_planned_publications_move_along(round_: Round) -> None:
    update = make_update(entry=round_.entries.order_by("pk")[0], state=State.ACCEPTED, now=NOW)
    workflow.publish_later(update=update, by=make_publisher(), now=NOW)
    change(round_, publishes_on=DUE + timedelta(days=90))
    assert ProgressUpdate.objects.get(pk=update.pk).publish_at == round_.publishes_at


def test_before_the_opening_everything_moves_and_nobody_is_told() -> None:
    planned = make_round(due_on=DUE, now=NOW, opened=False)
    change(planned, opens_on=date(2026, 10, 1), due_on=date(2026, 11, 10), closes_on=date(2026, 11, 11))
    assert timezone.localdate(planned.opens_at) == date(2026, 10, 1)
    assert Message.objects.count() == 0


def test_once_open_the_opening_day_stays(round_: Round) -> None:
    opens_at = round_.opens_at
    change(round_, opens_on=date(2026, 1, 1), due_on=DUE + timedelta(days=1))
    assert round_.opens_at == opens_at


@pytest.mark.parametrize(
    ("more", "field", "words"),
    [
        ({"due_on": date(2026, 11, 1)}, "due_on", "The due day of an open round can only move to today or later."),
        ({"due_on": date(2027, 1, 1)}, "closes_on", "The closing day must not be before the due day."),
        ({"closes_on": date(2026, 11, 1)}, "closes_on", "The closing day must not be before the due day."),
        ({"publishes_on": date(2026, 11, 2)}, "publishes_on", "Publication can only move to tomorrow or later."),
        ({"publishes_on": date(2026, 1, 1)}, "publishes_on", "Publication must not be before the opening day."),
    ],
)
def test_what_cannot_be_is_refused_at_its_box(round_: Round, more: dict, field: str, words: str) -> None:
    with pytest.raises(DatesRefused) as refusal:
        change(round_, **more)
    assert (refusal.value.field, str(refusal.value)) == (field, words)
    assert due_days(round_) == ["2026-11-20"] * 3


def test_today_is_early_enough_and_a_closed_round_stays_closed_in_the_past(round_: Round) -> None:
    change(round_, due_on=date(2026, 11, 2))
    assert due_days(round_) == ["2026-11-02"] * 3
    after = datetime(2027, 1, 3, tzinfo=UTC)
    with pytest.raises(DatesRefused, match=r"The closing day of an open round can only move to today or later."):
        change(round_, due_on=date(2026, 11, 2), closes_on=date(2026, 12, 30), now=after)


def test_a_due_day_before_the_opening_is_refused() -> None:
    planned = make_round(due_on=DUE, now=NOW, opened=False)
    with pytest.raises(DatesRefused) as refusal:
        change(planned, opens_on=DUE + timedelta(days=1))
    assert refusal.value.field == "due_on"


def test_the_dates_of_a_round_that_is_history_stay(round_: Round) -> None:
    Round.objects.filter(pk=round_.pk).update(is_past=True)
    with pytest.raises(DatesRefused, match="entered as history"):
        change(round_, due_on=DUE + timedelta(days=10))
    assert due_days(round_) == ["2026-11-20"] * 3


def test_only_the_team_changes_dates(round_: Round) -> None:
    with pytest.raises(NotAllowed):
        change(round_, by=leader_of(round_.entries.first().pledge_maker), due_on=DUE + timedelta(days=1))


def test_a_round_that_is_opened_from_an_old_page_gets_the_dates_of_now() -> None:
    maker = make_public_pledge_maker(now=NOW - timedelta(days=90))
    old = make_round(due_on=DUE, now=NOW, opened=False)
    change(Round.objects.get(pk=old.pk), due_on=DUE + timedelta(days=3))
    rounds.open_round(round_=old, by=make_caseworker(), now=NOW)
    assert timezone.localdate(make_entry(pledge_maker=maker, round_=old).due_at) == DUE + timedelta(days=3)


@pytest.mark.parametrize("count", [1, 3])
def test_the_queries_do_not_grow_with_the_entries(count: int, django_assert_num_queries) -> None:
    for _ in range(count):
        make_public_pledge_maker(now=NOW - timedelta(days=90))
    round_, by = make_round(due_on=DUE, now=NOW), make_caseworker()
    with django_assert_num_queries(28):
        change(round_, due_on=DUE + timedelta(days=1), by=by)
