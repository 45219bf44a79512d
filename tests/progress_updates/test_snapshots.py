"""What was signed: canonical bytes with a hash, which nothing changes afterwards."""

import hashlib
import json
from datetime import date

import pytest
from django.utils import timezone

from progress_updates import drafting, workflow
from progress_updates.models import Snapshot, State
from progress_updates.snapshots import canonical, content_of, fingerprint, read
from progress_updates.workflow import ChangedSinceRead
from signatories.models import Role
from tests.factories.progress_updates import leader_of, make_entry, make_round, make_update, writer_of
from tests.factories.signatories import make_member, make_public_pledge_maker

NOW = timezone.now()


def test_equal_content_has_one_spelling() -> None:
    assert canonical({"b": "é", "a": [1, None]}) == '{"a":[1,null],"b":"é"}'.encode()


@pytest.mark.django_db
class TestSnapshot:
    def test_signing_stores_the_bytes_and_their_hash(self) -> None:
        update = make_update(state=State.SUBMITTED)
        snapshot = update.snapshots.get()
        assert snapshot.sha256 == hashlib.sha256(bytes(snapshot.body)).hexdigest()
        assert snapshot.is_intact()
        assert read(snapshot) == json.loads(canonical(content_of(update)))

    def test_it_holds_names_wording_answers_and_steps(self) -> None:
        update = make_update(state=State.SUBMITTED)
        content = read(update.snapshots.get())
        leader = update.signed_by
        assert content["pledge_maker"]["name"] == update.entry.pledge_maker.name
        assert content["covers"]["leaders"] == [
            {"name": leader.name, "role_title": leader.role_title, "organisation": leader.organisation.name}
        ]
        assert content["signed"]["name"] == leader.name
        assert [section["key"] for section in content["sections"]][:2] == ["why", "objective-1"]
        first = content["sections"][1]
        assert first["wording"].startswith("Initiate fundamental service level changes")
        assert first["next_steps"] == [
            {"what": "Publish the figures", "who": "Director of nursing", "by_when": "2027-03-31"}
        ]
        assert first["evidence"] == ["https://northtown.example/board"]

    def test_it_never_holds_addresses_contributors_or_lateness(self) -> None:
        update = make_update()
        maker = update.entry.pledge_maker
        contributor = make_member(pledge_maker=maker, role=Role.CONTRIBUTOR, name="Quiet Contributor").user
        update.entry.late_reason = "A secret reason"
        update.entry.save()
        workflow.ask_for_signature(update=update, by=contributor, now=NOW)
        snapshot = workflow.sign(update=update, by=leader_of(maker), now=NOW, read=fingerprint(update))
        text = bytes(snapshot.body).decode()
        assert maker.name in text
        for hidden in ("@", "Quiet Contributor", "A secret reason"):
            assert hidden not in text

    def test_promises_of_last_round_are_in_it_with_what_became_of_them(self) -> None:
        make_public_pledge_maker()
        before = make_round(due_on=date(2025, 9, 30), now=NOW.replace(year=2025, month=9, day=1))
        make_update(entry=before.entries.get(), state=State.SUBMITTED, now=NOW.replace(year=2025, month=9, day=2))
        after = make_round(due_on=date(2026, 3, 31), now=NOW.replace(year=2026, month=3, day=1))
        update = make_update(
            entry=after.entries.get(), state=State.SUBMITTED, now=NOW.replace(year=2026, month=3, day=2)
        )
        content = read(update.snapshots.get())
        assert content["sections"][1]["steps_before"] == [
            {
                "what": "Publish the figures",
                "who": "Director of nursing",
                "by_when": "2027-03-31",
                "outcome": "done",
                "new_date": None,
                "why": "",
            }
        ]

    def test_what_the_leader_did_not_read_is_not_signed(self) -> None:
        update = make_update()
        writer, leader = writer_of(update.entry.pledge_maker), leader_of(update.entry.pledge_maker)
        seen = fingerprint(update)
        answer = update.answers.get(question__key="challenges")
        content = drafting.AnswerInput(text="Something else", completed=True)
        drafting.save_answer(
            update=update, question=answer.question, content=content, version=answer.version, by=writer, now=NOW
        )
        workflow.ask_for_signature(update=update, by=writer, now=NOW)
        with pytest.raises(ChangedSinceRead):
            workflow.sign(update=update, by=leader, now=NOW, read=seen)
        update.refresh_from_db()
        assert (update.state, Snapshot.objects.count(), update.entry.received_at) == (
            State.AWAITING_SIGN_OFF,
            0,
            None,
        )

    def test_a_second_signature_makes_a_second_snapshot_and_keeps_the_first(self) -> None:
        update = make_update(state=State.RETURNED)
        writer, leader = writer_of(update.entry.pledge_maker), leader_of(update.entry.pledge_maker)
        first = update.snapshots.get()
        workflow.ask_for_signature(update=update, by=writer, now=NOW)
        second = workflow.sign(update=update, by=leader, now=NOW, read=fingerprint(update))
        assert list(update.snapshots.order_by("pk")) == [first, second]
        assert Snapshot.objects.get(pk=first.pk).is_intact()

    def test_taking_one_needs_the_same_queries_however_much_was_written(self, django_assert_num_queries) -> None:
        for update in (make_update(complete=False), make_update()):
            update = type(update).objects.get(pk=update.pk)
            with django_assert_num_queries(10):
                content_of(update)


@pytest.mark.django_db
def test_a_changed_byte_is_noticed() -> None:
    snapshot = make_update(entry=make_entry(), state=State.SUBMITTED).snapshots.get()
    snapshot.body = bytes(snapshot.body).replace(b"Northtown", b"Southtown", 1)
    assert not snapshot.is_intact()
