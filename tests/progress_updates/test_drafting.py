"""Writing together: every save is against a version, and nothing is lost."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import pytest
from django.db import connection
from django.utils import timezone

from progress_updates import drafting, workflow
from progress_updates.drafting import AnswerInput, Conflict, NotEditable, OutcomeInput, StepInput
from progress_updates.last_round import last_update, open_steps
from progress_updates.models import Answer, AnswerVersion, NextStep, Outcome, ProgressUpdate, State
from progress_updates.permissions import NotAllowed
from signatories.models import Role
from tests.factories.accounts import make_caseworker
from tests.factories.progress_updates import make_entry, make_round, make_update, writer_of
from tests.factories.sections import complete_answer
from tests.factories.signatories import make_member, make_public_pledge_maker

NOW = timezone.now()


def section(update: ProgressUpdate, key: str = "objective-1") -> Answer:
    return update.answers.select_related("question").get(question__key=key)


def save(update: ProgressUpdate, content: AnswerInput, *, version: int, key: str = "objective-1") -> Answer:
    return drafting.save_answer(
        update=update,
        question=section(update, key).question,
        content=content,
        version=version,
        by=writer_of(update.entry.pledge_maker),
        now=NOW,
    )


@pytest.mark.django_db
class TestStarting:
    def test_a_draft_has_an_answer_for_every_section_and_why_is_copied_from_the_statement(self) -> None:
        entry = make_entry()
        update = drafting.start_update(entry=entry, by=writer_of(entry.pledge_maker), now=NOW)
        assert update.answers.count() == entry.round.questions.count() == 12
        assert section(update, "why").text == entry.pledge_maker.statements.get().why

    def test_starting_twice_gives_the_same_draft(self) -> None:
        entry = make_entry()
        by = writer_of(entry.pledge_maker)
        first = drafting.start_update(entry=entry, by=by, now=NOW)
        assert drafting.start_update(entry=entry, by=by, now=NOW) == first
        assert ProgressUpdate.objects.count() == 1

    def test_why_is_copied_from_the_last_submitted_update(self) -> None:
        maker = make_public_pledge_maker()
        before = make_round(due_on=date(2026, 3, 31), now=NOW.replace(year=2026, month=2, day=1))
        make_update(
            entry=before.entries.get(),
            state=State.SUBMITTED,
            text="Because people asked us to.",
            now=NOW.replace(year=2026, month=3, day=1),
        )
        entry = make_entry(pledge_maker=maker)
        update = drafting.start_update(entry=entry, by=writer_of(maker), now=NOW)
        assert section(update, "why").text == "Because people asked us to."

    def test_a_reader_cannot_start_one(self) -> None:
        entry = make_entry()
        reader = make_member(pledge_maker=entry.pledge_maker, role=Role.READER).user
        with pytest.raises(NotAllowed):
            drafting.start_update(entry=entry, by=reader, now=NOW)
        assert ProgressUpdate.objects.count() == 0


@pytest.mark.django_db
class TestSaving:
    def test_a_save_keeps_every_part_and_adds_a_version(self) -> None:
        update = make_update(complete=False)
        content = complete_answer(section(update).question)
        answer = save(update, content, version=0)
        assert drafting.as_input(answer) == content
        kept = AnswerVersion.objects.get()
        assert (kept.version, kept.text, kept.next_steps) == (
            1,
            content.text,
            [{"what": "Publish the figures", "who": "Director of nursing", "by_when": "2027-03-31"}],
        )

    def test_saving_the_same_again_adds_no_version(self) -> None:
        update = make_update(complete=False)
        content = complete_answer(section(update).question)
        save(update, content, version=0)
        assert save(update, content, version=1).version == 1
        assert AnswerVersion.objects.count() == 1

    def test_a_windows_line_break_is_one_character(self) -> None:
        update = make_update(complete=False)
        assert save(update, AnswerInput(text="One\r\ntwo"), version=0).text == "One\ntwo"

    def test_rows_without_words_are_not_steps(self) -> None:
        update = make_update(complete=False)
        save(update, AnswerInput(steps=(StepInput("  "), StepInput("Meet"), StepInput(""))), version=0)
        assert list(NextStep.objects.values_list("what", "position")) == [("Meet", 0)]

    def test_a_save_on_an_old_version_is_a_conflict_that_holds_both_texts(self) -> None:
        update = make_update(complete=False)
        save(update, AnswerInput(text="Theirs"), version=0)
        with pytest.raises(Conflict) as conflict:
            save(update, AnswerInput(text="Mine"), version=0)
        assert (conflict.value.theirs.text, conflict.value.mine.text) == ("Theirs", "Mine")
        assert section(update).text == "Theirs"

    @pytest.mark.parametrize("state", [s for s in State if s not in (State.DRAFT, State.RETURNED)])
    def test_what_has_left_its_writers_is_not_changed(self, state: State) -> None:
        update = make_update(state=state)
        answer = section(update)
        before = drafting.as_input(answer)
        with pytest.raises(NotEditable):
            save(update, replace(before, text="Changed"), version=answer.version)
        assert drafting.as_input(section(update)) == before

    def test_what_was_returned_can_be_changed(self) -> None:
        update = make_update(state=State.RETURNED)
        answer = section(update)
        content = replace(drafting.as_input(answer), text="Changed")
        assert save(update, content, version=answer.version).text == "Changed"

    def test_an_outcome_for_another_pledge_makers_step_is_ignored(self) -> None:
        make_update(state=State.SUBMITTED)
        foreign = NextStep.objects.filter(question__key="objective-1").get()
        update = make_update(complete=False)
        save(update, AnswerInput(outcomes=(OutcomeInput(foreign.pk, Outcome.DONE),)), version=0)
        assert update.step_outcomes.count() == 0


@pytest.mark.django_db(transaction=True)
def test_fifty_writers_at_once_leave_one_winner_a_version_and_lose_no_word() -> None:
    update = make_update(complete=False)
    by, question = writer_of(update.entry.pledge_maker), section(update).question

    def write(number: int) -> str | None:
        try:
            drafting.save_answer(
                update=ProgressUpdate.objects.get(pk=update.pk),
                question=question,
                content=AnswerInput(text=f"Text {number}"),
                version=0,
                by=by,
                now=NOW,
            )
        except Conflict as conflict:
            return conflict.mine.text
        finally:
            connection.close()
        return None

    with ThreadPoolExecutor(max_workers=10) as pool:
        held = list(pool.map(write, range(50)))
    assert held.count(None) == 1
    winner = held.index(None)
    assert [text for text in held if text] == [f"Text {n}" for n in range(50) if n != winner]
    assert list(AnswerVersion.objects.values_list("version", "text")) == [(1, f"Text {winner}")]


@pytest.mark.django_db
class TestOpenSteps:
    def test_a_step_stays_open_while_updates_say_it_goes_on(self) -> None:
        maker = make_public_pledge_maker()
        first = make_update(
            entry=make_round(due_on=date(2025, 9, 30), now=NOW.replace(year=2025, month=9, day=1)).entries.get(),
            state=State.SUBMITTED,
            now=NOW.replace(year=2025, month=9, day=2),
        )
        step = first.next_steps.get(question__key="objective-1")
        entry = make_round(due_on=date(2026, 3, 31), now=NOW.replace(year=2026, month=3, day=1)).entries.get()
        second = make_update(entry=entry, now=NOW.replace(year=2026, month=3, day=2))
        answer = section(second)
        new_date = date(2026, 12, 1)
        going_on = OutcomeInput(step.pk, Outcome.GOING_ON, new_date, "The post was empty.")
        content = replace(drafting.as_input(answer), outcomes=(going_on,), steps=())
        save(second, content, version=answer.version)
        assert [(s.step, s.by_when) for s in open_steps(second)["objective-1"]] == [(step, new_date)]
        assert last_update(maker) == first

    @pytest.mark.parametrize("outcome", [Outcome.DONE, Outcome.DROPPED])
    def test_a_step_done_or_dropped_is_closed(self, outcome: Outcome) -> None:
        make_public_pledge_maker()
        first = make_update(
            entry=make_round(due_on=date(2025, 9, 30), now=NOW.replace(year=2025, month=9, day=1)).entries.get(),
            state=State.SUBMITTED,
            now=NOW.replace(year=2025, month=9, day=2),
        )
        step = first.next_steps.get(question__key="objective-1")
        entry = make_round(due_on=date(2026, 3, 31), now=NOW.replace(year=2026, month=3, day=1)).entries.get()
        second = make_update(entry=entry, complete=False, now=NOW.replace(year=2026, month=3, day=2))
        save(second, AnswerInput(outcomes=(OutcomeInput(step.pk, outcome, None, "Done."),)), version=0)
        assert "objective-1" not in open_steps(second)


@pytest.mark.django_db
def test_no_change_copies_rating_and_open_steps() -> None:
    make_public_pledge_maker()
    first = make_update(
        entry=make_round(due_on=date(2025, 9, 30), now=NOW.replace(year=2025, month=9, day=1)).entries.get(),
        state=State.SUBMITTED,
        now=NOW.replace(year=2025, month=9, day=2),
    )
    last, steps = section(first), open_steps(first)["objective-1"]
    said = drafting.no_change(last=last, reason="The board has not met.", open_steps=steps, completed=True)
    assert (said.rating, said.no_change, said.no_change_reason) == (last.rating, True, "The board has not met.")
    assert said.outcomes == (
        OutcomeInput(steps[0].step.pk, Outcome.GOING_ON, date(2027, 3, 31), "The board has not met."),
    )


@pytest.mark.django_db
class TestAnUnfinishedRoundBesideTheNext:
    """The next round opens while staff still review the last one; then they return it."""

    @pytest.fixture
    def older(self) -> ProgressUpdate:
        make_public_pledge_maker()
        round_ = make_round(due_on=date(2025, 9, 30), now=NOW.replace(year=2025, month=9, day=1))
        then = NOW.replace(year=2025, month=9, day=2)
        return make_update(entry=round_.entries.get(), state=State.IN_REVIEW, now=then)

    @pytest.fixture
    def newer(self, older: ProgressUpdate) -> ProgressUpdate:
        """Its first objective says what became of the older update's step."""
        then = NOW.replace(year=2026, month=3, day=1)
        update = make_update(
            entry=make_round(due_on=date(2026, 3, 31), now=then).entries.get(), complete=False, now=then
        )
        step = older.next_steps.get(question__key="objective-1")
        save(update, AnswerInput(outcomes=(OutcomeInput(step.pk, Outcome.DONE, None, "Published."),)), version=0)
        return update

    def test_a_returned_update_is_still_the_last_one(self, older: ProgressUpdate, newer: ProgressUpdate) -> None:
        workflow.return_by_staff(update=older, by=make_caseworker(), now=NOW, reason="Name the partner.")
        assert last_update(older.entry.pledge_maker, before=newer) == older

    def test_a_recalled_update_is_not(self, older: ProgressUpdate, newer: ProgressUpdate) -> None:
        ProgressUpdate.objects.filter(pk=older.pk).update(state=State.SUBMITTED)
        older.refresh_from_db()
        at = NOW.replace(year=2025, month=9, day=3)
        workflow.recall(update=older, by=writer_of(older.entry.pledge_maker), now=at)
        assert last_update(older.entry.pledge_maker, before=newer) is None

    def test_its_answered_steps_are_corrected_in_place(self, older: ProgressUpdate, newer: ProgressUpdate) -> None:
        workflow.return_by_staff(update=older, by=make_caseworker(), now=NOW, reason="Name the partner.")
        answer, step = section(older), older.next_steps.get(question__key="objective-1")
        steps = (StepInput("Publish the figures with Northtown Carers", "Chair", date(2027, 4, 1)), StepInput("New"))
        content = replace(drafting.as_input(answer), steps=steps)
        assert drafting.as_input(save(older, content, version=answer.version)).steps == steps
        step.refresh_from_db()
        assert (step.what, step.outcomes.get().update) == ("Publish the figures with Northtown Carers", newer)

    def test_an_answered_step_is_not_removed(self, older: ProgressUpdate, newer: ProgressUpdate) -> None:
        workflow.return_by_staff(update=older, by=make_caseworker(), now=NOW, reason="Name the partner.")
        answer = section(older)
        save(older, replace(drafting.as_input(answer), steps=()), version=answer.version)
        assert [step.what for step in drafting.as_input(section(older)).steps] == ["Publish the figures"]

    def test_what_was_said_of_a_step_stays_when_the_page_did_not_offer_it(self, newer: ProgressUpdate) -> None:
        answer = section(newer)
        save(newer, AnswerInput(text="More words."), version=answer.version)
        assert [said.why for said in drafting.as_input(section(newer)).outcomes] == ["Published."]
