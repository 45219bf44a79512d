"""Check, ask, sign, return, recall; and who hears of it by mail."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.formats import date_format

from mail import guards
from mail.models import Message
from progress_updates import drafting, workflow
from progress_updates.models import RoundEntry, Snapshot, State
from progress_updates.snapshots import fingerprint
from signatories.models import Role
from tests.factories.accounts import make_caseworker, make_publisher
from tests.factories.progress_updates import make_entry, make_round, make_update
from tests.factories.sections import fill
from tests.factories.signatories import make_leader, make_public_pledge_maker
from tests.progress_updates.scene import Scene, as_, box, errors_of, input_value, make_scene, words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return make_scene(last=False)


def mails(kind: str) -> list[str]:
    return sorted(Message.objects.filter(kind=kind).values_list("to", flat=True))


def sign(scene: Scene, client, **typed: str):
    page = client.get(scene.url("sign"))
    return client.post(scene.url("sign"), {"read": input_value(page, "read"), "declared": "on"} | typed)


# --- Check and ask -------------------------------------------------------------------------------------------


def test_the_check_page_shows_every_answer_and_what_is_missing(scene: Scene) -> None:
    scene.start()
    response = as_(scene.writer).get(scene.url("check"))
    words = words_of(response)
    assert "Before you can ask for the signature Why we are a Pledge Maker (1 thing is missing)" in words
    assert "Objective 1: Service change (3 things are missing)" in words
    assert f'href="{scene.url("objective-1")}#id_rating_0"' in response.content.decode()
    assert f'href="{scene.url("next-steps")}#steps"' in response.content.decode()


def test_asking_with_an_incomplete_update_links_to_every_field(scene: Scene) -> None:
    update = scene.start(complete=True)
    question = scene.question("objective-2")
    content = drafting.AnswerInput(text="Only words", completed=True)
    drafting.save_answer(update=update, question=question, content=content, version=1, by=scene.writer, now=scene.now)
    response = as_(scene.writer).post(scene.url("check"))
    words = "Objective 2: Measuring and reporting: Choose how far you are with this objective."
    assert errors_of(response) == [(f"{scene.url('objective-2')}#id_rating_0", words)]
    assert scene.update().state == State.DRAFT


def test_asking_hands_it_to_the_leader_and_says_what_happens_next(scene: Scene) -> None:
    scene.start(complete=True)
    response = as_(scene.writer).post(scene.url("check"), follow=True)
    assert response.redirect_chain == [(scene.url("asked"), 302)]
    assert "We have written to: Dr Ngozi Bello, Chief executive." in words_of(response)
    assert "It is on time if signed by the end of" in words_of(response)
    assert scene.update().state == State.AWAITING_SIGN_OFF


def test_asking_twice_changes_nothing_and_says_so_kindly(scene: Scene) -> None:
    scene.start(complete=True)
    client = as_(scene.writer)
    client.post(scene.url("check"))
    response = client.post(scene.url("check"), follow=True)
    assert response.redirect_chain == [(scene.url("asked"), 302)]
    assert "The signature is already asked for. Nothing was changed." in words_of(response)
    assert scene.update().changes.count() == 1
    assert mails("update_to_sign") == [scene.leader.email]


def test_whoever_asked_takes_it_back(scene: Scene) -> None:
    scene.start(State.AWAITING_SIGN_OFF)
    response = as_(scene.writer).post(scene.url("take-back"), follow=True)
    assert "The request is taken back. You can write again." in words_of(response)
    assert scene.update().state == State.DRAFT


def test_taking_back_what_was_signed_in_between_changes_nothing(scene: Scene) -> None:
    scene.start(State.SUBMITTED)
    response = as_(scene.writer).post(scene.url("take-back"), follow=True)
    assert "Somebody was faster: this update is now “Submitted”. Nothing was changed." in words_of(response)


# --- Sign ------------------------------------------------------------------------------------------------------


def test_the_leader_signs_and_hears_what_happens_next(scene: Scene) -> None:
    scene.start(State.AWAITING_SIGN_OFF)
    client = as_(scene.leader)
    page = client.get(scene.url("sign"))
    assert "We met local people and changed the rota." in words_of(page)
    assert "You sign as Dr Ngozi Bello, Chief executive, on" in words_of(page)
    assert "You wrote in these sections yourself" not in words_of(page)
    assert input_value(page, "read") == fingerprint(scene.update())
    response = client.post(scene.url("sign"), {"read": input_value(page, "read"), "declared": "on"}, follow=True)
    assert response.redirect_chain == [(scene.url("signed"), 302)]
    assert "Signed and sent" in words_of(response)
    assert "It was received on time." in words_of(response)
    assert Snapshot.objects.get().sha256 in words_of(response)
    assert scene.update().state == State.SUBMITTED


def test_a_second_press_changes_nothing_and_says_so_kindly(scene: Scene) -> None:
    scene.start(State.AWAITING_SIGN_OFF)
    client = as_(scene.leader)
    typed = {"read": fingerprint(scene.update()), "declared": "on"}
    client.post(scene.url("sign"), typed)
    response = client.post(scene.url("sign"), typed, follow=True)
    assert response.redirect_chain == [(scene.url("signed"), 302)]
    assert "You have already signed this update. Nothing was changed." in words_of(response)
    assert (Snapshot.objects.count(), scene.update().changes.count()) == (1, 2)


def test_without_the_declaration_nothing_is_signed(scene: Scene) -> None:
    scene.start(State.AWAITING_SIGN_OFF)
    response = as_(scene.leader).post(scene.url("sign"), {"read": fingerprint(scene.update())})
    assert errors_of(response) == [("#id_declared", "Tick the box to say that you have read the update and sign it.")]
    assert scene.update().state == State.AWAITING_SIGN_OFF


def test_signing_needs_a_fresh_sign_in_and_keeps_what_was_ticked(scene: Scene) -> None:
    scene.start(State.AWAITING_SIGN_OFF)
    client = as_(scene.leader, fresh=False)
    for response in (
        client.get(scene.url("sign")),
        client.post(scene.url("sign"), {"read": fingerprint(scene.update()), "declared": "on"}),
    ):
        assert response["Location"].startswith("/account/confirm/?next=")
    assert scene.update().state == State.AWAITING_SIGN_OFF


@pytest.mark.parametrize("changed", [False, True])
def test_the_tick_outlasts_the_fresh_sign_in_only_for_the_words_that_were_read(scene: Scene, changed: bool) -> None:
    update = scene.start(State.AWAITING_SIGN_OFF)
    client = as_(scene.leader, fresh=False)
    client.post(scene.url("sign"), {"read": fingerprint(update), "declared": "on"})
    if changed:
        change_while_awaiting(scene, update)
    kept = client.session["kept_requests"]
    client = as_(scene.leader)
    session = client.session
    session["kept_requests"] = kept
    session.save()
    response = client.get(scene.url("sign"))
    assert ("The answers have changed since you opened this page." in words_of(response)) == changed
    assert bool(re.search(r'<input[^>]*name="declared"[^>]* checked', response.content.decode())) != changed


def change_while_awaiting(scene: Scene, update) -> None:
    now = timezone.now()
    workflow.take_back(update=update, by=scene.writer, now=now)
    answer = scene.answer("challenges")
    content = drafting.AnswerInput(text="Quite other words", completed=True)
    drafting.save_answer(
        update=update, question=answer.question, content=content, version=answer.version, by=scene.writer, now=now
    )
    workflow.ask_for_signature(update=update, by=scene.writer, now=now)


def test_answers_that_changed_since_the_page_was_opened_are_not_signed(scene: Scene) -> None:
    update = scene.start(State.AWAITING_SIGN_OFF)
    client = as_(scene.leader)
    old = input_value(client.get(scene.url("sign")), "read")
    change_while_awaiting(scene, update)
    response = client.post(scene.url("sign"), {"read": old, "declared": "on"})
    assert response.status_code == 200
    assert "Nothing was signed The answers have changed since you opened this page." in words_of(response)
    assert "Quite other words" in words_of(response)
    assert input_value(response, "read") == fingerprint(scene.update())
    assert (scene.update().state, Snapshot.objects.count()) == (State.AWAITING_SIGN_OFF, 0)
    assert mails("update_submitted") == []


def test_the_page_names_what_the_leader_edited(scene: Scene) -> None:
    update = scene.start(complete=True)
    answer = scene.answer("challenges")
    content = drafting.AnswerInput(text="By the leader", completed=True)
    drafting.save_answer(
        update=update, question=answer.question, content=content, version=1, by=scene.leader, now=scene.now
    )
    workflow.ask_for_signature(update=update, by=scene.writer, now=timezone.now())
    assert "You wrote in these sections yourself: Challenges." in words_of(as_(scene.leader).get(scene.url("sign")))


def test_a_leader_who_asked_may_not_sign_where_there_are_colleagues(scene: Scene) -> None:
    update = scene.start(complete=True)
    workflow.ask_for_signature(update=update, by=scene.leader, now=timezone.now())
    client = as_(scene.leader)
    words = words_of(client.get(scene.url("sign")))
    assert "You asked for this signature, so you cannot also give it. A colleague can ask instead." in words
    assert "Sign and submit" not in words
    typed = {"read": fingerprint(scene.update()), "declared": "on"}
    assert client.post(scene.url("sign"), typed).status_code == 403
    assert scene.update().state == State.AWAITING_SIGN_OFF


def test_where_there_is_only_one_person_the_page_says_so() -> None:
    maker = make_public_pledge_maker()
    leader = maker.leaders.get().user
    entry = make_entry(pledge_maker=maker, round_=make_round())
    update = drafting.start_update(entry=entry, by=leader, now=timezone.now())
    fill(update, by=leader, now=timezone.now())
    client = as_(leader)
    base = f"/workspace/{maker.slug}/{entry.round.slug}"
    assert "You are the only person here, so you may ask and sign yourself." in words_of(client.get(f"{base}/check/"))
    client.post(f"{base}/check/")
    page = client.get(f"{base}/sign/")
    assert "so you both asked for this signature and give it." in words_of(page)
    client.post(f"{base}/sign/", {"read": input_value(page, "read"), "declared": "on"})
    update.refresh_from_db()
    assert update.state == State.SUBMITTED


def test_after_the_close_the_leader_is_told_and_cannot_sign(scene: Scene) -> None:
    scene.start(State.AWAITING_SIGN_OFF)
    past = timezone.now() - timedelta(days=1)
    scene.round.opens_at, scene.round.due_at, scene.round.closes_at = past - timedelta(days=9), past, past
    scene.round.save()
    words = words_of(as_(scene.leader).get(scene.url("sign")))
    assert "This round has closed. Ask the Synergi team for an extension." in words
    assert "Sign and submit" not in words


def test_late_is_told_as_late(scene: Scene) -> None:
    scene.start(State.AWAITING_SIGN_OFF)
    RoundEntry.objects.filter(pk=scene.entry.pk).update(due_at=timezone.now() - timedelta(days=3))
    response = sign(scene, as_(scene.leader))
    words = words_of(as_(scene.leader).get(response["Location"]))
    assert "Signed and sent" in words
    assert "received on time" not in words


# --- Return and recall ---------------------------------------------------------------------------------------------


def test_the_leader_returns_it_with_a_reason_that_the_writers_read_on_top(scene: Scene) -> None:
    scene.start(State.AWAITING_SIGN_OFF)
    response = as_(scene.leader).post(
        scene.url("return"), {"reason": "Name the partner.\r\n\r\n- and when"}, follow=True
    )
    assert "The update is back with its writers. They see your reason." in words_of(response)
    words = words_of(as_(scene.writer).get(scene.url()))
    assert "Sent back to you by Dr Ngozi Bello Name the partner. and when" in words
    assert scene.update().state == State.DRAFT


def test_a_return_without_a_reason_is_refused(scene: Scene) -> None:
    scene.start(State.AWAITING_SIGN_OFF)
    response = as_(scene.leader).post(scene.url("return"), {"reason": "  "})
    assert errors_of(response) == [("#id_reason", "Say why, so that they know what to change.")]
    assert scene.update().state == State.AWAITING_SIGN_OFF


def test_a_return_that_came_too_late_keeps_the_reason(scene: Scene) -> None:
    scene.start(State.AWAITING_SIGN_OFF)
    client = as_(scene.leader)
    workflow.take_back(update=scene.update(), by=scene.writer, now=timezone.now())
    response = client.post(scene.url("return"), {"reason": "My long reason"})
    assert (response.status_code, box(response, "reason")) == (409, "My long reason")


def test_a_return_by_somebody_who_no_longer_leads_keeps_the_reason(scene: Scene) -> None:
    scene.start(State.AWAITING_SIGN_OFF)
    response = as_(scene.writer).post(scene.url("return"), {"reason": "My long reason"})
    assert (response.status_code, box(response, "reason")) == (403, "My long reason")
    assert "Only a leader who signed the pledge can do this." in words_of(response)
    assert scene.update().state == State.AWAITING_SIGN_OFF


def test_a_recall_says_what_it_means_and_then_does_it(scene: Scene) -> None:
    scene.start(State.SUBMITTED)
    client = as_(scene.writer)
    assert "Until then it does not count as received." in words_of(client.get(scene.url("recall")))
    assert scene.update().state == State.SUBMITTED
    response = client.post(scene.url("recall"), follow=True)
    assert "The update is recalled. You can write again." in words_of(response)
    assert scene.update().state == State.DRAFT
    assert RoundEntry.objects.get(pk=scene.entry.pk).received_at is None


def test_a_recall_after_the_due_date_warns_that_it_will_be_late(scene: Scene) -> None:
    scene.start(State.SUBMITTED)
    RoundEntry.objects.filter(pk=scene.entry.pk).update(due_at=timezone.now() - timedelta(days=1))
    assert "If you recall it now, the update will be late." in words_of(as_(scene.writer).get(scene.url("recall")))


def test_a_recall_names_the_last_day_on_which_it_can_be_sent_again(scene: Scene) -> None:
    scene.start(State.SUBMITTED)
    words = words_of(as_(scene.writer).get(scene.url("recall")))
    last = max(scene.round.closes_at, scene.entry.due)
    assert f"After {date_format(timezone.localtime(last), 'j F Y')} it can no longer be sent" in words


def test_a_recall_of_what_was_sent_anew_leaves_the_first_receipt(scene: Scene) -> None:
    update = make_update(entry=scene.entry, state=State.RETURNED, now=scene.now - timedelta(minutes=9))
    now = timezone.now()
    workflow.ask_for_signature(update=update, by=scene.writer, now=now)
    workflow.sign(update=update, by=scene.leader, now=now, read=fingerprint(update))
    received = RoundEntry.objects.get(pk=scene.entry.pk).received_at
    client = as_(scene.writer)
    words = words_of(client.get(scene.url("recall")))
    day = date_format(timezone.localtime(received), "j F Y")
    assert f"What you sent on {day} goes on counting as received." in words
    assert ("does not count" in words, "on time" in words, "no longer be sent" in words) == (False, False, False)
    client.post(scene.url("recall"))
    assert RoundEntry.objects.get(pk=scene.entry.pk).received_at == received


def test_after_the_close_the_recall_page_says_why_there_is_none(scene: Scene) -> None:
    scene.start(State.SUBMITTED)
    past = timezone.now() - timedelta(days=1)
    scene.round.opens_at, scene.round.due_at, scene.round.closes_at = past - timedelta(days=9), past, past
    scene.round.save()
    client = as_(scene.writer)
    said = "This round has closed: what you recalled could not be sent again."
    assert said in words_of(client.get(scene.url("recall"), follow=True))
    response = client.post(scene.url("recall"))
    assert (response.status_code, said in words_of(response)) == (403, True)
    assert scene.update().state == State.SUBMITTED


def test_once_the_review_has_started_a_recall_changes_nothing(scene: Scene) -> None:
    update = scene.start(State.SUBMITTED)
    client = as_(scene.writer)
    workflow.start_review(update=update, by=make_caseworker(), now=timezone.now())
    response = client.post(scene.url("recall"), follow=True)
    assert "Somebody was faster: this update is now “In review”. Nothing was changed." in words_of(response)
    assert scene.update().state == State.IN_REVIEW


# --- Mail ------------------------------------------------------------------------------------------------------------


def test_leaders_get_a_signing_mail_with_the_address_of_the_page(scene: Scene) -> None:
    second = make_leader(pledge_maker=scene.maker, name="Sam Second").user
    scene.start(State.AWAITING_SIGN_OFF)
    assert mails("update_to_sign") == sorted([scene.leader.email, second.email])
    message = Message.objects.get(kind="update_to_sign", to=scene.leader.email)
    assert message.subject.startswith("Read and sign the update of Northtown Mental Health NHS Trust by ")
    assert f"http://127.0.0.1:8000{scene.url('sign')}" in message.text


def test_a_return_by_the_leader_is_mailed_to_the_writers_with_its_reason(scene: Scene) -> None:
    contributor, reader = scene.member(Role.CONTRIBUTOR), scene.member(Role.READER)
    update = scene.start(State.AWAITING_SIGN_OFF)
    workflow.return_by_leader(update=update, by=scene.leader, now=timezone.now(), reason="Name <the> partner & when.")
    assert mails("update_returned_by_leader") == sorted([scene.writer.email, contributor.email])
    assert reader.email not in mails("update_returned_by_leader")
    message = Message.objects.get(kind="update_returned_by_leader", to=scene.writer.email)
    assert "Name <the> partner & when." in message.text
    assert "Name &lt;the&gt; partner &amp; when." in message.html


def test_a_submission_is_mailed_to_all_members_and_to_the_team(scene: Scene) -> None:
    reader = scene.member(Role.READER)
    caseworker = make_caseworker()
    scene.start(State.SUBMITTED)
    assert mails("update_submitted") == sorted([reader.email, scene.writer.email, scene.leader.email])
    assert caseworker.email in mails("update_received")
    assert scene.writer.email not in mails("update_received")


def test_a_return_by_staff_is_mailed_with_its_date(scene: Scene) -> None:
    update = scene.start(State.IN_REVIEW)
    day = timezone.localdate() + timedelta(days=10)
    workflow.return_by_staff(update=update, by=make_caseworker(), now=timezone.now(), reason="Say who.", respond_by=day)
    assert mails("update_returned_by_staff") == sorted([scene.writer.email, scene.leader.email])
    message = Message.objects.filter(kind="update_returned_by_staff").first()
    assert message.subject == f"Change the update of Northtown Mental Health NHS Trust by {day.day} {day:%B %Y}"
    assert "Being sent back never makes an update late." in message.text


def test_publication_is_mailed_to_all_members_at_once_and_by_the_clock(scene: Scene) -> None:
    update = scene.start(State.ACCEPTED)
    workflow.publish_later(update=update, by=make_publisher(), now=timezone.now())
    assert mails("update_published") == []
    assert workflow.publish_due(now=update.publish_at) == 1
    assert mails("update_published") == sorted([scene.writer.email, scene.leader.email])


def test_a_hostile_name_starts_no_header(scene: Scene) -> None:
    scene.maker.name = "Northtown\r\nBcc: everybody@example.org"
    scene.maker.save()
    scene.entry.refresh_from_db()
    make_update(entry=RoundEntry.objects.get(pk=scene.entry.pk), state=State.AWAITING_SIGN_OFF)
    message = Message.objects.filter(kind="update_to_sign").get()
    assert "\n" not in message.subject
    assert "\r" not in message.subject


def test_the_signing_page_takes_a_fixed_number_of_queries(scene: Scene, django_assert_num_queries) -> None:
    scene.start(State.AWAITING_SIGN_OFF)
    client = as_(scene.leader)
    with django_assert_num_queries(24):
        assert client.get(scene.url("sign")).status_code == 200


def test_nobody_is_called_to_sign_what_was_taken_back(scene: Scene) -> None:
    update = scene.start(complete=True)
    workflow.ask_for_signature(update=update, by=scene.writer, now=scene.now)
    workflow.take_back(update=update, by=scene.writer, now=scene.now)
    old = Message.objects.get(kind="update_to_sign")
    assert not guards.still_wanted(old, scene.now)
    workflow.ask_for_signature(update=update, by=scene.writer, now=scene.now)
    new = Message.objects.exclude(pk=old.pk).get(kind="update_to_sign")
    assert (guards.still_wanted(old, scene.now), guards.still_wanted(new, scene.now)) == (False, True)
