"""Next steps followed through the signed records, and the history of names: what the profile says of the past."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client

from progress_updates import drafting, promises, withholding, workflow
from progress_updates.drafting import AnswerInput, OutcomeInput, StepInput
from progress_updates.last_round import last_update, open_steps
from progress_updates.models import Outcome, ProgressUpdate, State
from progress_updates.promises import follow
from progress_updates.snapshots import fingerprint
from signatories import changes
from signatories.history import history_of
from signatories.models import OrganisationName, PledgeMaker
from tests.factories.accounts import make_caseworker, make_publisher, sign_in
from tests.factories.progress_updates import leader_of, make_entry, make_round, make_update, writer_of
from tests.factories.sections import complete_answer
from tests.factories.signatories import make_organisation, make_pledge_maker, make_public_pledge_maker

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def record(label: str, *, before=(), new=()) -> dict:
    """A signed record with one section; `before` are (what, by when, outcome, new date, why)."""
    steps_before = [
        dict(zip(("what", "by_when", "outcome", "new_date", "why"), step, strict=True)) | {"who": "Chair"}
        for step in before
    ]
    next_steps = [{"what": what, "who": "Chair", "by_when": by_when} for what, by_when in new]
    section = {"key": "objective-1", "title": "Objective 1", "steps_before": steps_before, "next_steps": next_steps}
    return {"round": {"label": label}, "sections": [section]}


def told(promise: promises.Promise) -> list[tuple[str, str]]:
    return [(each.round, each.outcome) for each in promise.told]


def test_a_step_is_followed_until_it_is_done():
    [step] = follow(
        [
            record("R1", new=[("Open a clinic", "2026-01-31")]),
            record("R2", before=[("Open a clinic", "2026-01-31", "going_on", "2026-07-31", "The lease.")]),
            record("R3", before=[("Open a clinic", "2026-07-31", "done", None, "")]),
        ]
    )
    assert (step.round, step.by_when, step.outcome, step.is_open) == ("R1", "2026-07-31", "done", False)
    assert told(step) == [("R2", "going_on"), ("R3", "done")]
    assert step.told[0].why == "The lease."


def test_two_steps_in_the_same_words_are_told_apart_by_their_date():
    first, second = follow(
        [
            record("R1", new=[("Meet", "2026-01-01"), ("Meet", "2026-02-01")]),
            record(
                "R2", before=[("Meet", "2026-02-01", "done", None, ""), ("Meet", "2026-01-01", "dropped", None, "W")]
            ),
        ]
    )
    assert (first.outcome, second.outcome) == ("dropped", "done")


def test_a_step_of_an_update_that_is_not_public_is_known_from_the_next_one():
    [step] = follow([record("R2", before=[("Meet", "2026-01-01", "done", None, "")])])
    assert (step.round, step.outcome) == ("", "done")


def test_silence_is_told_too_and_leaves_it_open():
    [step] = follow([record("R1", new=[("Meet", None)]), record("R2", before=[("Meet", None, "", None, "")])])
    assert (step.is_open, step.by_when, told(step)) == (True, "", [("R2", "")])


def test_the_same_step_promised_anew_is_another_promise():
    steps = follow(
        [
            record("R1", new=[("Meet", "2026-01-01")]),
            record("R2", before=[("Meet", "2026-01-01", "done", None, "")], new=[("Meet", "2026-06-01")]),
        ]
    )
    assert [step.outcome for step in steps] == ["done", ""]


@pytest.mark.parametrize(
    ("outcomes", "said"),
    [
        ([], ""),
        (["done"], "Of 1 earlier next step, 1 is done."),
        (["done", "done", "going_on"], "Of 3 earlier next steps, 2 are done and 1 goes on."),
        (["done", "going_on", "dropped", ""],
         "Of 4 earlier next steps, 1 is done, 1 goes on, 1 was dropped and of 1 nothing is said."),
    ],
)  # fmt: skip
def test_the_finding_counts_what_later_updates_spoke_of(outcomes, said):
    new = [(f"Step {n}", None) for n in range(len(outcomes))]
    before = [(f"Step {n}", None, outcome, None, "") for n, outcome in enumerate(outcomes)]
    assert promises.finding(follow([record("R1", new=new), record("R2", before=before, new=[("New", None)])])) == said


def test_a_step_that_is_withheld_is_not_brought_back_by_the_next_record():
    withheld = record("R1", new=[("Call Ama Mensah", None), ("Meet", None)]) | {"withheld": True}
    later = record(
        "R2", before=[("Call Ama Mensah", None, "going_on", "2026-05-01", "W"), ("Meet", None, "done", None, "")]
    )
    last = record("R3", before=[("Call Ama Mensah", "2026-05-01", "done", None, "")], new=[("Hire", None)])
    assert [step.what for step in follow([withheld, later, last])] == ["Hire"]


def test_what_an_earlier_or_corrected_public_record_says_stays_when_another_is_withheld():
    first = record("R1", new=[("Meet", None)])
    withheld = record("R1", new=[("Meet", None), ("Call Ama Mensah", None)]) | {"withheld": True}
    later = record("R2", before=[("Meet", None, "done", None, ""), ("Call Ama Mensah", None, "done", None, "")])
    [step] = follow([first, withheld, later])
    assert (step.what, step.round, told(step)) == ("Meet", "R1", [("R2", "done")])


# --- On the profile, through the real workflow ------------------------------------------------------------


@pytest.fixture
def maker(db) -> PledgeMaker:
    """Promised the same eight steps in round one; says in round two what became of them."""
    maker = make_public_pledge_maker(name="Northtown", now=NOW - timedelta(days=500))
    for label, day in (("Round one", date(2026, 1, 31)), ("Round two", date(2026, 8, 31))):
        when = datetime(day.year, day.month, 20, 9, tzinfo=UTC)
        round_ = make_round(label=label, due_on=day, now=when - timedelta(days=10))
        entry = make_entry(pledge_maker=maker, round_=round_)
        if label == "Round one":
            make_update(entry=entry, state=State.PUBLISHED, now=when)
        else:
            publish(answered(drafting.start_update(entry=entry, by=writer_of(maker), now=when), when), when)
    return maker


def answered(update: ProgressUpdate, when: datetime) -> ProgressUpdate:
    """Objective 1 done, 2 going on, 3 dropped, the rest done; no new steps."""
    before = open_steps(last_update(update.entry.pledge_maker, before=update))
    said = {
        "objective-2": (Outcome.GOING_ON, date(2026, 12, 31), "The tender is late."),
        "objective-3": (Outcome.DROPPED, None, "Nobody wanted it."),
    }
    for answer in update.answers.select_related("question"):
        question = answer.question
        outcome, new_date, why = said.get(question.key, (Outcome.DONE, None, ""))
        content = complete_answer(question).__dict__ | {
            "outcomes": tuple(
                OutcomeInput(each.step.pk, outcome, new_date, why) for each in before.get(question.key, [])
            ),
            "steps": (StepInput("Open a house", "Chair", date(2027, 5, 1)),) if question.key == "next-steps" else (),
        }
        drafting.save_answer(
            update=update, question=question, content=AnswerInput(**content), version=answer.version,
            by=writer_of(update.entry.pledge_maker), now=when,
        )  # fmt: skip
    return update


def publish(update: ProgressUpdate, when: datetime) -> None:
    maker = update.entry.pledge_maker
    workflow.ask_for_signature(update=update, by=writer_of(maker), now=when)
    workflow.sign(update=update, by=leader_of(maker), now=when, read=fingerprint(update))
    workflow.start_review(update=update, by=make_caseworker(), now=when)
    workflow.accept(update=update, by=make_caseworker(), now=when)
    workflow.publish(update=update, by=make_publisher(), now=when)


def words(maker: PledgeMaker) -> str:
    page = Client().get(f"/pledge-makers/{maker.slug}/").content.decode()
    return " ".join(page.split())


def test_the_profile_says_what_became_of_each_step(maker):
    page = words(maker)
    assert "Of 8 earlier next steps, 6 are done, 1 goes on and 1 was dropped." in page
    assert "Going on, says Round two</strong>, now by 31 December 2026. The tender is late." in page
    assert "Dropped, says Round two.</strong> Nobody wanted it." in page
    assert "Done (6)" in page
    assert page.index("31 December 2026") < page.index("1 May 2027")


def test_a_withheld_update_tells_nothing(maker):
    ProgressUpdate.objects.filter(entry__round__label="Round two").update(withheld_at=NOW, withheld_note="N")
    page = words(maker)
    assert "Nobody wanted it." not in page
    assert "Publish the figures" in page


def test_steps_of_a_withheld_update_are_not_on_the_profile(maker):
    first = ProgressUpdate.objects.get(entry__round__label="Round one")
    assert "The tender is late." in words(maker)
    ProgressUpdate.objects.filter(pk=first.pk).update(withheld_at=NOW, withheld_note="N")
    page = words(maker)
    assert ("Publish the figures" in page, "The tender is late." in page) == (False, False)
    assert "Open a house" in page


def test_later_versions_that_repeat_the_steps_of_one_are_named(maker, django_assert_num_queries):
    updates = ProgressUpdate.objects.select_related("entry__round", "entry__pledge_maker")
    first, second = updates.order_by("entry__round__due_at")
    with django_assert_num_queries(2):
        assert withholding.repeated_in(first) == [second]
    assert withholding.repeated_in(second) == []
    client = Client()
    sign_in(client, make_publisher())
    page = " ".join(client.get(f"/staff/updates/{first.pk}/withhold/").content.decode().split())
    assert f'<a class="govuk-link" href="/staff/updates/{second.pk}/">Round two, version 1</a>' in page
    withholding.withhold(update=second, note="A name.", by=make_publisher(), now=NOW)
    assert withholding.repeated_in(first) == []


# --- Names and successors ---------------------------------------------------------------------------------


@pytest.mark.django_db
def test_history_is_one_query_however_much_there_is(django_assert_num_queries):
    by, body = make_caseworker(), make_organisation(name="Body", closed_on=NOW.date())
    maker = make_pledge_maker(name="One", organisations=[make_organisation(), body], now=NOW - timedelta(days=9))
    with django_assert_num_queries(1):
        assert history_of(maker).former_names == []
    for name in ("Two", "Three"):
        changes.rename(pledge_maker=maker, name=name, by=by, now=NOW)
    body.successors.add(make_organisation(name="New Body"))
    OrganisationName.objects.create(organisation=body, name="Old Body", until=date(2020, 1, 1))
    another, public = (make_public_pledge_maker(name=name, now=NOW) for name in ("Another", "Public"))
    changes.merge(pledge_maker=maker, successors=[another, public], on=NOW.date(), by=by, now=NOW)
    with django_assert_num_queries(1):
        history = history_of(maker)
    assert [each.name for each in history.former_names] == ["One", "Two"]
    assert [(each.name, each.slug) for each in history.successors] == [("Another", "another"), ("Public", "public")]
    of_body = history.of_organisations[body.pk]
    assert [each.name for each in of_body.former_names + of_body.successors] == ["Old Body", "New Body"]
    assert [(each.name, each.day) for each in history_of(public).predecessors] == [("Three", NOW.date())]


@pytest.mark.django_db
def test_a_closed_organisation_says_what_replaced_it():
    body = make_organisation(name="Body", closed_on=date(2026, 3, 31))
    body.successors.add(make_organisation(name="New Body"))
    OrganisationName.objects.create(organisation=body, name="Old Body", until=date(2020, 1, 1))
    maker = make_public_pledge_maker(name="Northtown")
    changes.add_organisation(
        pledge_maker=maker, organisation=body, on=NOW.date() - timedelta(days=1), by=make_caseworker(), now=NOW
    )
    page = words(maker)
    assert "Formerly Old Body, until 1 January 2020" in page
    assert "Closed on 31 March 2026; now New Body" in page


@pytest.mark.django_db
def test_every_page_below_an_old_address_moves_too():
    update = make_update(state=State.PUBLISHED)
    maker = update.entry.pledge_maker
    before = maker.slug
    changes.rename(pledge_maker=maker, name="Bright New Name", by=make_caseworker(), now=update.published_at)
    for rest in ("", "statement/v1/", f"{update.entry.round.slug}/", f"{update.entry.round.slug}.pdf"):
        moved = Client().get(f"/pledge-makers/{before}/{rest}")
        assert (moved.status_code, moved["Location"]) == (301, f"/pledge-makers/bright-new-name/{rest}")
        assert Client().get(f"/pledge-makers/nobody/{rest}").status_code == 404
