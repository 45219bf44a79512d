"""In the workspace: more time, words beside the status, corrections, and who is reported with another."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from progress_updates import beside, corrections, extensions, not_required
from progress_updates.models import ExtensionRequest, ProgressUpdate, RoundEntry, State
from signatories.models import Role
from tests.factories.accounts import make_caseworker
from tests.factories.progress_updates import leader_of, make_entry, make_round
from tests.factories.signatories import make_public_pledge_maker
from tests.progress_updates.scene import Scene, as_, box, errors_of, make_scene, words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return make_scene(last=False)


def typed_request(scene: Scene, **more: str) -> dict[str, str]:
    day: date = timezone.localdate(scene.entry.due_at) + timedelta(days=9)
    return {
        "wanted_on_day": str(day.day),
        "wanted_on_month": str(day.month),
        "wanted_on_year": str(day.year),
        "reason": "Our lead is ill.",
        **more,
    }


def make_late(scene: Scene) -> None:
    RoundEntry.objects.filter(pk=scene.entry.pk).update(due_at=scene.now - timedelta(days=2))
    scene.entry.refresh_from_db()


# --- More time ---------------------------------------------------------------------------------------------


def test_a_coordinator_asks_and_reads_the_answer(scene: Scene) -> None:
    client = as_(scene.writer)
    assert f'href="{scene.url("more-time")}"' in client.get(scene.url()).content.decode()
    assert client.post(scene.url("more-time"), typed_request(scene))["Location"] == scene.url("more-time")
    words = words_of(client.get(scene.url("more-time")))
    assert "not answered yet" in words
    assert "Why do you need more time?" not in words
    request, by = ExtensionRequest.objects.get(), make_caseworker()
    extensions.refuse(request=request, words="It goes to print.", by=by, now=timezone.now())
    words = words_of(client.get(scene.url("more-time")))
    assert "Its reason: It goes to print." in words
    assert "Why do you need more time?" in words
    client.post(scene.url("more-time"), typed_request(scene))
    extensions.grant(
        round_=scene.round,
        entries=[scene.entry],
        due_on=request.wanted_on,
        reason="Agreed.",
        public_words="Its lead was ill.",
        by=by,
        now=timezone.now(),
    )
    words = words_of(client.get(scene.url("more-time")))
    assert "You have until" in words
    assert "Everybody can read this beside your name: Its lead was ill." in words
    assert "Agreed." not in words
    assert "Why there is more time, for everybody to read Its lead was ill." in words_of(client.get(scene.url()))


def test_what_is_wrong_with_a_request_stands_at_its_box(scene: Scene) -> None:
    client = as_(scene.writer)
    response = client.post(scene.url("more-time"), typed_request(scene, wanted_on_year="20"))
    assert (len(errors_of(response)), box(response, "reason")) == (1, "Our lead is ill.")
    response = client.post(scene.url("more-time"), typed_request(scene, wanted_on_year="2020"))
    assert (response.status_code, box(response, "reason")) == (409, "Our lead is ill.")
    assert "Choose a day that is not in the past." in words_of(response)
    assert ExtensionRequest.objects.count() == 0


def test_a_contributor_reads_it_and_cannot_ask(scene: Scene) -> None:
    client = as_(scene.member(Role.CONTRIBUTOR))
    assert "A leader or a coordinator of your Pledge Maker can ask for more time." in words_of(
        client.get(scene.url("more-time"))
    )
    refused = client.post(scene.url("more-time"), typed_request(scene))
    assert (refused.status_code, box(refused, "reason")) == (403, "Our lead is ill.")
    assert "more-time" not in client.get(scene.url()).content.decode()


def test_where_the_update_was_received_there_is_nothing_to_ask(scene: Scene) -> None:
    scene.start(State.SUBMITTED)
    client = as_(scene.writer)
    assert "Your update was received, so there is no deadline to move." in words_of(client.get(scene.url("more-time")))
    assert "Ask for more time" not in words_of(client.get(scene.url()))


# --- Beside the status -------------------------------------------------------------------------------------


def test_words_beside_a_late_status_are_public_at_once(scene: Scene) -> None:
    make_late(scene)
    client = as_(scene.writer)
    assert "Say why, beside it" in words_of(client.get(scene.url()))
    typed = {"late_reason": "Our board met late.", "right_of_reply": "It comes.", "seen": beside.mark_of(scene.entry)}
    assert client.post(scene.url("your-words"), typed)["Location"] == scene.url()
    assert "The reason given Our board met late. Their reply It comes." in words_of(client.get(scene.url()))
    public = client.get(f"/pledge-makers/{scene.maker.slug}/").content.decode()
    assert "Our board met late." in public
    assert box(client.get(scene.url("your-words")), "late_reason") == "Our board met late."


def test_too_many_words_come_back_whole(scene: Scene) -> None:
    make_late(scene)
    text = "word " * 101
    typed = {"late_reason": text, "seen": beside.mark_of(scene.entry)}
    response = as_(scene.writer).post(scene.url("your-words"), typed)
    assert errors_of(response) == [("#id_late_reason", "“Why is it late?” must be 100 words or fewer. It has 101.")]
    assert box(response, "late_reason") == text


def test_what_a_colleague_saved_is_shown_beside_what_was_typed(scene: Scene) -> None:
    make_late(scene)
    seen = beside.mark_of(scene.entry)
    RoundEntry.objects.filter(pk=scene.entry.pk).update(late_reason="Hers.")
    client = as_(scene.writer)
    response = client.post(scene.url("your-words"), {"late_reason": "Mine.", "seen": seen})
    assert (response.status_code, box(response, "late_reason")) == (409, "Mine.")
    assert "What stands now The reason given Hers." in words_of(response)
    scene.entry.refresh_from_db()
    client.post(scene.url("your-words"), {"late_reason": "Mine.", "seen": beside.mark_of(scene.entry)})
    scene.entry.refresh_from_db()
    assert scene.entry.late_reason == "Mine."


def test_in_time_there_is_nothing_to_explain_but_nothing_typed_is_lost(scene: Scene) -> None:
    client = as_(scene.writer)
    assert client.get(scene.url("your-words"))["Location"] == scene.url()
    response = client.post(scene.url("your-words"), {"late_reason": "Mine.", "seen": beside.mark_of(scene.entry)})
    assert (response.status_code, box(response, "late_reason")) == (409, "Mine.")


# --- Corrections -------------------------------------------------------------------------------------------


def test_what_was_published_is_corrected_from_the_task_list(scene: Scene) -> None:
    scene.start(State.PUBLISHED)
    client = as_(scene.writer)
    assert "Correct what was published" in words_of(client.get(scene.url()))
    assert errors_of(client.post(scene.url("correct"), {"note": ""})) == [
        ("#id_note", "Say what you correct. Everybody can read it.")
    ]
    assert client.post(scene.url("correct"), {"note": "A figure was wrong."})["Location"] == scene.url()
    words = words_of(client.get(scene.url()))
    assert "Version 2, a correction Everybody reads this note at the top of it: A figure was wrong." in words
    assert "You are correcting what was published. 12 of 12 sections are completed." in words_of(client.get(scene.home))
    assert box(client.get(scene.url("correct")), "note") == "A figure was wrong."
    client.post(scene.url("correct"), {"note": "Two figures were wrong."})
    assert ProgressUpdate.objects.get(version=2).correction_note == "Two figures were wrong."


def test_a_reader_is_offered_no_correction(scene: Scene) -> None:
    scene.start(State.PUBLISHED)
    client = as_(scene.member(Role.READER))
    assert "Correct what was published" not in words_of(client.get(scene.url()))
    response = client.post(scene.url("correct"), {"note": "Mine."})
    assert (response.status_code, box(response, "note")) == (403, "Mine.")
    assert ProgressUpdate.objects.filter(entry=scene.entry).count() == 1


def test_a_correction_is_sent_after_the_round_has_closed(scene: Scene) -> None:
    update = scene.start(State.PUBLISHED)
    long_ago = scene.now - timedelta(days=30)
    type(scene.round).objects.filter(pk=scene.round.pk).update(
        opens_at=long_ago - timedelta(days=60), due_at=long_ago, closes_at=long_ago
    )
    corrections.start_correction(entry=update.entry, note="A name.", by=scene.writer, now=timezone.now())
    client = as_(scene.writer)
    assert "Only an extension lets you send" not in words_of(client.get(scene.url()))
    assert client.post(scene.url("check"))["Location"] == scene.url("asked")


# --- Reported with another ---------------------------------------------------------------------------------


def test_who_is_reported_with_another_reads_so_and_the_other_too(scene: Scene) -> None:
    other = make_public_pledge_maker(name="Eastmere Together")
    round_ = make_round(label="Winter")
    covered, covering = (
        make_entry(pledge_maker=scene.maker, round_=round_),
        make_entry(pledge_maker=other, round_=round_),
    )
    not_required.cover(entry=covered, by_entry=covering, by=make_caseworker(), now=timezone.now())
    client = as_(scene.writer)
    said = "No update is asked of you in this round: Eastmere Together reports for you too."
    assert said in words_of(client.get(scene.home))
    assert said in words_of(client.get(scene.url(round_=round_)))
    assert client.post(scene.url("start", round_=round_)).status_code == 403
    theirs = as_(leader_of(other)).get(f"/workspace/{other.slug}/{round_.slug}/")
    assert "Your update speaks for these too: Northtown Mental Health NHS Trust." in words_of(theirs)


def test_a_draft_of_who_is_covered_is_kept_and_not_sent(scene: Scene) -> None:
    scene.start(complete=True)
    other = make_entry(pledge_maker=make_public_pledge_maker(), round_=make_round())
    RoundEntry.objects.filter(pk=other.pk).update(round=scene.round)
    not_required.cover(
        entry=scene.entry, by_entry=RoundEntry.objects.get(pk=other.pk), by=make_caseworker(), now=scene.now
    )
    client = as_(scene.writer)
    assert "Your draft is kept." in words_of(client.get(scene.home))
    assert client.post(scene.url("check")).status_code == 403
