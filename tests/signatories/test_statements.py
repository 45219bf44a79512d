"""The life of a Statement of Intent."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from accounts.models import AuditEvent
from mail.models import Message
from signatories import signing, statements
from signatories.models import Leader, PledgeMaker, Role, Signature, Statement, StatementState
from signatories.statements import Conflict, Incomplete, Refused
from tests.factories.accounts import make_caseworker, make_publisher, make_user
from tests.factories.signatories import (
    PLANS,
    WHY,
    make_leader,
    make_member,
    make_pledge_maker,
    make_statement,
)

NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def save(statement: Statement, **more):
    known = {"why": WHY, "plans": PLANS, "edit": statement.edit, "by": leader_of(statement).user, "now": NOW}
    return statements.save(statement=statement, **known | more)


def sign(statement: Statement, **more) -> Signature:
    leader = leader_of(statement)
    known = {"leader": leader, "name": leader.name, "role_title": leader.role_title, "joins_network": True}
    known |= {"edit": statement.edit, "by": leader.user, "now": NOW}
    return signing.sign(statement=statement, **known | more)


def leader_of(statement: Statement) -> Leader:
    return Leader.objects.filter(pledge_maker=statement.pledge_maker).order_by("pk").first()


# --- Who has left ----------------------------------------------------------------------------------------


def test_what_was_begun_before_a_withdrawal_is_neither_signed_nor_published_after_it() -> None:
    leader = make_leader(now=NOW)
    statement = make_statement(pledge_maker=leader.pledge_maker, now=NOW)
    leaving = PledgeMaker.objects.filter(pk=leader.pledge_maker_id)
    leaving.update(withdrawn_on=NOW.date())
    with pytest.raises(Refused, match="no longer stands behind the pledge"):
        sign(statement)
    leaving.update(withdrawn_on=None)
    sign(statement)
    leaving.update(withdrawn_on=NOW.date())
    with pytest.raises(Refused, match="no longer stands behind the pledge"):
        signing.publish(statement=statement, by=make_publisher(), now=NOW)
    statement.refresh_from_db()
    assert statement.state == "signed"


# --- Starting --------------------------------------------------------------------------------------------


def test_a_first_statement_answers_the_wording_of_its_day_with_seven_empty_plans() -> None:
    leader = make_leader(now=NOW)
    statement = statements.start(pledge_maker=leader.pledge_maker, by=leader.user, now=NOW)
    assert (statement.version, statement.state, statement.edit) == (1, "draft", 0)
    assert statement.wording.label == "Wording from May 2021"
    assert statements.plans_of(statement) == dict.fromkeys(range(1, 8), "")


@pytest.mark.parametrize(
    ("day", "label"),
    [
        (datetime(2020, 8, 5, 8, tzinfo=UTC), "Wording of 5 August 2020"),
        (datetime(2021, 5, 24, 22, 59, tzinfo=UTC), "Wording of 5 August 2020"),
        (datetime(2021, 5, 24, 23, 0, tzinfo=UTC), "Wording from May 2021"),
    ],
)
def test_the_wording_changes_at_midnight_in_london(day: datetime, label: str) -> None:
    assert statements.wording_on(day).label == label


def test_the_wordings_differ_in_objective_3_only() -> None:
    old, new = (
        dict(statements.wording_on(datetime(year, 12, 1, tzinfo=UTC)).objectives.values_list("number", "text"))
        for year in (2020, 2021)
    )
    assert {number for number in old if old[number] != new[number]} == {3}
    assert old[3] == ("Work in partnership with local BAME communities, service users and relevant community agencies.")
    assert new[3] == (
        "Work in partnership with local ethnic minority communities, service users and relevant community agencies."
    )


def test_starting_again_gives_the_draft_that_is_there() -> None:
    draft = make_statement(now=NOW)
    again = statements.start(pledge_maker=draft.pledge_maker, by=leader_of(draft).user, now=NOW)
    assert (again, Statement.objects.count()) == (draft, 1)


def test_while_a_signed_version_waits_no_new_one_starts() -> None:
    signed = make_statement(state=StatementState.SIGNED, now=NOW)
    with pytest.raises(Refused):
        statements.start(pledge_maker=signed.pledge_maker, by=leader_of(signed).user, now=NOW)


def test_a_new_version_starts_from_the_published_text() -> None:
    published = make_statement(state=StatementState.PUBLISHED, now=NOW)
    draft = statements.start(pledge_maker=published.pledge_maker, by=leader_of(published).user, now=NOW)
    assert (draft.version, draft.why, statements.plans_of(draft)) == (2, WHY, PLANS)


# --- Saving ----------------------------------------------------------------------------------------------


def test_saving_keeps_every_word_and_counts_the_edit() -> None:
    draft = make_statement(why="", plans={}, now=NOW)
    saved = save(draft, why="First.\r\n\r\n• second", plans={3: "Together"})
    assert (saved.why, saved.edit) == ("First.\n\n• second", draft.edit + 1)
    assert statements.plans_of(saved) == dict.fromkeys(range(1, 8), "") | {3: "Together"}


def test_saving_what_is_there_changes_nothing() -> None:
    draft = make_statement(now=NOW)
    assert save(draft).edit == draft.edit
    assert AuditEvent.objects.filter(action="statement.saved").count() == 1


def test_a_save_over_somebody_elses_is_a_conflict_that_holds_both_texts() -> None:
    draft = make_statement(now=NOW)
    save(draft, why="Theirs", plans={1: "Their plan"})
    with pytest.raises(Conflict) as conflict:
        save(draft, why="Mine", plans={1: "My plan"})
    assert (conflict.value.theirs.why, conflict.value.their_plans[1]) == ("Theirs", "Their plan")
    assert (conflict.value.my_why, conflict.value.my_plans) == ("Mine", {1: "My plan"})
    draft.refresh_from_db()
    assert (draft.why, statements.plans_of(draft)[1]) == ("Theirs", "Their plan")


def test_a_text_that_is_too_long_is_kept_whole() -> None:
    long = "word " * 1_500
    saved = save(make_statement(now=NOW), why=long)
    assert saved.why == long.strip()


def test_a_signed_statement_can_no_longer_be_changed() -> None:
    signed = make_statement(state=StatementState.SIGNED, now=NOW)
    with pytest.raises(Refused):
        save(signed, why="Something else")
    signed.refresh_from_db()
    assert signed.why == WHY


@pytest.mark.parametrize(
    ("role", "may"),
    [(Role.LEADER, True), (Role.COORDINATOR, True), (Role.CONTRIBUTOR, False), (Role.READER, False), (None, False)],
)
def test_leaders_and_coordinators_write(role: Role | None, may: bool) -> None:
    draft = make_statement(now=NOW)
    by = make_member(pledge_maker=draft.pledge_maker, role=role, now=NOW).user if role else make_user()
    if may:
        assert save(draft, why="New", by=by).why == "New"
    else:
        with pytest.raises(PermissionDenied):
            save(draft, why="New", by=by)


def test_the_leader_of_another_pledge_maker_cannot_write() -> None:
    with pytest.raises(PermissionDenied):
        save(make_statement(now=NOW), why="New", by=make_leader(now=NOW).user)


# --- Signing ---------------------------------------------------------------------------------------------


def test_signing_keeps_name_role_and_organisation_of_the_day() -> None:
    draft = make_statement(now=NOW)
    signature = sign(draft, name=" Dr Ngozi Bello ", role_title="Chief executive")
    draft.refresh_from_db()
    assert (draft.state, draft.signed_at, draft.joins_network) == ("signed", NOW, True)
    organisation = draft.pledge_maker.organisations.get()
    assert (signature.name, signature.role_title, signature.organisation_name, signature.signed_at) == (
        "Dr Ngozi Bello",
        "Chief executive",
        organisation.name,
        NOW,
    )


def test_signing_tells_every_publisher_and_is_on_the_record() -> None:
    publishers = [make_publisher(), make_publisher()]
    make_caseworker()
    draft = make_statement(now=NOW)
    sign(draft)
    told = Message.objects.filter(kind="statement_signed").order_by("to")
    assert [message.to for message in told] == sorted(person.email for person in publishers)
    assert told[0].subject == f"Publish the Statement of Intent of {draft.pledge_maker.name}"
    event = AuditEvent.objects.get(action="statement.signed")
    assert (event.by, event.about_kind, event.about_id, event.at) == (
        leader_of(draft).user,
        "signatories.statement",
        draft.pk,
        NOW,
    )


def test_a_second_press_changes_nothing() -> None:
    make_publisher()
    draft = make_statement(now=NOW)
    first = sign(draft)
    again = sign(draft, name="Somebody Else", now=NOW.replace(hour=10))
    assert (again, again.name) == (first, first.name)
    assert Message.objects.filter(kind="statement_signed").count() == 1


def test_every_gap_is_named_in_the_order_of_the_page() -> None:
    draft = make_statement(why="", plans=dict.fromkeys((1, 2, 4, 5, 6), "Yes") | {3: "word " * 1_001}, now=NOW)
    with pytest.raises(Incomplete) as refusal:
        sign(draft, name=" ", role_title="", joins_network=False)
    assert [(gap.field, gap.sentence) for gap in refusal.value.gaps] == [
        ("why", "Say why you are a Pledge Maker."),
        ("plan_3", "Objective 3 has 1,001 words. The limit is 1,000."),
        ("plan_7", "Say how you plan to meet objective 7."),
        ("name", "Enter your full name."),
        ("role_title", "Enter your role."),
        ("joins_network", "Agree to be part of the national network."),
    ]
    draft.refresh_from_db()
    assert (draft.state, Signature.objects.count()) == ("draft", 0)


def test_exactly_a_thousand_words_are_fine() -> None:
    assert statements.gaps(make_statement(why="word " * 1_000, now=NOW)) == []


def test_a_text_that_changed_after_reading_is_not_signed() -> None:
    draft = make_statement(now=NOW)
    save(draft, why="Something else")
    with pytest.raises(Refused, match="changed after you opened"):
        sign(draft)
    assert not Signature.objects.exists()


def test_a_second_leader_does_not_sign_the_same_version_again() -> None:
    signed = make_statement(state=StatementState.SIGNED, now=NOW)
    second = make_leader(pledge_maker=signed.pledge_maker, now=NOW)
    with pytest.raises(Refused, match="Another leader"):
        sign(signed, leader=second, by=second.user)


def test_the_leader_of_another_pledge_maker_cannot_sign() -> None:
    draft, other = make_statement(now=NOW), make_leader(now=NOW)
    with pytest.raises(PermissionDenied):
        sign(draft, leader=other, by=other.user)


def test_nobody_signs_in_the_name_of_another_leader() -> None:
    draft = make_statement(now=NOW)
    second = make_leader(pledge_maker=draft.pledge_maker, now=NOW)
    with pytest.raises(Refused):
        sign(draft, by=second.user)


def test_a_leader_whose_time_is_over_cannot_sign() -> None:
    draft = make_statement(now=NOW)
    Leader.objects.update(until_on=NOW.date())
    sign_day_after = NOW.replace(day=2)
    with pytest.raises(Refused):
        sign(draft, now=sign_day_after)


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.CONTRIBUTOR, Role.READER])
def test_nobody_but_a_leader_signs(role: Role) -> None:
    draft = make_statement(now=NOW)
    by = make_member(pledge_maker=draft.pledge_maker, role=role, now=NOW).user
    with pytest.raises(PermissionDenied):
        sign(draft, by=by)


@pytest.mark.django_db(transaction=True)
def test_twenty_parallel_signatures_are_one() -> None:
    make_publisher()
    draft = make_statement(now=NOW)

    def press(_number: int) -> int:
        try:
            return sign(draft).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        seen = set(pool.map(press, range(20)))
    assert len(seen) == Signature.objects.count() == 1
    assert AuditEvent.objects.filter(action="statement.signed").count() == 1
    assert Message.objects.filter(kind="statement_signed").count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_parallel_saves_one_wins_and_the_others_hold_both_texts() -> None:
    draft = make_statement(now=NOW)

    def write(number: int) -> str:
        try:
            return save(draft, why=f"Text {number}", plans={}).why
        except Conflict as conflict:
            return f"held {conflict.my_why}"
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(write, range(20)))
    draft.refresh_from_db()
    held = {outcome for outcome in outcomes if outcome.startswith("held ")}
    assert len(held) == 19
    assert {*held, draft.why} == {f"held Text {n}" for n in range(20)} - {f"held {draft.why}"} | {draft.why}


# --- Publishing ------------------------------------------------------------------------------------------


def publish(statement: Statement, **more) -> bool:
    return signing.publish(**{"statement": statement, "by": make_publisher(), "now": NOW} | more)


def test_publishing_tells_the_leaders_and_is_on_the_record() -> None:
    signed = make_statement(state=StatementState.SIGNED, now=NOW)
    publisher = make_publisher()
    assert publish(signed, by=publisher) is True
    signed.refresh_from_db()
    assert (signed.state, signed.published_at, signed.published_by) == ("published", NOW, publisher)
    message = Message.objects.get(kind="statement_published")
    assert message.to == leader_of(signed).user.email
    assert f"/pledge-makers/{signed.pledge_maker.slug}/" in message.text
    assert AuditEvent.objects.get(action="statement.published").by == publisher


def test_publishing_twice_changes_nothing() -> None:
    published = make_statement(state=StatementState.PUBLISHED, now=NOW)
    assert publish(published) is False
    assert Message.objects.filter(kind="statement_published").count() == 1


def test_a_draft_cannot_be_published() -> None:
    with pytest.raises(Refused):
        publish(make_statement(now=NOW))


def test_refusing_a_draft_leaves_the_published_version_alone() -> None:
    published = make_statement(state=StatementState.PUBLISHED, now=NOW)
    draft = statements.start(pledge_maker=published.pledge_maker, by=leader_of(published).user, now=NOW)
    with pytest.raises(Refused):
        publish(draft)
    published.refresh_from_db()
    assert published.state == "published"


def test_a_newer_version_supersedes_and_both_stay_public() -> None:
    old = make_statement(state=StatementState.SUPERSEDED, now=NOW)
    rows = old.pledge_maker.statements.order_by("version")
    assert list(rows.values_list("version", "state")) == [(1, "superseded"), (2, "published")]
    assert rows.public().count() == 2
    assert statements.published(old.pledge_maker).version == 2


@pytest.mark.parametrize("make", [make_caseworker, make_user])
def test_only_publishers_and_administrators_publish(make) -> None:
    with pytest.raises(PermissionDenied):
        publish(make_statement(state=StatementState.SIGNED, now=NOW), by=make())


@pytest.mark.django_db(transaction=True)
def test_parallel_publications_are_one() -> None:
    signed, publisher = make_statement(state=StatementState.SIGNED, now=NOW), make_publisher()

    def press(_number: int) -> bool:
        try:
            return publish(signed, by=publisher)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(press, range(12))).count(True) == 1
    assert Message.objects.filter(kind="statement_published").count() == 1


# --- The table -------------------------------------------------------------------------------------------


def test_the_table_and_the_functions_agree_for_every_state() -> None:
    """Each act in each state: what the table allows happens, everything else is refused or changes nothing."""
    allowed = {(step.name, step.source) for step in statements.STEPS}
    acts = {"sign": sign, "publish": publish}
    for state in StatementState:
        for name, act in acts.items():
            statement = make_statement(pledge_maker=make_pledge_maker(now=NOW), state=state, now=NOW)
            with suppress(Refused):
                act(statement)
            after = Statement.objects.get(pk=statement.pk).state
            expected = statements.STEP[name].target if (name, state) in allowed else state
            assert (name, state, after) == (name, state, expected)
