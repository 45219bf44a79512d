"""A correction is a further version with the same life; lateness follows the first. A version can be withheld."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import AuditEvent
from progress_updates import corrections, drafting, published, withholding, workflow
from progress_updates.completeness import what_is_missing
from progress_updates.corrections import CorrectionRefused
from progress_updates.last_round import last_update
from progress_updates.lateness import lateness
from progress_updates.models import Answer, AnswerVersion, ProgressUpdate, Round, RoundEntry, State
from progress_updates.permissions import NotAllowed
from progress_updates.snapshots import content_of, fingerprint
from progress_updates.snapshots import read as read_snapshot
from progress_updates.statistics import ratings_by_objective
from progress_updates.withholding import WithholdingRefused
from signatories.models import Role
from tests.factories.accounts import make_caseworker, make_publisher
from tests.factories.past import make_entered
from tests.factories.progress_updates import leader_of, make_entry, make_round, make_update, take, writer_of
from tests.factories.signatories import make_leader, make_member, make_public_pledge_maker

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 2, 11, 0, tzinfo=UTC)
# Long after the round has closed.
LATER = NOW + timedelta(days=120)
NOTE = "The figure for 2025 was wrong."


@pytest.fixture
def update() -> ProgressUpdate:
    maker = make_public_pledge_maker(now=NOW - timedelta(days=90))
    return make_update(entry=make_entry(pledge_maker=maker, round_=make_round(now=NOW)), state=State.PUBLISHED, now=NOW)


def start(update: ProgressUpdate, **more: object) -> ProgressUpdate:
    about = {"note": NOTE, "by": writer_of(update.entry.pledge_maker), "now": LATER}
    return corrections.start_correction(entry=update.entry, **{**about, **more})


def walk(update: ProgressUpdate, *steps: str, now: datetime = LATER) -> None:
    maker = update.entry.pledge_maker
    for step in steps:
        take(step, update, writer=writer_of(maker), leader=leader_of(maker), now=now)


ALL = ("ask_for_signature", "sign", "start_review", "accept", "publish")


def test_a_correction_begins_with_all_that_was_published(update: ProgressUpdate) -> None:
    new = start(update)
    assert (new.version, new.state, new.correction_note) == (2, State.DRAFT, NOTE)
    assert [content for _answer, content in drafting.inputs_of(new)] == [
        content for _answer, content in drafting.inputs_of(update)
    ]
    written = Answer.objects.filter(update=new, version__gt=0)
    assert AnswerVersion.objects.filter(answer__update=new).count() == written.count() > 8
    assert AuditEvent.objects.get(action="update.correction_started").about_id == new.pk


def test_the_same_life_leads_to_the_public_and_the_old_version_stays(update: ProgressUpdate) -> None:
    new = start(update)
    slugs = {"slug": update.entry.pledge_maker.slug, "round_slug": update.entry.round.slug}
    assert published.readable(published.versions(**slugs)) == update
    answer = new.answers.get(question__key="objective-1")
    content = drafting.AnswerInput(**{**drafting.as_input(answer).__dict__, "text": "We opened two clinics."})
    by = writer_of(update.entry.pledge_maker)
    drafting.save_answer(
        update=new, question=answer.question, content=content, version=answer.version, by=by, now=LATER
    )
    walk(new, *ALL)
    versions = published.versions(**slugs)
    assert (versions, published.readable(versions)) == ([new, update], new)
    record = read_snapshot(published.record_of(new))
    assert (record["version"], record["correction_note"]) == (2, NOTE)
    assert "We opened two clinics." in str(record)
    assert "We opened two clinics." not in str(read_snapshot(published.record_of(update)))


def test_ratings_count_the_newest_published_version_once(update: ProgressUpdate) -> None:
    before = ratings_by_objective(update.entry.round)
    new = start(update)
    assert ratings_by_objective(update.entry.round) == before
    walk(new, *ALL)
    assert ratings_by_objective(update.entry.round) == before


def test_lateness_follows_the_first_version_through_recall_and_return(update: ProgressUpdate) -> None:
    entry = RoundEntry.objects.get(pk=update.entry_id)
    received = entry.received_at
    new = start(update)
    for steps in (
        ("ask_for_signature", "sign"),
        ("recall",),
        ("ask_for_signature", "sign", "start_review", "return_by_staff"),
        ("ask_for_signature", "sign"),
        ("recall",),
    ):
        walk(new, *steps)
        entry.refresh_from_db()
        assert (entry.received_at, lateness(entry, LATER)) == (received, "on_time")


def test_a_second_press_finds_the_same_draft(update: ProgressUpdate) -> None:
    assert start(update) == start(update, note="Another note")
    assert ProgressUpdate.objects.filter(entry=update.entry).count() == 2


@pytest.mark.parametrize("state", [State.DRAFT, State.SUBMITTED, State.ACCEPTED, State.RETURNED])
def test_only_what_was_published_is_corrected(state: str) -> None:
    update = make_update(state=state)
    with pytest.raises(CorrectionRefused, match="The newest version is not published yet"):
        start(update)


def test_where_nothing_was_written_nothing_is_corrected() -> None:
    entry = make_entry()
    by = writer_of(entry.pledge_maker)
    with pytest.raises(CorrectionRefused, match="Nothing has been published in this round yet"):
        corrections.start_correction(entry=entry, note=NOTE, by=by, now=LATER)


@pytest.mark.parametrize("note", ["", " \n", "word " * 101])
def test_a_correction_needs_a_note_for_the_public(update: ProgressUpdate, note: str) -> None:
    with pytest.raises(CorrectionRefused):
        start(update, note=note)
    new = start(update)
    with pytest.raises(CorrectionRefused):
        corrections.change_note(update=new, note=note, by=writer_of(update.entry.pledge_maker), now=LATER)
    assert ProgressUpdate.objects.get(pk=new.pk).correction_note == NOTE


@pytest.mark.parametrize("role", [Role.READER, "other", "team"])
def test_who_may_not_write_starts_no_correction(update: ProgressUpdate, role: str) -> None:
    others = {"other": lambda: make_leader().user, "team": make_caseworker}
    by = others[role]() if role in others else make_member(pledge_maker=update.entry.pledge_maker, role=role).user
    with pytest.raises(NotAllowed):
        start(update, by=by)
    assert ProgressUpdate.objects.count() == 1


def test_the_leader_signs_the_note_that_they_read(update: ProgressUpdate) -> None:
    new, maker = start(update), update.entry.pledge_maker
    read = fingerprint(new)
    corrections.change_note(update=new, note="Other words.", by=writer_of(maker), now=LATER)
    walk(new, "ask_for_signature")
    with pytest.raises(workflow.ChangedSinceRead):
        workflow.sign(update=new, by=leader_of(maker), now=LATER, read=read)


def test_the_note_stays_once_it_is_with_the_leader(update: ProgressUpdate) -> None:
    new = start(update)
    walk(new, "ask_for_signature")
    with pytest.raises(CorrectionRefused):
        corrections.change_note(update=new, note="Late.", by=writer_of(update.entry.pledge_maker), now=LATER)
    with pytest.raises(CorrectionRefused):
        corrections.change_note(update=update, note="Late.", by=writer_of(update.entry.pledge_maker), now=LATER)


def test_what_the_next_round_said_of_a_promise_follows_its_correction(update: ProgressUpdate) -> None:
    maker = update.entry.pledge_maker
    round_ = make_round(now=LATER)
    nxt = make_update(entry=make_entry(pledge_maker=maker, round_=round_), now=LATER)
    said = nxt.step_outcomes.count()
    assert (what_is_missing(nxt), said > 7) == ([], True)
    new = start(update)
    walk(new, "ask_for_signature", "sign")
    assert (last_update(maker, before=nxt), what_is_missing(nxt)) == (new, [])
    walk(new, "recall")
    assert (last_update(maker, before=nxt), what_is_missing(nxt)) == (update, [])
    assert nxt.step_outcomes.count() == said


def test_a_correction_of_what_came_as_a_document_keeps_its_source_and_needs_no_more_than_it_had() -> None:
    entered = make_entered(state=State.PUBLISHED, now=NOW)
    new = start(entered)
    assert what_is_missing(new) == []
    source, before = content_of(new)["source"], content_of(entered)["source"]
    assert source == {**before, "signed_in_document": False}
    assert [each["sha256"] for each in source["documents"]] == [entered.sources.get().sha256]


@pytest.mark.parametrize("back", [("recall",), ("start_review", "return_by_staff")])
def test_an_update_that_comes_back_speaks_of_the_promises_as_corrected_meanwhile(
    update: ProgressUpdate, back: tuple[str, ...]
) -> None:
    round_ = make_round(now=LATER)
    entry = make_entry(pledge_maker=update.entry.pledge_maker, round_=round_)
    nxt = make_update(entry=entry, state=State.SUBMITTED, now=LATER)
    new = start(update)
    walk(new, "ask_for_signature", "sign")
    walk(nxt, *back)
    assert what_is_missing(nxt) == []
    assert set(nxt.step_outcomes.values_list("step__update", flat=True)) == {new.pk}


# --- Withheld ----------------------------------------------------------------------------------------------


def withhold(update: ProgressUpdate, **more: object) -> None:
    about = {"note": "A name is being taken out.", "by": make_publisher(), "now": LATER}
    withholding.withhold(update=update, **{**about, **more})


def test_a_withheld_version_leaves_the_public_and_comes_back_unchanged(update: ProgressUpdate) -> None:
    record = published.record_of(update).sha256
    withhold(update)
    slugs = {"slug": update.entry.pledge_maker.slug, "round_slug": update.entry.round.slug}
    [version] = published.versions(**slugs)
    assert (published.readable([version]), version.withheld_at, version.withheld_note) == (
        None,
        LATER,
        "A name is being taken out.",
    )
    withholding.end_withholding(update=update, by=make_publisher(), now=LATER)
    assert published.readable(published.versions(**slugs)) == update
    assert (published.record_of(update).sha256, update.withheld_note) == (record, "")
    actions = AuditEvent.objects.filter(action__startswith="update.withh").order_by("pk")
    assert list(actions.values_list("action", flat=True)) == ["update.withheld", "update.withholding_ended"]


def test_a_withheld_version_can_be_corrected(update: ProgressUpdate) -> None:
    withhold(update)
    new = start(update)
    walk(new, *ALL)
    versions = published.versions(slug=update.entry.pledge_maker.slug, round_slug=update.entry.round.slug)
    assert published.readable(versions) == new


def test_what_is_not_public_is_not_withheld(update: ProgressUpdate) -> None:
    with pytest.raises(WithholdingRefused):
        withholding.end_withholding(update=update, by=make_publisher(), now=LATER)
    withhold(update)
    with pytest.raises(WithholdingRefused, match="Somebody was faster"):
        withhold(update)
    with pytest.raises(WithholdingRefused):
        withhold(make_update(state=State.ACCEPTED))
    with pytest.raises(WithholdingRefused, match=r"Say why, in words that everybody can read."):
        withhold(update, note=" ")


def test_only_a_publisher_withholds(update: ProgressUpdate) -> None:
    for by in (make_caseworker(), leader_of(update.entry.pledge_maker)):
        with pytest.raises(NotAllowed):
            withhold(update, by=by)
        with pytest.raises(NotAllowed):
            withholding.end_withholding(update=update, by=by, now=LATER)


def test_a_planned_publication_is_cancelled_once(update: ProgressUpdate) -> None:
    accepted, by = make_update(state=State.ACCEPTED, now=NOW), make_publisher()
    workflow.publish_later(update=accepted, by=by, now=NOW)
    assert accepted.publish_at == accepted.entry.round.publishes_at
    workflow.cancel_publication(update=accepted, by=by, now=NOW)
    workflow.cancel_publication(update=accepted, by=by, now=NOW)
    assert (accepted.publish_at, workflow.publish_due(now=LATER), accepted.state) == (None, 0, State.ACCEPTED)
    assert AuditEvent.objects.filter(action="update.publication_cancelled").count() == 1
    Round.objects.filter(pk=accepted.entry.round_id).update(publishes_at=LATER + timedelta(days=9))
    workflow.publish_later(update=accepted, by=by, now=NOW)
    assert accepted.publish_at == LATER + timedelta(days=9)
    workflow.cancel_publication(update=accepted, by=by, now=NOW)
    with pytest.raises(NotAllowed):
        workflow.cancel_publication(update=accepted, by=make_caseworker(), now=NOW)
    with pytest.raises(workflow.WrongState):
        workflow.cancel_publication(update=update, by=by, now=NOW)
