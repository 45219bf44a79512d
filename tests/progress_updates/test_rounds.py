"""Making a round, opening it, and who owes an update in it."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from accounts.models import AuditEvent
from progress_updates import rounds, workflow
from progress_updates.models import Round, RoundEntry, State, WhyNotRequired
from progress_updates.national import who_signed
from progress_updates.permissions import NotAllowed
from progress_updates.rounds import RoundRefused
from progress_updates.statistics import current_round, ratings_by_objective, round_summary
from tests.factories.accounts import make_caseworker, make_publisher, make_user
from tests.factories.progress_updates import make_round, make_update
from tests.factories.signatories import make_pledge_maker, make_public_pledge_maker

NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)


def create(**change: object) -> Round:
    return rounds.create_round(
        **{
            "label": "Round 4, autumn 2026",
            "period_from": date(2026, 3, 1),
            "period_to": date(2026, 8, 31),
            "opens_on": date(2026, 8, 1),
            "due_on": date(2026, 9, 30),
            "closes_on": date(2026, 10, 31),
            "publishes_on": date(2026, 11, 30),
            "by": make_caseworker(),
            "now": NOW,
            **change,
        }
    )


@pytest.mark.django_db
class TestMaking:
    def test_its_dates_are_london_days_and_the_due_day_is_whole(self) -> None:
        round_ = create()
        assert round_.slug == "round-4-autumn-2026"
        assert round_.due_at == datetime(2026, 9, 30, 22, 59, 59, tzinfo=UTC)
        assert round_.opens_at == datetime(2026, 7, 31, 23, 0, tzinfo=UTC)
        assert round_.closes_at.astimezone(ZoneInfo("Europe/London")).isoformat() == "2026-10-31T23:59:59+00:00"

    def test_it_asks_the_schemes_own_questions_in_the_newest_wording(self) -> None:
        round_ = create()
        questions = list(round_.questions.all())
        assert [q.key for q in questions] == [
            "why",
            *(f"objective-{n}" for n in range(1, 8)),
            "good-practice",
            "challenges",
            "next-steps",
            "sign-off",
        ]
        assert "local ethnic minority communities" in questions[3].wording
        assert {q.word_limit for q in questions} == {1000}

    def test_a_name_is_used_once(self) -> None:
        create()
        with pytest.raises(RoundRefused):
            create(label="Round 4  autumn, 2026")

    @pytest.mark.parametrize("label", ["New", "People", "Statement", "!?"])
    def test_a_name_whose_address_is_taken_or_empty_is_refused(self, label: str) -> None:
        with pytest.raises(RoundRefused):
            create(label=label)

    def test_trust_people_run_no_rounds(self) -> None:
        with pytest.raises(NotAllowed):
            create(by=make_user())
        assert not Round.objects.exists()


@pytest.mark.django_db
class TestOpening:
    def test_every_public_pledge_maker_gets_one_entry(self) -> None:
        maker = make_public_pledge_maker()
        make_pledge_maker()
        round_, by = create(), make_caseworker()
        assert rounds.open_round(round_=round_, by=by, now=NOW) == 1
        entry = round_.entries.get()
        assert (entry.pledge_maker, entry.required, entry.due_at) == (maker, True, round_.due_at)
        assert (round_.opened_at, round_.opened_by) == (NOW, by)

    def test_a_second_press_changes_nothing(self) -> None:
        make_public_pledge_maker()
        round_ = create()
        rounds.open_round(round_=round_, by=make_caseworker(), now=NOW)
        assert rounds.open_round(round_=round_, by=make_caseworker(), now=NOW + timedelta(days=1)) == 1
        assert round_.opened_at == NOW

    def test_who_has_withdrawn_owes_nothing(self) -> None:
        maker = make_public_pledge_maker()
        maker.withdrawn_on = date(2026, 7, 1)
        maker.save()
        round_ = create()
        rounds.open_round(round_=round_, by=make_caseworker(), now=NOW)
        assert round_.entries.get().why_not_required == WhyNotRequired.WITHDRAWN

    def test_who_joins_later_owes_nothing_in_this_round(self) -> None:
        round_ = create()
        rounds.open_round(round_=round_, by=make_caseworker(), now=NOW)
        make_public_pledge_maker()
        rounds.tend(now=NOW)
        rounds.tend(now=NOW)
        assert round_.entries.get().why_not_required == WhyNotRequired.JOINED_AFTER_OPENING

    def test_questions_can_change_until_then(self) -> None:
        round_, by = create(), make_caseworker()
        question = round_.questions.get(key="challenges")
        rounds.change_question(question=question, title="What was hard", hint="", word_limit=500, by=by, now=NOW)
        event = AuditEvent.objects.get(action="round.question_changed")
        assert (event.about_id, event.by, event.detail) == (round_.pk, by, {"question": "challenges"})
        question.refresh_from_db()
        assert (question.title, question.word_limit) == ("What was hard", 500)
        rounds.open_round(round_=round_, by=by, now=NOW)
        with pytest.raises(RoundRefused):
            rounds.change_question(question=question, title="Again", hint="", word_limit=1, by=by, now=NOW)
        question.refresh_from_db()
        assert question.title == "What was hard"

    def test_a_round_whose_due_date_has_passed_is_not_opened(self) -> None:
        round_ = create()
        with pytest.raises(RoundRefused):
            rounds.open_round(round_=round_, by=make_caseworker(), now=NOW + timedelta(days=90))
        assert RoundEntry.objects.count() == 0


@pytest.mark.django_db
class TestPublicationTime:
    def test_what_a_publisher_planned_is_published_when_its_time_has_come(self) -> None:
        update = make_update(state=State.ACCEPTED)
        workflow.publish_later(update=update, by=make_publisher(), now=timezone.now())
        workflow.publish_later(update=update, by=make_publisher(), now=timezone.now())
        assert AuditEvent.objects.filter(action="update.publication_planned").count() == 1
        due = update.entry.round.publishes_at
        assert workflow.publish_due(now=due - timedelta(seconds=1)) == 0
        assert workflow.publish_due(now=due) == 1
        assert workflow.publish_due(now=due) == 0
        update.refresh_from_db()
        assert (update.state, update.published_at) == (State.PUBLISHED, due)

    def test_what_nobody_planned_waits(self) -> None:
        update = make_update(state=State.ACCEPTED)
        assert workflow.publish_due(now=update.entry.round.publishes_at) == 0


@pytest.mark.django_db
class TestFigures:
    def test_a_round_is_counted_by_public_status(self) -> None:
        for _n in range(3):
            make_public_pledge_maker()
        round_ = make_round()
        received, late, _none = round_.entries.order_by("pk")
        make_update(entry=received, state=State.SUBMITTED)
        make_update(entry=late, state=State.SUBMITTED, now=round_.due_at + timedelta(seconds=1))
        summary = round_summary(round_, round_.due_at + timedelta(days=1))
        assert {kind: n for kind, n in summary.counts.items() if n} == {"on_time": 1, "late": 1, "not_received": 1}
        assert (summary.required, summary.received, summary.on_time, summary.not_received) == (3, 2, 1, 1)

    def test_ratings_count_published_updates_only(self) -> None:
        for _n in range(2):
            make_public_pledge_maker()
        round_ = make_round()
        first, second = round_.entries.order_by("pk")
        make_update(entry=first, state=State.PUBLISHED)
        make_update(entry=second, state=State.ACCEPTED)
        ratings = ratings_by_objective(round_)
        assert [r.number for r in ratings] == list(range(1, 8))
        assert ratings[0].counts == {"not_started": 0, "responded_to": 0, "prioritised": 1, "delivered": 0}
        assert ratings[0].total == 1

    def test_leaders_and_pledge_makers_are_counted_apart(self) -> None:
        make_public_pledge_maker()
        gone = make_public_pledge_maker()
        gone.withdrawn_on = date(2026, 7, 1)
        gone.save()
        make_pledge_maker()
        assert (who_signed(timezone.now()).leaders, who_signed(timezone.now()).pledge_makers) == (1, 1)

    def test_the_current_round_is_the_latest_that_has_opened(self) -> None:
        now = timezone.now()
        make_public_pledge_maker()
        older = make_round(due_on=timezone.localdate(now) + timedelta(days=5), now=now)
        make_round(due_on=timezone.localdate(now) + timedelta(days=50), now=now, opened=False)
        assert current_round(now) == older
