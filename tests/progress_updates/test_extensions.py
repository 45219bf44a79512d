"""More time: granted to one, several or all, asked for, refused; and never lost between two people."""

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import AuditEvent, User
from mail.models import Message
from progress_updates import extensions, not_required, workflow
from progress_updates.extensions import AlreadyAnswered, ExtensionRefused
from progress_updates.lateness import lateness, public_status
from progress_updates.models import Extension, ExtensionRequest, ProgressUpdate, Round, RoundEntry, State
from progress_updates.permissions import NotAllowed
from progress_updates.snapshots import fingerprint
from reminders.owed import owed_to
from signatories.models import PledgeMaker, Role
from tests.factories.accounts import make_caseworker
from tests.factories.progress_updates import leader_of, make_entry, make_round, make_update, writer_of
from tests.factories.signatories import make_leader, make_member, make_public_pledge_maker

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 2, 11, 0, 0, 500, tzinfo=UTC)
DUE, LATER = date(2026, 11, 20), date(2026, 12, 1)


@pytest.fixture
def entry() -> RoundEntry:
    maker = make_public_pledge_maker(now=NOW - timedelta(days=100))
    return make_entry(pledge_maker=maker, round_=make_round(due_on=DUE, now=NOW))


def grant(*entries: RoundEntry, **more: object) -> Extension:
    about = {"due_on": LATER, "reason": "A flood.", "by": make_caseworker(), "now": NOW, "round_": entries[0].round}
    return extensions.grant(entries=entries, **{**about, **more})


def ask(entry: RoundEntry, **more: object) -> ExtensionRequest:
    about = {"wanted_on": LATER, "reason": "Our lead is ill.", "by": writer_of(entry.pledge_maker), "now": NOW}
    return extensions.ask(entry=entry, **{**about, **more})


def kinds() -> list[str]:
    return list(Message.objects.filter(kind__startswith="more_time").order_by("pk").values_list("kind", flat=True))


def test_the_new_due_instant_is_the_last_second_of_the_day_in_london(entry: RoundEntry) -> None:
    extension = grant(entry, public_words=" The offices were flooded.\n")
    entry.refresh_from_db()
    assert timezone.localtime(entry.due).isoformat() == "2026-12-01T23:59:59+00:00"
    assert (entry.extension, list(extension.entries.all())) == (extension, [entry])
    status = public_status(entry, NOW)
    assert (status.words, status.fact, status.beside) == (
        "Extension to 1 December 2026",
        "First due 20 November 2026.",
        "The offices were flooded.",
    )
    event = AuditEvent.objects.get(action="entry.extended")
    assert (event.about_id, event.by, event.detail["extension"]) == (entry.pk, extension.granted_by, extension.pk)


def test_everybody_who_writes_hears_of_it_and_readers_do_not(entry: RoundEntry) -> None:
    people = [make_member(pledge_maker=entry.pledge_maker, role=role).user for role in (Role.CONTRIBUTOR, Role.READER)]
    writer, leader = writer_of(entry.pledge_maker), leader_of(entry.pledge_maker)
    grant(entry, public_words="A flood.")
    told = Message.objects.filter(kind="more_time_given")
    assert set(told.values_list("to", flat=True)) == {leader.email, writer.email, people[0].email}
    assert told[0].subject == f"Send the update of {entry.pledge_maker.name} by 1 December 2026"


def test_several_are_given_at_once_and_who_cannot_have_it_is_left_out(entry: RoundEntry) -> None:
    makers = [make_public_pledge_maker(now=NOW - timedelta(days=90)) for _ in range(3)]
    round_ = make_round(due_on=DUE, now=NOW)
    received, extended, open_ = (make_entry(pledge_maker=maker, round_=round_) for maker in makers)
    make_update(entry=received, state=State.SUBMITTED, now=NOW)
    received.refresh_from_db()
    grant(extended, due_on=LATER + timedelta(days=3))
    extension = grant(received, extended, open_, entry, round_=round_)
    assert list(extension.entries.all()) == [open_]
    extended.refresh_from_db()
    assert timezone.localdate(extended.due) == LATER + timedelta(days=3)


@pytest.mark.parametrize("count", [1, 30])
def test_an_outage_costs_the_same_queries_for_any_number(count: int, django_assert_num_queries) -> None:
    maker = make_public_pledge_maker(now=NOW - timedelta(days=90))
    PledgeMaker.objects.bulk_create(
        PledgeMaker(name=f"Copy {n}", slug=f"copy-{n}", created_at=maker.created_at) for n in range(count - 1)
    )
    round_ = make_round(due_on=DUE, now=NOW)
    rows = [
        RoundEntry(round=round_, pledge_maker=m, due_at=round_.due_at)
        for m in PledgeMaker.objects.filter(slug__startswith="copy")
    ]
    RoundEntry.objects.bulk_create(rows)
    entries, by = list(round_.entries.all()), make_caseworker()
    assert len(entries) == count
    with django_assert_num_queries(25):
        grant(*entries, by=by)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"due_on": date(2026, 11, 1)}, "Choose a day that is not in the past."),
        ({"due_on": DUE}, "Nobody was given more time: none of them needs it until that day."),
        ({"due_on": date(2028, 1, 1)}, "Nobody was given more time: none of them needs it until that day."),
        ({"reason": " \n"}, "Say why, for the record."),
    ],
)
def test_what_is_no_more_time_is_refused(entry: RoundEntry, more: dict, words: str) -> None:
    with pytest.raises(ExtensionRefused) as refusal:
        grant(entry, **more)
    assert (str(refusal.value), Extension.objects.count(), kinds()) == (words, 0, [])


def test_a_covered_entry_needs_no_more_time(entry: RoundEntry) -> None:
    RoundEntry.objects.update(why_not_required="joined_after_opening")
    with pytest.raises(ExtensionRefused):
        grant(entry)


def test_nobody_gets_more_time_in_a_round_that_is_history(entry: RoundEntry) -> None:
    Round.objects.update(is_past=True)
    for act in (grant, ask):
        with pytest.raises(ExtensionRefused, match="entered as history"):
            act(RoundEntry.objects.select_related("round", "pledge_maker").get(pk=entry.pk))
    assert kinds() == []


@pytest.mark.parametrize("who", ["leader", "coordinator", "disabled"])
def test_only_the_team_grants(entry: RoundEntry, who: str) -> None:
    by = {"leader": leader_of, "coordinator": writer_of}.get(who, lambda _maker: make_caseworker())(entry.pledge_maker)
    by.is_active = who != "disabled"
    with pytest.raises(NotAllowed):
        grant(entry, by=by)
    assert Extension.objects.count() == 0


def test_after_the_close_an_extension_opens_the_entry_again(entry: RoundEntry) -> None:
    update = make_update(entry=entry, now=NOW)
    after = datetime(2026, 12, 24, 12, tzinfo=UTC)
    grant(entry, due_on=date(2027, 1, 5), now=after)
    update = ProgressUpdate.objects.select_related("entry__round").get(pk=update.pk)
    workflow.ask_for_signature(update=update, by=writer_of(entry.pledge_maker), now=after)
    workflow.sign(update=update, by=leader_of(entry.pledge_maker), now=after, read=fingerprint(update))
    entry.refresh_from_db()
    assert lateness(entry, after) == "on_time"


def test_a_second_extension_counts_and_both_stay(entry: RoundEntry) -> None:
    grant(entry)
    second = grant(entry, due_on=LATER + timedelta(days=7))
    entry.refresh_from_db()
    assert (entry.extension, entry.extensions.count()) == (second, 2)


def test_an_extension_moves_the_reminders(entry: RoundEntry) -> None:
    user, at = writer_of(entry.pledge_maker), datetime(2026, 11, 18, 10, tzinfo=UTC)
    assert owed_to(user=user, role=Role.COORDINATOR, entry=entry, now=at).due_on == DUE
    grant(entry)
    entry.refresh_from_db()
    owed = owed_to(user=user, role=Role.COORDINATOR, entry=entry, now=at)
    assert owed is None or owed.due_on == LATER


# --- Asked for -------------------------------------------------------------------------------------------


def test_a_request_goes_to_whoever_looks_after_them(entry: RoundEntry) -> None:
    caseworker = make_caseworker()
    make_caseworker()
    PledgeMaker.objects.filter(pk=entry.pledge_maker_id).update(caseworker=caseworker)
    entry.pledge_maker.refresh_from_db()
    request = ask(entry)
    [message] = Message.objects.filter(kind="more_time_asked")
    assert (message.to, "Our lead is ill." in message.text) == (caseworker.email, True)
    assert f"/staff/more-time/{request.pk}/" in message.text
    assert extensions.open_requests() == [request]


def test_where_nobody_looks_after_them_the_queue_has_it_and_no_mail_goes(entry: RoundEntry) -> None:
    make_caseworker()
    request = ask(entry)
    assert (kinds(), extensions.open_requests()) == ([], [request])


def test_a_second_press_finds_the_first_request(entry: RoundEntry) -> None:
    assert ask(entry) == ask(entry, reason="Again")
    assert AuditEvent.objects.filter(action="entry.more_time_asked").count() == 1


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"wanted_on": DUE}, "Choose a day after your due day."),
        ({"wanted_on": date(2026, 10, 1)}, "Choose a day that is not in the past."),
        ({"wanted_on": date(2072, 11, 1)}, "Choose a day within a year of your due day."),
        ({"reason": " "}, "Say why you need more time."),
    ],
)
def test_a_request_that_asks_for_nothing_is_refused(entry: RoundEntry, more: dict, words: str) -> None:
    with pytest.raises(ExtensionRefused) as refusal:
        ask(entry, **more)
    assert (str(refusal.value), ExtensionRequest.objects.count()) == (words, 0)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"received_at": NOW}, "Your update was received, so there is no deadline to move."),
        ({"why_not_required": "covered"}, "No update is asked of you in this round, so there is no deadline to move."),
    ],
)
def test_nothing_is_asked_for_where_no_deadline_stands(entry: RoundEntry, fields: dict, words: str) -> None:
    RoundEntry.objects.filter(pk=entry.pk).update(**fields)
    with pytest.raises(ExtensionRefused, match=words):
        ask(entry)


@pytest.mark.parametrize("role", [Role.CONTRIBUTOR, Role.READER, "other", "team"])
def test_only_a_leader_or_a_coordinator_asks(entry: RoundEntry, role: str) -> None:
    others: dict[str, Callable[[], User]] = {"other": lambda: make_leader().user, "team": make_caseworker}
    by = others[role]() if role in others else make_member(pledge_maker=entry.pledge_maker, role=role).user
    with pytest.raises(NotAllowed):
        ask(entry, by=by)


def test_a_grant_answers_the_open_request(entry: RoundEntry) -> None:
    request = ask(entry)
    extension = grant(entry)
    request.refresh_from_db()
    assert (request.granted, request.answered_by, extensions.open_requests()) == (extension, extension.granted_by, [])
    assert ask(entry, wanted_on=LATER + timedelta(days=5)) != request


def test_a_refusal_is_mailed_with_its_words(entry: RoundEntry) -> None:
    request, by = ask(entry), make_caseworker()
    extensions.refuse(request=request, words="The report goes to print.", by=by, now=NOW)
    told = Message.objects.filter(kind="more_time_refused")
    assert {message.to for message in told} == {
        writer_of(entry.pledge_maker).email,
        leader_of(entry.pledge_maker).email,
    }
    assert "The report goes to print." in told[0].text
    assert (request.refusal, request.answered_by) == ("The report goes to print.", by)


def test_a_refusal_needs_words_and_the_team(entry: RoundEntry) -> None:
    request = ask(entry)
    with pytest.raises(ExtensionRefused, match=r"Say why not, so that they know."):
        extensions.refuse(request=request, words=" ", by=make_caseworker(), now=NOW)
    with pytest.raises(NotAllowed):
        extensions.refuse(request=request, words="No.", by=leader_of(entry.pledge_maker), now=NOW)


def test_an_answered_request_is_not_answered_again(entry: RoundEntry) -> None:
    request = ask(entry)
    stale = ExtensionRequest.objects.get(pk=request.pk)
    extensions.refuse(request=request, words="No.", by=make_caseworker(), now=NOW)
    with pytest.raises(AlreadyAnswered):
        grant(entry, answering=stale)
    stale = ExtensionRequest.objects.get(pk=request.pk)
    with pytest.raises(AlreadyAnswered):
        extensions.refuse(request=stale, words="No again.", by=make_caseworker(), now=NOW)
    assert (Extension.objects.count(), kinds().count("more_time_refused")) == (0, 2)


# --- Many at once ----------------------------------------------------------------------------------------


def at_once(*acts: Callable[[], object]) -> list[str]:
    """Runs them in threads that start together; what each raised, or "done", in the order of the acts."""
    start, said = threading.Barrier(len(acts)), [""] * len(acts)

    def run(number: int) -> None:
        try:
            start.wait(10)
            acts[number]()
            said[number] = "done"
        except Exception as error:
            said[number] = type(error).__name__
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return said


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", range(3))
def test_a_grant_while_the_leader_signs_is_either_before_or_not_at_all(turn: int) -> None:
    assert connection.vendor == "postgresql", "this must be shown on the database of production"
    entry = make_entry(pledge_maker=make_public_pledge_maker(), round_=None)
    update = make_update(entry=entry, state=State.AWAITING_SIGN_OFF)
    leader, by, now, read = leader_of(entry.pledge_maker), make_caseworker(), timezone.now(), fingerprint(update)
    due_on = timezone.localdate(entry.due_at) + timedelta(days=5)

    def sign() -> None:
        mine = ProgressUpdate.objects.select_related("entry__round").get(pk=update.pk)
        workflow.sign(update=mine, by=leader, now=now, read=read)

    def give() -> None:
        extensions.grant(round_=entry.round, entries=[entry], due_on=due_on, reason="Flood.", by=by, now=now)

    signed, given = at_once(sign, give)
    entry.refresh_from_db()
    assert (signed, entry.received_at) == ("done", now.replace(microsecond=0))
    assert (given, entry.extended_to is not None) in [("done", True), ("ExtensionRefused", False)]
    assert (entry.extension is not None) == (entry.extended_to is not None)


@pytest.mark.django_db(transaction=True)
def test_of_ten_answers_at_once_one_counts() -> None:
    entry = make_entry(pledge_maker=make_public_pledge_maker(), round_=None)
    wanted_on = timezone.localdate(entry.due_at) + timedelta(days=5)
    request, by, now = ask(entry, wanted_on=wanted_on, now=timezone.now()), make_caseworker(), timezone.now()

    def refuse() -> None:
        extensions.refuse(request=ExtensionRequest.objects.get(pk=request.pk), words="No.", by=by, now=now)

    def give() -> None:
        mine = ExtensionRequest.objects.get(pk=request.pk)
        extensions.grant(
            round_=entry.round, entries=[entry], due_on=wanted_on, reason="Yes.", by=by, now=now, answering=mine
        )

    said = at_once(*[refuse, give] * 5)
    assert sorted(said) == ["AlreadyAnswered"] * 9 + ["done"]
    request.refresh_from_db()
    assert (request.granted is not None) != bool(request.refusal)
    assert Extension.objects.count() == (1 if request.granted else 0)


@pytest.mark.django_db(transaction=True)
def test_of_ten_requests_at_once_one_is_open() -> None:
    entry = make_entry(pledge_maker=make_public_pledge_maker(), round_=None)
    by, now = writer_of(entry.pledge_maker), timezone.now()
    wanted_on = timezone.localdate(entry.due_at) + timedelta(days=5)
    said = at_once(*[lambda: extensions.ask(entry=entry, wanted_on=wanted_on, reason="Ill.", by=by, now=now)] * 10)
    assert (set(said), ExtensionRequest.objects.count()) == ({"done"}, 1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", range(3))
def test_covering_while_the_leader_signs_is_either_before_or_not_at_all(turn: int) -> None:
    """Never both: an update received from somebody of whom the public reads that another reports for it."""
    makers = [make_public_pledge_maker() for _ in range(2)]
    round_: Round = make_round()
    entry, other = (make_entry(pledge_maker=maker, round_=round_) for maker in makers)
    update = make_update(entry=entry, state=State.AWAITING_SIGN_OFF)
    leader, by, now, read = leader_of(makers[0]), make_caseworker(), timezone.now(), fingerprint(update)

    def sign() -> None:
        mine = ProgressUpdate.objects.select_related("entry__round", "entry__pledge_maker").get(pk=update.pk)
        workflow.sign(update=mine, by=leader, now=now, read=read)

    said = at_once(sign, lambda: not_required.cover(entry=entry, by_entry=other, by=by, now=now))
    entry.refresh_from_db()
    seen = (*said, entry.received_at is not None, entry.covered_by_id)
    assert seen in [("done", "Refused", True, None), ("NotAllowed", "done", False, other.pk)]
