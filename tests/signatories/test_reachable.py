"""Who can be reached: a member who is asked for something, whose account is active and whose address works."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import User
from mail.models import ErrorClass, Message, State
from signatories.models import Membership, PledgeMaker, Role
from signatories.reachable import (
    fewer_than_two,
    nobody_reachable,
    only_one_reachable,
    reachable_members,
    somebody_reachable,
)
from tests.factories.signatories import make_member, make_pledge_maker, make_public_pledge_maker

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 9, 28, 9, 0, tzinfo=UTC)


def answered(member: Membership, state: str, error_class: str = "", *, days: int = 0) -> Message:
    """A message to this member, with what became of it."""
    at = NOW + timedelta(days=days)
    why = "550 No such user" if state in (State.FAILED, State.SKIPPED) else ""
    return Message.objects.create(
        to=member.user.email,
        kind="reminder",
        subject="Your update",
        message_id=f"<{member.pk}-{state}-{days}-{error_class}@x>",
        state=state,
        created_at=at,
        next_attempt_at=at,
        sent_at=at if state == State.SENT else None,
        lease_until=at if state == State.SENDING else None,
        error_class=error_class,
        error=why,
    )


def reached() -> set[int]:
    return set(reachable_members().values_list("pk", flat=True))


@pytest.mark.parametrize(
    ("messages", "reachable"),
    [
        ([], True),
        ([(State.SENT, "")], True),
        ([(State.FAILED, ErrorClass.PERMANENT)], False),
        ([(State.SENT, ""), (State.FAILED, ErrorClass.PERMANENT)], False),
        ([(State.FAILED, ErrorClass.PERMANENT), (State.SENT, "")], True),
        ([(State.FAILED, ErrorClass.PERMANENT), (State.QUEUED, "")], False),
        ([(State.FAILED, ErrorClass.PERMANENT), (State.SKIPPED, "")], False),
        ([(State.FAILED, ErrorClass.PERMANENT), (State.HELD, "")], False),
        ([(State.FAILED, ErrorClass.PERMANENT), (State.SENDING, "")], False),
        ([(State.FAILED, ErrorClass.PERMANENT), (State.FAILED, ErrorClass.UNREACHABLE)], False),
        ([(State.QUEUED, ErrorClass.PERMANENT)], False),
        ([(State.FAILED, ErrorClass.UNREACHABLE)], True),
        ([(State.FAILED, ErrorClass.TEMPORARY)], True),
        ([(State.FAILED, ErrorClass.INTERNAL)], True),
    ],
)
def test_the_last_answer_about_the_address_decides(messages: list[tuple[str, str]], *, reachable: bool) -> None:
    member = make_member(role=Role.LEADER)
    Message.objects.all().delete()
    for day, (state, error_class) in enumerate(messages):
        answered(member, state, error_class, days=day)
    assert (member.pk in reached()) == reachable


@pytest.mark.parametrize(("role", "asked"), [(role, role != Role.READER) for role in Role])
def test_a_reader_is_asked_for_nothing_and_does_not_count(role: str, *, asked: bool) -> None:
    assert (make_member(role=role).pk in reached()) == asked


def test_an_ended_membership_and_a_closed_account_do_not_count() -> None:
    ended, closed = make_member(role=Role.LEADER), make_member(role=Role.LEADER)
    Membership.objects.filter(pk=ended.pk).update(ended_at=NOW)
    User.objects.filter(pk=closed.user_id).update(is_active=False)
    assert reached() == set()


def test_one_address_that_works_is_enough_and_others_do_not_matter() -> None:
    maker = make_public_pledge_maker()
    other = make_public_pledge_maker()
    leader = maker.memberships.get()
    Message.objects.all().delete()
    answered(leader, State.FAILED, ErrorClass.PERMANENT)
    assert list(nobody_reachable()) == [maker]
    make_member(pledge_maker=maker, role=Role.CONTRIBUTOR)
    assert list(nobody_reachable()) == []
    with_answer = PledgeMaker.objects.annotate(reachable=somebody_reachable()).values_list("pk", "reachable")
    assert dict(with_answer) == {maker.pk: True, other.pk: True}


def test_the_list_says_whether_there_is_nobody_or_every_address_refuses() -> None:
    alone, refused = make_public_pledge_maker(name="Alone"), make_public_pledge_maker(name="Refused")
    alone.memberships.update(ended_at=NOW)
    Message.objects.all().delete()
    answered(refused.memberships.get(), State.FAILED, ErrorClass.PERMANENT)
    assert list(nobody_reachable().values_list("name", "has_members")) == [("Alone", False), ("Refused", True)]


def test_only_those_who_stand_behind_the_pledge_today_are_listed() -> None:
    make_pledge_maker(name="Not published")
    for field in ("withdrawn_on", "merged_on"):
        maker = make_public_pledge_maker(name=field)
        maker.memberships.update(ended_at=NOW)
        PledgeMaker.objects.filter(pk=maker.pk).update(**{field: NOW.date()})
    assert list(nobody_reachable()) == []


def test_asking_takes_one_query(django_assert_num_queries) -> None:
    make_public_pledge_maker().memberships.update(ended_at=NOW)
    with django_assert_num_queries(1):
        assert len(list(nobody_reachable())) == 1


# --- Fewer than two ------------------------------------------------------------------------------------------


def few() -> list[tuple[str, str | None]]:
    return list(fewer_than_two().values_list("name", "only"))


def test_with_one_person_it_is_too_few_and_with_two_it_is_enough() -> None:
    maker = make_public_pledge_maker(name="Northtown")
    assert few() == [("Northtown", "Dr Ngozi Bello")]
    assert list(only_one_reachable().values_list("name", flat=True)) == ["Northtown"]
    make_member(pledge_maker=maker, role=Role.CONTRIBUTOR)
    assert few() == list(only_one_reachable()) == []


def test_a_reader_is_no_second_person_nor_is_an_address_that_refuses() -> None:
    maker = make_public_pledge_maker(name="Northtown")
    make_member(pledge_maker=maker, role=Role.READER)
    second = make_member(pledge_maker=maker, role=Role.COORDINATOR)
    assert few() == []
    Message.objects.all().delete()
    answered(second, State.FAILED, ErrorClass.PERMANENT)
    assert few() == [("Northtown", "Dr Ngozi Bello")]


def test_nobody_is_too_few_as_well_but_not_only_one() -> None:
    make_public_pledge_maker(name="Northtown").memberships.update(ended_at=NOW)
    assert (few(), list(only_one_reachable())) == ([("Northtown", None)], [])


def test_only_those_who_stand_behind_the_pledge_today_are_too_few() -> None:
    make_member(pledge_maker=make_pledge_maker(name="Not published"))
    gone = make_public_pledge_maker(name="Gone")
    PledgeMaker.objects.filter(pk=gone.pk).update(withdrawn_on=NOW.date())
    assert few() == []


def test_asking_for_too_few_takes_one_query(django_assert_num_queries) -> None:
    make_public_pledge_maker()
    with django_assert_num_queries(1):
        assert len(list(only_one_reachable().select_related("caseworker"))) == 1
