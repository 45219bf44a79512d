"""Versions of the national report: built once by the clock, again on demand, public when said, never changed."""

from copy import deepcopy
from datetime import datetime, timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import AuditEvent
from progress_updates import beside, workflow
from progress_updates.models import Extension, ProgressUpdate, Round, RoundEntry
from reports import build, national, statistics, tasks
from reports.models import Document, Kind, NationalReport, State
from tests.factories.accounts import make_administrator, make_caseworker, make_publisher
from tests.factories.national import make_national_report, told_once
from tests.factories.progress_updates import make_round


@pytest.fixture(scope="module")
def told(django_db_setup, django_db_blocker):
    yield from told_once(django_db_blocker)


@pytest.fixture
def scene(told, db):
    """Two rounds that are over; the first has its report already, so that only the second is due."""
    scene = deepcopy(told)
    national.build_due(now=scene.now)
    NationalReport.objects.filter(round=scene.round).update(round=scene.before, version=2)
    return scene


def maker_of(content: dict, name: str) -> dict:
    return next(maker for maker in content["pledge_makers"] if maker["name"] == name)


def closes(scene, *, closed: datetime, publishes: datetime) -> None:
    Round.objects.filter(pk=scene.round.pk).update(closes_at=closed, publishes_at=publishes)
    scene.round.refresh_from_db()


# --- What the clock builds ----------------------------------------------------------------------------------


def test_past_its_publication_time_the_report_is_public_at_once(scene):
    assert national.build_due(now=scene.now) == 1
    report = NationalReport.objects.get(round=scene.round)
    assert (report.version, report.asked_by, report.published_by) == (1, None, None)
    assert report.as_at == report.built_at == report.published_at == scene.now


def test_at_the_close_it_is_a_preview_and_at_publication_a_version_for_everybody(scene):
    closes(scene, closed=scene.now - timedelta(days=1), publishes=scene.now + timedelta(days=7))
    assert national.build_due(now=scene.now) == 1
    assert not NationalReport.objects.public().filter(round=scene.round).exists()
    assert national.build_due(now=scene.now + timedelta(days=6)) == 0
    later = scene.now + timedelta(days=7)
    assert national.build_due(now=later) == 1
    [second, first] = NationalReport.objects.filter(round=scene.round).order_by("-version")
    assert (first.published_at, second.published_at, second.version) == (None, later, 2)
    assert national.build_due(now=later + timedelta(days=300)) == 0


def test_the_report_waits_for_the_updates_that_are_published_at_the_same_moment(scene):
    """Whichever of the two tasks runs first."""
    closes(scene, closed=scene.now - timedelta(days=1), publishes=scene.now)
    planned = ProgressUpdate.objects.published().filter(entry__round=scene.round).first()
    ProgressUpdate.objects.filter(pk=planned.pk).update(state="accepted", published_at=None, publish_at=scene.now)
    assert national.build_due(now=scene.now) == 0
    assert national._freeze(scene.round, by=None, now=scene.now, is_public=True) is None
    assert (workflow.publish_due(now=scene.now), national.build_due(now=scene.now)) == (1, 1)
    assert planned in NationalReport.objects.get(round=scene.round).updates.all()


def test_what_a_publisher_published_before_is_not_built_again(scene):
    closes(scene, closed=scene.now - timedelta(days=1), publishes=scene.now + timedelta(days=7))
    make_national_report(scene)
    assert national.build_due(now=scene.now + timedelta(days=8)) == 0


def test_an_open_round_and_one_of_the_past_are_left_alone(scene):
    closes(scene, closed=scene.now + timedelta(days=1), publishes=scene.now + timedelta(days=7))
    assert national.build_due(now=scene.now) == 0
    closes(scene, closed=scene.now - timedelta(days=9), publishes=scene.now - timedelta(days=7))
    Round.objects.filter(pk=scene.round.pk).update(is_past=True)
    assert national.build_due(now=scene.now) == 0


def test_a_planned_round_is_never_due(scene):
    planned = make_round(opened=False, due_on=timezone.localdate(scene.now) - timedelta(days=90))
    assert planned not in national.due(scene.now + timedelta(days=900))


def test_a_second_run_builds_nothing_at_the_price_of_one_query(scene, django_assert_num_queries):
    national.build_due(now=scene.now)
    with django_assert_num_queries(1):
        assert national.build_due(now=scene.now) == 0


def test_a_run_that_looked_before_another_built_makes_no_second_version(scene):
    """It holds the round as due; by the time it freezes, somebody else has."""
    national.build_due(now=scene.now)
    assert national._freeze(scene.round, by=None, now=scene.now, is_public=True) is None
    assert NationalReport.objects.filter(round=scene.round).count() == 1


# --- On demand ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make_staff", [make_publisher, make_administrator])
def test_who_publishes_may_build_and_put_it_before_the_public(scene, make_staff):
    by = make_staff()
    report = national.build(round_=scene.round, by=by, now=scene.now)
    assert (report.version, report.asked_by, report.published_at) == (1, by, None)
    national.publish(report=report, by=by, now=scene.now)
    report.refresh_from_db()
    assert (report.published_at, report.published_by) == (scene.now, by)
    acts = AuditEvent.objects.filter(about_id=report.pk, action__startswith="national_report.", by=by)
    assert [act.action for act in acts.order_by("pk")] == ["national_report.built", "national_report.published"]


def test_a_caseworker_may_neither_build_nor_publish(scene):
    by = make_caseworker()
    assert not national.can_build(round_=scene.round, by=by, now=scene.now)
    with pytest.raises(national.NationalRefused, match="Only a publisher"):
        national.build(round_=scene.round, by=by, now=scene.now)
    report = make_national_report(scene, public=False)
    with pytest.raises(national.NationalRefused, match="Only a publisher"):
        national.publish(report=report, by=by, now=scene.now)


def test_a_planned_round_has_no_report(scene):
    planned = make_round(opened=False)
    with pytest.raises(national.NationalRefused, match="has not opened yet"):
        national.build(round_=planned, by=make_publisher(), now=scene.now)


def test_a_version_is_published_once(scene):
    report = make_national_report(scene)
    with pytest.raises(national.NationalRefused, match="public already"):
        national.publish(report=report, by=make_publisher(), now=scene.now)


def test_no_report_is_built_of_a_round_that_was_imported_as_history(scene):
    scene.round.is_past = True
    scene.round.save()
    with pytest.raises(national.NationalRefused, match="entered as history"):
        national.build(round_=scene.round, by=make_publisher(), now=scene.now)


def test_a_new_version_keeps_the_old_to_the_byte(scene):
    first = make_national_report(scene)
    body = bytes(first.body)
    scene.entry("silent").pledge_maker.entries.update(right_of_reply="Changed since.")
    second = make_national_report(scene)
    first.refresh_from_db()
    assert (second.version, bytes(first.body), first.is_intact()) == (2, body, True)
    assert maker_of(first.content(), "Silent")["right_of_reply"] == "We report again in spring."
    assert maker_of(second.content(), "Silent")["right_of_reply"] == "Changed since."


# --- What stands in it ---------------------------------------------------------------------------------------


def test_statuses_are_those_that_everybody_reads(scene):
    content = make_national_report(scene).content()
    assert {maker["name"]: maker["status"]["kind"] for maker in content["pledge_makers"]} == {
        "Covered": "reported_with", "Early": "on_time", "Extended": "extension", "Joined": "not_required",
        "Late": "late", "Silent": "not_received", "Waiting": "on_time", "Withdrawn": "withdrawn",
    }  # fmt: skip
    assert maker_of(content, "Late")["status"]["words"] == "Received 3 days late"
    assert maker_of(content, "Covered")["status"]["words"] == "Reported with Early"
    silent = maker_of(content, "Silent")
    assert (silent["late_reason"], silent["right_of_reply"]) == ("Our lead left.", "We report again in spring.")


def test_findings_say_what_each_figure_counts(scene):
    found = make_national_report(scene).content()["findings"]
    assert found == {
        "round": "2 of 5 reported on time. One reported late. One has more time. One has not reported.",
        "signed": "7 leaders stand behind the pledge, for 7 Pledge Makers made of 8 organisations.",
        "reported": "The updates received speak for 4 Pledge Makers.",
        "published": "2 Pledge Makers have published their ratings.",
        "ratings": "",
        "changes": "1 Pledge Maker has published ratings in both rounds. "
        "Of 7 ratings, 7 moved further on and none moved back.",
        "steps": "16 next steps were open when the round began. 3 are done. 3 go on. 2 were dropped. "
        "Nothing was said of 8.",
    }


def test_only_published_updates_give_texts_ratings_and_steps(scene):
    content = make_national_report(scene).content()
    early, waiting, silent = (maker_of(content, name) for name in ("Early", "Waiting", "Silent"))
    assert early["good_practice"] == "A barber shop in Eastmere takes referrals.\n\n- fourteen so far"
    assert (early["ratings"]["1"], early["update"]["version"], len(early["steps"])) == ("prioritised", 1, 8)
    assert early["update"]["sha256"] == scene.updates["early"].snapshots.latest().sha256
    assert (waiting["good_practice"], waiting["ratings"], waiting["update"]) == ("", {}, None)
    assert {step["outcome"] for step in silent["steps"]} == {""}
    assert len(silent["steps"]) == 8


def test_words_about_more_time_stand_beside_those_only_who_owe_an_update(scene):
    """As the public list has it: who is reported with another needs no reason for its extension."""
    granted = {"due_at": scene.now, "reason": "A flood.", "granted_by": make_publisher(), "granted_at": scene.now}
    extension = Extension.objects.create(round=scene.round, public_words="The flood in spring.", **granted)
    entries = [scene.entry(name).pk for name in ("covered", "extended")]
    RoundEntry.objects.filter(pk__in=entries).update(extension=extension, extended_to=scene.now + timedelta(days=5))
    content = make_national_report(scene).content()
    found = {name: maker_of(content, name)["extension"] for name in ("Covered", "Extended")}
    assert found == {"Covered": "", "Extended": "The flood in spring."}


def test_what_changes_in_the_tables_afterwards_changes_no_report(scene):
    report = make_national_report(scene)
    scene.updates["early"].answers.update(text="Words changed afterwards.", rating="delivered")
    content = national.readable(report, national.withheld_in(report))
    assert maker_of(content, "Early")["ratings"]["1"] == "prioritised"
    assert "Words changed afterwards." not in str(content)


def test_a_withheld_update_is_left_out_of_every_version_and_of_new_ones(scene):
    first = make_national_report(scene)
    ProgressUpdate.objects.filter(pk=scene.updates["early"].pk).update(withheld_at=scene.now)
    second = make_national_report(scene)
    for report in (first, second):
        content = national.readable(report, national.withheld_in(report))
        early = maker_of(content, "Early")
        assert "barber" not in str(content)
        assert (early["ratings"], early["good_practice"], early["challenges"]) == ({}, "", "")
    assert maker_of(national.readable(first, national.withheld_in(first)), "Early")["withheld"] is True
    assert content["ratings"][0]["counts"]["prioritised"] == 0


def test_earlier_promises_of_a_withheld_update_are_left_out_too(scene):
    report = make_national_report(scene)
    earlier = ProgressUpdate.objects.get(entry__pledge_maker=scene.makers["silent"])
    ProgressUpdate.objects.filter(pk=earlier.pk).update(withheld_at=scene.now)
    assert national.withheld_in(report) == [earlier.pk]
    assert maker_of(national.readable(report, [earlier.pk]), "Silent")["steps"] == []


def test_a_publication_that_is_undone_is_left_out(scene):
    from progress_updates import workflow

    report = make_national_report(scene)
    update = scene.updates["late"]
    ProgressUpdate.objects.filter(pk=update.pk).update(published_at=scene.now)
    update.refresh_from_db()
    workflow.undo_publication(update=update, by=make_publisher(), now=scene.now)
    assert national.withheld_in(report) == [update.pk]


def test_a_round_without_anything_still_makes_a_report(scene):
    empty = make_round(label="Round 3", now=scene.now)
    empty.entries.all().delete()
    report = national.build(round_=empty, by=make_publisher(), now=scene.now)
    content = report.content()
    assert content["findings"]["round"] == "No Pledge Maker has to report in this round."
    assert (content["pledge_makers"], content["steps"]["done"], content["published"]) == ([], 0, 0)


@pytest.mark.parametrize("more", [0, 5])
def test_building_takes_the_same_queries_however_many_pledge_makers(scene, django_assert_num_queries, more):
    from reports.national_content import content_of
    from tests.factories.signatories import make_public_pledge_maker

    for _ in range(more):
        maker = make_public_pledge_maker(now=scene.now)
        scene.round.entries.create(pledge_maker=maker, due_at=scene.round.due_at)
    with django_assert_num_queries(17):
        content_of(scene.round, version=1, now=scene.now)


# --- Its document ----------------------------------------------------------------------------------------------


@pytest.fixture
def no_typefaces(settings, tmp_path):
    settings.STATICFILES_DIRS = [tmp_path / "nothing"]


def national_documents():
    return Document.objects.filter(kind=Kind.NATIONAL_REPORT)


def test_every_version_gets_one_waiting_document(scene):
    report = make_national_report(scene)
    for _ in range(2):
        national.plan_documents(now=scene.now)
    assert national_documents().filter(national_report=report, state=State.WAITING).count() == 1


def test_a_document_that_holds_what_is_withheld_is_made_again(scene):
    report = make_national_report(scene)
    national.plan_documents(now=scene.now)
    ready = {"file": "documents/aa/aa.pdf", "sha256": "a" * 64, "bytes": 9, "made_at": scene.now}
    national_documents().filter(national_report=report).update(state=State.READY, **ready)
    national.plan_documents(now=scene.now)
    assert national_documents().get(national_report=report).state == State.READY
    update = scene.updates["early"]
    ProgressUpdate.objects.filter(pk=update.pk).update(withheld_at=scene.now)
    national.plan_documents(now=scene.now)
    document = national_documents().get(national_report=report)
    assert (document.state, document.leaves_out, document.attempts) == (State.WAITING, str(update.pk), 0)


def test_planning_again_when_words_beside_a_status_were_taken_away(scene):
    report = make_national_report(scene)
    national.plan_documents(now=scene.now)
    ready = {"file": "documents/aa/aa.pdf", "sha256": "a" * 64, "bytes": 9, "made_at": scene.now}
    national_documents().filter(national_report=report).update(state=State.READY, **ready)
    entry = scene.entry("silent")
    beside.take_away(entry=entry, part="right_of_reply", reason="A name.", by=make_caseworker(), now=scene.now)
    national.plan_documents(now=scene.now)
    document = national_documents().get(national_report=report)
    assert (document.state, document.leaves_out) == (State.WAITING, f"right_of_reply/{entry.pk}")


def test_words_that_were_taken_away_are_in_no_version(scene):
    report = make_national_report(scene)
    beside.take_away(
        entry=scene.entry("silent"), part="late_reason", reason="A name.", by=make_caseworker(), now=scene.now
    )
    silent = maker_of(national.readable(report, national.withheld_in(report)), "Silent")
    assert (silent["late_reason"], silent["right_of_reply"]) == ("", "We report again in spring.")


def test_words_stay_when_the_address_of_a_pledge_maker_changes(scene):
    report = make_national_report(scene)
    type(scene.makers["silent"]).objects.filter(pk=scene.makers["silent"].pk).update(slug="quiet")
    assert national.withheld_in(report) == []


def test_planning_documents_again_takes_four_queries(scene, django_assert_num_queries):
    report = make_national_report(scene)
    national.plan_documents(now=scene.now)
    ready = {"file": "documents/aa/aa.pdf", "sha256": "a" * 64, "bytes": 9, "made_at": scene.now}
    national_documents().filter(national_report=report).update(state=State.READY, **ready)
    with django_assert_num_queries(4):
        national.plan_documents(now=scene.now)


def test_single_updates_do_not_wait_for_a_whole_round(scene):
    """A national document that is being made keeps only its own lane."""
    make_national_report(scene)
    national.plan_documents(now=scene.now)
    national_documents().update(state=State.BUILDING, attempts=1, lease_until=timezone.now() + timedelta(hours=1))
    assert build.is_busy(now=scene.now, kind=Kind.NATIONAL_REPORT)
    assert not build.is_busy(now=scene.now)
    assert tasks.build_national() == 0
    assert not Document.objects.due(scene.now, Kind.NATIONAL_REPORT).exists()
    assert build.plan(now=scene.now) > 0
    assert {document.kind for document in Document.objects.due(timezone.now())} == {Kind.PROGRESS_REPORT}


def test_a_failed_document_says_why_and_staff_try_it_again(scene, no_typefaces):
    report = make_national_report(scene)
    for attempt in range(build.MAX_ATTEMPTS):
        build.build_national(now=scene.now + timedelta(hours=attempt))
    document = national_documents().get(national_report=report)
    assert (document.state, document.error) == (State.FAILED, "The typefaces are not built. Run: make assets")
    build.retry(document=document, by=make_caseworker(), now=scene.now)
    document.refresh_from_db()
    assert (document.state, document.attempts) == (State.WAITING, 0)


def test_national_documents_are_in_the_figures_of_the_status_page(scene):
    before = statistics.summary(scene.now).waiting
    make_national_report(scene)
    national.plan_documents(now=scene.now)
    assert statistics.summary(scene.now).waiting == before + 3


def test_one_command_builds_reports_and_documents(scene, no_typefaces, capsys):
    call_command("build_reports")
    assert NationalReport.objects.filter(round=scene.round).count() == 1
    assert capsys.readouterr().out.startswith("Made: 0. Waiting: ")
