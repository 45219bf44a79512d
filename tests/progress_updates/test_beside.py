"""What a Pledge Maker says beside its status, and words that are taken away."""

from datetime import UTC, date, datetime

import pytest

from accounts.models import AuditEvent, User
from mail.models import Message
from progress_updates import beside
from progress_updates.beside import ChangedMeanwhile, WordsRefused
from progress_updates.models import RoundEntry, State
from progress_updates.permissions import NotAllowed
from signatories.models import Role
from tests.factories.accounts import make_caseworker
from tests.factories.progress_updates import leader_of, make_entry, make_round, make_update, writer_of
from tests.factories.signatories import make_leader, make_member, make_public_pledge_maker

pytestmark = pytest.mark.django_db
BEFORE, NOW = datetime(2026, 10, 20, 11, tzinfo=UTC), datetime(2026, 11, 25, 11, tzinfo=UTC)


@pytest.fixture
def entry() -> RoundEntry:
    """Due on 20 November, and not received on the 25th."""
    return make_entry(
        pledge_maker=make_public_pledge_maker(now=datetime(2026, 8, 1, tzinfo=UTC)),
        round_=make_round(due_on=date(2026, 11, 20), now=BEFORE),
    )


def say(entry: RoundEntry, **more: object) -> None:
    about = {
        "late_reason": "Our board met late.",
        "right_of_reply": "",
        "by": writer_of(entry.pledge_maker),
        "now": NOW,
    }
    beside.say(**{"entry": entry, "seen": beside.mark_of(entry), **about, **more})
    entry.refresh_from_db()


def test_words_stand_once_they_are_saved_and_leave_a_trace(entry: RoundEntry) -> None:
    say(entry, right_of_reply=" We asked\r\nfor help. ")
    assert (entry.late_reason, entry.right_of_reply) == ("Our board met late.", "We asked\nfor help.")
    event = AuditEvent.objects.get(action="entry.words_said")
    assert (event.by, event.detail) == (writer_of(entry.pledge_maker), {"parts": ["late_reason", "right_of_reply"]})


def test_saving_what_stands_leaves_no_second_trace(entry: RoundEntry) -> None:
    say(entry)
    say(entry, seen="anything")
    assert AuditEvent.objects.filter(action="entry.words_said").count() == 1


def test_a_late_update_can_be_explained_and_one_in_time_cannot(entry: RoundEntry) -> None:
    update = make_update(entry=entry, state=State.AWAITING_SIGN_OFF, now=BEFORE)
    RoundEntry.objects.filter(pk=entry.pk).update(received_at=NOW)
    say(entry)
    RoundEntry.objects.filter(pk=entry.pk).update(received_at=BEFORE)
    with pytest.raises(WordsRefused, match="neither late nor missing"):
        say(entry, late_reason="Other words")
    say(entry, late_reason="")
    assert (entry.late_reason, update.state) == ("", State.AWAITING_SIGN_OFF)


@pytest.mark.parametrize(("part", "limit"), [("late_reason", 100), ("right_of_reply", 200)])
def test_the_word_limit_is_kept(entry: RoundEntry, part: str, limit: int) -> None:
    say(entry, **{part: "word " * limit})
    with pytest.raises(WordsRefused, match=f"Use {limit} words or fewer."):
        say(entry, **{part: "word " * (limit + 1)})


def test_two_writers_are_told_of_each_other(entry: RoundEntry) -> None:
    seen = beside.mark_of(entry)
    say(entry, late_reason="First words.")
    with pytest.raises(ChangedMeanwhile) as conflict:
        say(entry, late_reason="Second words.", seen=seen)
    assert conflict.value.entry.late_reason == "First words."
    assert RoundEntry.objects.get(pk=entry.pk).late_reason == "First words."


@pytest.mark.parametrize("role", [Role.CONTRIBUTOR, Role.READER, "other"])
def test_who_may_not_speak_says_nothing(entry: RoundEntry, role: str) -> None:
    by: User = (
        make_leader().user if role == "other" else make_member(pledge_maker=entry.pledge_maker, role=role).user  # type: ignore[assignment]
    )
    with pytest.raises(NotAllowed):
        say(entry, by=by)
    assert RoundEntry.objects.get(pk=entry.pk).late_reason == ""


def test_the_leader_and_the_team_may_say_it(entry: RoundEntry) -> None:
    say(entry, by=leader_of(entry.pledge_maker))
    caseworker = make_caseworker()
    say(entry, by=caseworker, right_of_reply="By telephone: we will send it.")
    assert AuditEvent.objects.filter(action="entry.words_said").latest("pk").by == caseworker


def test_the_queue_has_what_pledge_makers_said_lately(entry: RoundEntry) -> None:
    assert beside.newly_said(NOW) == []
    say(entry)
    [said] = beside.newly_said(NOW)
    assert (said.entry, said.by, said.at) == (entry, writer_of(entry.pledge_maker), NOW)
    assert beside.newly_said(NOW + beside.NEWS_FOR) == []


def test_what_the_team_entered_itself_is_no_news_to_it(entry: RoundEntry) -> None:
    say(entry, by=make_caseworker())
    assert beside.newly_said(NOW) == []


def test_words_with_personal_data_are_taken_away_and_kept_nowhere(entry: RoundEntry) -> None:
    say(entry, late_reason="Jo Blythe of ward 4 was ill.", right_of_reply="We are sorry.")
    by = make_caseworker()
    beside.take_away(entry=entry, part="late_reason", reason="It named a member of staff.", by=by, now=NOW)
    entry.refresh_from_db()
    assert (entry.late_reason, entry.right_of_reply, beside.newly_said(NOW) != []) == ("", "We are sorry.", True)
    told = Message.objects.filter(kind="words_removed")
    assert {message.to for message in told} == {
        leader_of(entry.pledge_maker).email,
        writer_of(entry.pledge_maker).email,
    }
    assert "It named a member of staff." in told[0].text
    traces = [
        *Message.objects.values_list("text", flat=True),
        *map(str, AuditEvent.objects.values_list("detail", flat=True)),
    ]
    assert [trace for trace in traces if "Blythe" in trace] == []
    assert AuditEvent.objects.get(action="entry.words_removed").by == by


@pytest.mark.parametrize(
    ("part", "reason", "words"),
    [
        ("late_reason", " ", "Say why, so that they can write it again without personal data."),
        ("right_of_reply", "A name.", "These words are gone already. Nothing was changed."),
        ("received_at", "A name.", "These words are gone already. Nothing was changed."),
    ],
)
def test_only_words_that_stand_are_taken_away_and_with_a_reason(
    entry: RoundEntry, part: str, reason: str, words: str
) -> None:
    say(entry)
    with pytest.raises(WordsRefused) as refusal:
        beside.take_away(entry=entry, part=part, reason=reason, by=make_caseworker(), now=NOW)
    assert (str(refusal.value), Message.objects.filter(kind="words_removed").count()) == (words, 0)


def test_a_pledge_maker_takes_its_words_back_by_saying_nothing(entry: RoundEntry) -> None:
    say(entry)
    with pytest.raises(NotAllowed):
        beside.take_away(entry=entry, part="late_reason", reason="x", by=writer_of(entry.pledge_maker), now=NOW)
    say(entry, late_reason="")
    assert (entry.late_reason, beside.newly_said(NOW)) == ("", [])
