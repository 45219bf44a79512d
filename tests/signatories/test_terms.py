"""Leaders change: a term ends on a day, the pledge stands, the successor re-affirms it or asks for changes."""

from datetime import date, datetime, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command

from accounts.models import AuditEvent, User
from mail.models import Message
from signatories import erasing, last_days, signing, statements, terms
from signatories.caseworkers import give_to_caseworker
from signatories.models import ChangesAsked, Leader, Membership, PledgeMaker, Role, Signature, StatementState
from tests.factories.accounts import make_caseworker, make_user
from tests.factories.signatories import make_leader, make_member, make_pledge_maker, make_statement

pytestmark = pytest.mark.django_db
LONDON = ZoneInfo("Europe/London")
SIGNED = datetime(2026, 3, 2, 10, tzinfo=LONDON)
NOW = datetime(2026, 11, 22, 11, tzinfo=LONDON)
TODAY = NOW.date()


@pytest.fixture
def leader(db) -> Leader:
    """In office since March, under a published Statement."""
    found = make_leader(name="Dr Ngozi Bello", email="ngozi@northtown.example", now=SIGNED)
    make_statement(leader=found, state=StatementState.PUBLISHED, now=SIGNED)
    return found


@pytest.fixture
def maker(leader: Leader) -> PledgeMaker:
    return leader.pledge_maker


@pytest.fixture
def coordinator(maker: PledgeMaker) -> User:
    return make_member(pledge_maker=maker, name="Tom Ashworth", email="tom@northtown.example", now=SIGNED).user


@pytest.fixture
def successor(leader: Leader, coordinator: User) -> Leader:
    """Accepted today, after the leader had left yesterday."""
    end(leader, TODAY - timedelta(days=1), by=coordinator)
    who = {"name": "Dr Leila Hosseini", "email": "leila@northtown.example"}
    return make_leader(pledge_maker=leader.pledge_maker, now=NOW, **who)


def end(leader: Leader, day: date, *, by: User, now: datetime = NOW, **more) -> Leader:
    return terms.end_term(leader=leader, until_on=day, by=by, now=now, **more)


def said(kind: str) -> dict[str, str]:
    """Subjects of the mails of a kind, by recipient."""
    return {message.to: message.subject for message in Message.objects.filter(kind=kind).order_by("pk")}


# --- A term ends ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("days", [0, 1, 30])
def test_a_day_that_is_here_ends_the_membership_at_once(leader, coordinator, days):
    end(leader, TODAY - timedelta(days=days), by=coordinator)
    assert Leader.objects.get().until_on == TODAY - timedelta(days=days)
    gone = Membership.objects.get(user=leader.user)
    assert (gone.ended_at, gone.ended_by) == (NOW, coordinator)


def test_a_day_to_come_is_kept_and_the_leader_acts_until_it_is_over(leader, coordinator):
    last = date(2026, 11, 30)
    end(leader, last, by=coordinator)
    assert Membership.objects.get(user=leader.user).ended_at is None
    assert (end_due(2026, 11, 30, 23, 59), end_due(2026, 12, 1, 0, 0), end_due(2026, 12, 1, 0, 1)) == (0, 1, 0)
    assert Membership.objects.get(user=leader.user).ended_at == datetime(2026, 12, 1, tzinfo=LONDON)
    event = AuditEvent.objects.get(action="membership.term_over")
    assert (event.by, event.before, event.after) == (None, {"role": "leader"}, {"role": ""})


def end_due(*moment: int) -> int:
    return last_days.end_due(now=datetime(*moment, tzinfo=LONDON))  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("last_day", "open_at", "over_at"),
    [
        # London is an hour ahead of UTC until 25 October 2026, and from 28 March 2027.
        (date(2026, 10, 24), datetime(2026, 10, 24, 23, 59), datetime(2026, 10, 25, 0, 0)),
        (date(2026, 10, 25), datetime(2026, 10, 25, 23, 59), datetime(2026, 10, 26, 0, 0)),
        (date(2027, 3, 28), datetime(2027, 3, 28, 23, 59), datetime(2027, 3, 29, 0, 0)),
    ],
)
def test_the_last_day_ends_at_midnight_in_london(leader, coordinator, last_day, open_at, over_at):
    end(leader, last_day, by=coordinator, now=datetime(2026, 10, 1, 9, tzinfo=LONDON))
    draft = statements.start(pledge_maker=leader.pledge_maker, by=leader.user, now=SIGNED)
    with pytest.raises(statements.Refused, match="Only a leader"):
        sign(draft, leader, over_at.replace(tzinfo=LONDON))
    assert sign(draft, leader, open_at.replace(tzinfo=LONDON)).leader == leader


def sign(draft, leader, now):
    about = {"name": leader.name, "role_title": leader.role_title, "joins_network": True}
    return signing.sign(statement=draft, leader=leader, edit=draft.edit, by=leader.user, now=now, **about)


def test_the_command_ends_what_is_due(leader, coordinator):
    Leader.objects.update(until_on=date(2026, 3, 31))
    call_command("end_terms", stdout=StringIO())
    assert Membership.objects.get(user=leader.user).ended_at is not None


def test_who_has_a_new_term_keeps_the_membership(leader, maker):
    Leader.objects.update(until_on=date(2026, 3, 31))
    Leader.objects.create(
        pledge_maker=maker, user=leader.user, name=leader.name, role_title="Chair", from_on=date(2026, 4, 1)
    )
    assert last_days.end_due(now=NOW) == 0


def test_a_day_to_come_can_be_changed_to_another(leader, coordinator):
    end(leader, date(2026, 12, 31), by=coordinator)
    end(leader, date(2027, 1, 31), by=coordinator)
    end(leader, TODAY, by=coordinator)
    events = AuditEvent.objects.filter(action="leader.term_ended").order_by("pk")
    assert [(event.before["until_on"], event.after["until_on"]) for event in events] == [
        (None, "2026-12-31"),
        ("2026-12-31", "2027-01-31"),
        ("2027-01-31", "2026-11-22"),
    ]
    assert [(event.by, event.about_id) for event in events] == [(coordinator, leader.pk)] * 3


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 3, 1), "before the first"),
        (date(2027, 11, 24), "within the next year"),
    ],
)
def test_a_day_that_cannot_be_is_refused_and_changes_nothing(leader, coordinator, day, words):
    with pytest.raises(terms.Refused, match=words):
        end(leader, day, by=coordinator)
    assert Leader.objects.get().until_on is None
    assert Membership.objects.get(user=leader.user).ended_at is None
    assert not Message.objects.filter(kind__startswith="term_ended").exists()


def test_nobody_has_signed_after_the_last_day(leader, coordinator):
    Leader.objects.update(from_on=date(2026, 1, 1))
    with pytest.raises(terms.Refused, match=r"signed on 2 March 2026\. The last day cannot be before that"):
        end(leader, date(2026, 3, 1), by=coordinator)
    end(leader, date(2026, 3, 2), by=coordinator)


def test_who_has_left_leaves_once(leader, coordinator):
    end(leader, TODAY, by=coordinator)
    for day in (TODAY, TODAY - timedelta(days=1), TODAY + timedelta(days=9)):
        with pytest.raises(terms.Refused, match="left already"):
            end(leader, day, by=coordinator)
    assert Message.objects.filter(kind="term_ended_leader").count() == 1


def test_the_same_day_twice_is_said(leader, coordinator):
    end(leader, date(2026, 12, 31), by=coordinator)
    with pytest.raises(terms.Refused, match="their last day already"):
        end(leader, date(2026, 12, 31), by=coordinator)


MAY = {"coordinator", "the leader", "caseworker"}


@pytest.mark.parametrize(
    "who", sorted(MAY | {"another leader", "contributor", "reader", "coordinator elsewhere", "stranger", "disabled"})
)
def test_who_may_end_a_term(leader, maker, who):
    by = somebody(who, leader, maker)
    if who in MAY:
        assert end(leader, TODAY, by=by).until_on == TODAY
        return
    with pytest.raises(PermissionDenied):
        end(leader, TODAY, by=by)
    assert Leader.objects.get(pk=leader.pk).until_on is None


def somebody(who: str, leader: Leader, maker: PledgeMaker) -> User:
    if who == "disabled":
        user = make_caseworker()
        user.is_active = False
        user.save(update_fields=["is_active"])
        return user
    return {
        "coordinator": lambda: make_member(pledge_maker=maker, now=NOW).user,
        "the leader": lambda: leader.user,
        "caseworker": make_caseworker,
        "another leader": lambda: make_leader(pledge_maker=maker, now=NOW).user,
        "contributor": lambda: make_member(pledge_maker=maker, role=Role.CONTRIBUTOR, now=NOW).user,
        "reader": lambda: make_member(pledge_maker=maker, role=Role.READER, now=NOW).user,
        "coordinator elsewhere": lambda: make_member(now=NOW).user,
        "stranger": make_user,
    }[who]()


def test_who_ends_their_own_term_ended_it_themselves(leader):
    end(leader, TODAY, by=leader.user)
    assert Membership.objects.get(user=leader.user).ended_by is None
    assert "You have entered" in Message.objects.get(kind="term_ended_leader").text


def test_a_leader_without_an_account_leaves_too(leader, coordinator):
    Leader.objects.update(user=None)
    leader.refresh_from_db()
    end(leader, TODAY, by=coordinator)
    assert Leader.objects.get().until_on == TODAY
    assert said("term_ended_leader") == {}


def test_the_pledge_stands(leader, coordinator, maker):
    end(leader, TODAY, by=coordinator)
    assert statements.published(maker) is not None
    assert list(Signature.objects.values_list("name", "leader")) == [("Dr Ngozi Bello", leader.pk)]


def test_another_leader_of_a_partnership_goes_on(leader, coordinator, maker):
    other = make_leader(pledge_maker=maker, name="Margaret Osei", now=SIGNED)
    end(leader, TODAY, by=coordinator)
    assert Membership.objects.get(user=other.user).ended_at is None
    assert "Other leaders go on." in Message.objects.get(kind="term_ended", to=other.user.email).text


# --- Who is told ------------------------------------------------------------------------------------------


def test_everybody_concerned_is_told_in_words(leader, coordinator, maker):
    casey, other = make_caseworker(email="casey@synergi.example"), make_caseworker()
    give_to_caseworker(pledge_makers=[maker], caseworker=casey, by=casey, now=NOW)
    make_member(pledge_maker=maker, role=Role.CONTRIBUTOR, now=NOW)
    name = maker.name
    end(leader, date(2026, 11, 20), by=coordinator, successor=terms.Successor("Leila Hosseini", "Chair", "l@n.example"))
    assert said("term_ended_leader") == {"ngozi@northtown.example": f"Your term as a leader of {name} has ended"}
    assert said("term_ended") == {"tom@northtown.example": f"Dr Ngozi Bello no longer leads {name}"}
    assert said("term_ended_team") == {"casey@synergi.example": f"Invite the successor of Dr Ngozi Bello at {name}"}
    assert other.email not in {message.to for message in Message.objects.filter(kind__startswith="term_")}
    to_team = Message.objects.get(kind="term_ended_team").text
    assert "They name as the successor: Leila Hosseini, Chair, l@n.example." in to_team
    assert f"/staff/pledge-makers/{maker.slug}/invite/" in to_team
    to_coordinator = Message.objects.get(kind="term_ended").text
    entered = "Tom Ashworth has entered the last day of Dr Ngozi Bello, Chief executive"
    assert entered in to_coordinator
    assert "l@n.example" not in to_coordinator


def test_where_nobody_looks_after_it_the_whole_team_is_told(leader, coordinator):
    team = [make_caseworker(), make_caseworker()]
    end(leader, date(2026, 12, 31), by=coordinator)
    told = {message.to for message in Message.objects.filter(kind="term_ended_team")}
    assert told >= {person.email for person in team}
    assert "No successor is named, and nobody else leads." in Message.objects.filter(kind="term_ended_team")[0].text
    assert "ends on 31 December 2026" in Message.objects.get(kind="term_ended_leader").subject


# --- Who is awaited ---------------------------------------------------------------------------------------


def test_nobody_is_awaited_while_the_leader_who_signed_is_in_office(maker):
    assert terms.is_awaited(maker, day=TODAY) is False


def test_between_two_leaders_somebody_is_awaited_from_the_day_after(leader, coordinator, maker):
    end(leader, TODAY, by=coordinator)
    assert terms.is_awaited(maker, day=TODAY) is False
    assert terms.is_awaited(maker, day=TODAY + timedelta(days=1)) is True
    [row] = terms.waiting(TODAY + timedelta(days=1))
    assert (row.new_leader, row.waits_since) == (None, TODAY)


def test_a_successor_is_awaited_until_they_speak(successor, maker):
    [row] = terms.waiting(TODAY)
    assert (row, row.new_leader, row.waits_since) == (maker, "Dr Leila Hosseini", TODAY)
    reaffirm(successor)
    assert terms.is_awaited(maker, day=TODAY) is False


def test_signing_a_newer_version_settles_it_before_it_is_published(successor, maker):
    draft = statements.start(pledge_maker=maker, by=successor.user, now=NOW)
    sign(draft, successor, NOW)
    assert terms.is_awaited(maker, day=TODAY) is False


def test_a_new_version_of_one_leader_awaits_the_others_of_a_partnership(leader, maker):
    other = make_leader(pledge_maker=maker, name="Margaret Osei", now=SIGNED)
    assert [row.new_leader for row in terms.waiting(TODAY)] == ["Margaret Osei"]
    reaffirm(other)
    make_statement(leader=leader, state=StatementState.PUBLISHED, why="Again.", now=NOW)
    assert [row.new_leader for row in terms.waiting(TODAY)] == ["Margaret Osei"]


@pytest.mark.parametrize("change", [{"withdrawn_on": TODAY}, {"merged_on": TODAY}])
def test_of_one_that_no_longer_stands_nobody_is_awaited(successor, maker, change):
    PledgeMaker.objects.filter(pk=maker.pk).update(**change)
    assert terms.is_awaited(maker, day=TODAY) is False


def test_nobody_is_awaited_who_leaves_who_is_known_from_history_or_has_nothing_to_sign(successor, coordinator, maker):
    end(successor, date(2026, 12, 31), by=coordinator)
    assert terms.is_awaited(maker, day=TODAY) is False
    Leader.objects.filter(pk=successor.pk).update(until_on=None, user=None)
    assert terms.is_awaited(maker, day=TODAY) is False
    unpublished = make_leader(pledge_maker=make_pledge_maker(now=NOW), now=NOW)
    assert terms.is_awaited(unpublished.pledge_maker, day=TODAY) is False


def test_asking_who_waits_takes_one_query_for_any_number(leader, django_assert_num_queries):
    for _ in range(3):
        other = make_leader(now=SIGNED)
        make_statement(leader=other, state=StatementState.PUBLISHED, now=SIGNED)
        make_leader(pledge_maker=other.pledge_maker, now=NOW)
    with django_assert_num_queries(1):
        assert len(terms.waiting(TODAY)) == 3


# --- The successor speaks ---------------------------------------------------------------------------------


def reaffirm(leader: Leader, *, by: User | None = None, now: datetime = NOW, **changed) -> Signature:
    statement = changed.pop("statement", None) or statements.published(leader.pledge_maker)
    about = {"name": leader.name, "role_title": leader.role_title} | changed
    return terms.reaffirm(leader=leader, statement=statement, by=by or leader.user, now=now, **about)


def ask(leader: Leader, words: str, *, by: User | None = None, now: datetime = NOW) -> ChangesAsked:
    statement = statements.published(leader.pledge_maker)
    return terms.ask_for_changes(leader=leader, statement=statement, words=words, by=by or leader.user, now=now)


def test_reaffirming_is_a_signature_under_the_same_version_as_on_the_day(successor, maker):
    signature = reaffirm(successor, name="Dr Leila Hosseini-Clarke", role_title="Acting chief executive")
    statement = statements.published(maker)
    assert (signature.statement, signature.name, signature.role_title) == (
        statement,
        "Dr Leila Hosseini-Clarke",
        "Acting chief executive",
    )
    assert signature.organisation_name == successor.organisation.name
    assert [row.name for row in statement.signatures.all()] == ["Dr Ngozi Bello", "Dr Leila Hosseini-Clarke"]
    assert (statement.signed_at, statement.version) == (SIGNED, 1)
    event = AuditEvent.objects.get(action="statement.reaffirmed")
    assert (event.by, event.after) == (successor.user, {"signature": signature.pk, "leader": successor.pk})


def test_reaffirming_is_told_to_coordinators_and_the_team_once(successor, coordinator, maker):
    casey = make_caseworker()
    give_to_caseworker(pledge_makers=[maker], caseworker=casey, by=casey, now=NOW)
    assert reaffirm(successor) == reaffirm(successor, now=NOW + timedelta(minutes=1))
    subject = f"Dr Leila Hosseini has re-affirmed the pledge of {maker.name}"
    assert said("pledge_reaffirmed") == {"tom@northtown.example": subject, casey.email: subject}
    assert Message.objects.filter(kind="pledge_reaffirmed").count() == 2


def test_without_name_or_role_nothing_is_signed(successor):
    with pytest.raises(statements.Incomplete) as missing:
        reaffirm(successor, name=" ", role_title="")
    assert [gap.field for gap in missing.value.gaps] == ["name", "role_title"]
    assert not Signature.objects.filter(leader=successor).exists()


def test_what_was_replaced_is_not_reaffirmed(leader, maker):
    old = statements.published(maker)
    other = make_leader(pledge_maker=maker, name="Margaret Osei", now=SIGNED)
    make_statement(leader=leader, state=StatementState.PUBLISHED, why="Again.", now=NOW)
    with pytest.raises(terms.Refused, match="A newer version is published now"):
        reaffirm(other, statement=old)


@pytest.mark.parametrize("speak", [reaffirm, lambda leader, **who: ask(leader, "More on access.", **who)])
def test_only_the_leader_in_office_speaks(successor, leader, coordinator, speak):
    for by in (coordinator, make_caseworker(), make_user(), make_leader(now=NOW).user):
        with pytest.raises((PermissionDenied, statements.Refused)):
            speak(successor, by=by)
    with pytest.raises(PermissionDenied):
        speak(leader)
    end(successor, date(2026, 11, 30), by=coordinator)
    with pytest.raises(statements.Refused, match="Only a leader"):
        speak(successor, now=datetime(2026, 12, 1, tzinfo=LONDON))
    assert ChangesAsked.objects.count() + Signature.objects.filter(leader=successor).count() == 0


def test_changes_are_asked_for_in_words_and_told_to_the_coordinators(successor, maker):
    asked = ask(successor, "  Say more about access.  ")
    assert (asked.words, asked.leader, asked.statement.version) == ("Say more about access.", successor, 1)
    [message] = Message.objects.filter(kind="changes_asked")
    assert (message.to, message.subject) == (
        "tom@northtown.example",
        f"Change the Statement of Intent of {maker.name}: Dr Leila Hosseini asks for it",
    )
    assert "Say more about access." in message.text
    assert f"/workspace/{maker.slug}/statement/check/" in message.text


def test_the_same_words_twice_are_one_request_and_others_a_second(successor):
    assert ask(successor, "More on access.") == ask(successor, "More on access.")
    ask(successor, "And on crisis care.")
    assert ChangesAsked.objects.count() == Message.objects.filter(kind="changes_asked").count() == 2


def test_changes_are_not_asked_for_without_words_nor_after_the_signature(successor):
    with pytest.raises(terms.Refused, match="Say what should change"):
        ask(successor, " \n ")
    reaffirm(successor)
    with pytest.raises(terms.Refused, match="You have signed"):
        ask(successor, "Too late.")


def test_without_a_coordinator_the_team_hears_what_should_change(successor, coordinator):
    Membership.objects.filter(user=coordinator).update(ended_at=NOW)
    casey = make_caseworker()
    ask(successor, "More on access.")
    assert casey.email in said("changes_asked")


def test_who_asked_may_still_reaffirm(successor, maker):
    ask(successor, "More on access.")
    assert terms.is_awaited(maker, day=TODAY) is True
    reaffirm(successor)
    assert terms.is_awaited(maker, day=TODAY) is False


def test_of_one_that_has_left_nothing_is_reaffirmed(successor, maker):
    PledgeMaker.objects.filter(pk=maker.pk).update(withdrawn_on=TODAY)
    with pytest.raises(statements.Refused, match="no longer stands"):
        reaffirm(successor)


# --- Erasing ----------------------------------------------------------------------------------------------


def test_leaving_is_not_erasing_and_erasing_ends_a_term_that_was_to_end_later(leader, coordinator):
    end(leader, date(2027, 1, 31), by=coordinator)
    assert Leader.objects.get().user is not None
    erasing.let_go(user=leader.user, now=NOW)
    found = Leader.objects.get()
    assert (found.name, found.user, found.until_on) == ("Dr Ngozi Bello", None, TODAY)


def test_erasing_keeps_the_last_day_of_who_had_left(leader, coordinator):
    end(leader, date(2026, 11, 1), by=coordinator)
    erasing.let_go(user=leader.user, now=NOW)
    assert Leader.objects.get().until_on == date(2026, 11, 1)
