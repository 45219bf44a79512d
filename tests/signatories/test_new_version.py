"""A second version of the Statement: begun by a button, signed and published as the first; both stay public."""

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from signatories import changes, signing
from signatories.models import PledgeMaker, Role, Statement, StatementState
from tests.factories.accounts import make_caseworker, make_publisher, sign_in
from tests.factories.signatories import make_leader, make_member, make_statement

pytestmark = pytest.mark.django_db


@pytest.fixture
def leader():
    found = make_leader(name="Dr Ngozi Bello")
    make_statement(leader=found, state=StatementState.PUBLISHED, why="The first reason.")
    return found


def home(maker: PledgeMaker) -> str:
    return f"/workspace/{maker.slug}/"


def client_of(user: User) -> Client:
    return sign_in(Client(), user, fresh=True)


@pytest.mark.parametrize("role", [Role.LEADER, Role.COORDINATOR])
def test_a_leader_or_a_coordinator_begins_it(leader, role):
    maker = leader.pledge_maker
    user = leader.user if role == Role.LEADER else make_member(pledge_maker=maker, role=role).user
    client = client_of(user)
    assert "Write a new version" in client.get(f"{home(maker)}statement/check/").content.decode()
    begun = client.post(f"{home(maker)}statement/new-version/")
    assert (begun.status_code, begun["Location"]) == (302, f"{home(maker)}statement/")
    page = client.get(begun["Location"]).content.decode()
    assert "This is version 2." in page
    assert "The first reason.</textarea>" in page
    assert "Version 2 is being written." in client.get(home(maker)).content.decode()


def test_a_second_press_opens_the_same_draft(leader):
    client = client_of(leader.user)
    for _ in range(2):
        client.post(f"{home(leader.pledge_maker)}statement/new-version/")
    assert Statement.objects.count() == 2


@pytest.mark.parametrize("role", [Role.CONTRIBUTOR, Role.READER])
def test_others_neither_see_the_button_nor_begin_it(leader, role):
    maker = leader.pledge_maker
    client = client_of(make_member(pledge_maker=maker, role=role).user)
    assert "Write a new version" not in client.get(f"{home(maker)}statement/check/").content.decode()
    assert client.post(f"{home(maker)}statement/new-version/").status_code == 403
    assert Statement.objects.count() == 1


def test_it_is_not_begun_by_looking(leader):
    assert client_of(leader.user).get(f"{home(leader.pledge_maker)}statement/new-version/").status_code == 405


def test_it_is_not_begun_while_a_signed_one_waits(leader):
    make_statement(leader=leader, state=StatementState.SIGNED)
    client = client_of(leader.user)
    assert "Write a new version" not in client.get(f"{home(leader.pledge_maker)}statement/check/").content.decode()
    client.post(f"{home(leader.pledge_maker)}statement/new-version/")
    assert Statement.objects.count() == 2


def test_who_has_left_begins_none(leader):
    now, maker = timezone.now(), leader.pledge_maker
    changes.withdraw(pledge_maker=maker, on=timezone.localdate(now), note="N", by=make_caseworker(), now=now)
    client = client_of(leader.user)
    page = client.get(f"{home(maker)}statement/check/").content.decode()
    assert ("Write a new version" in page, "The first reason." in page) == (False, True)
    answer = client.post(f"{home(maker)}statement/new-version/", follow=True).content.decode()
    assert "no longer stands behind the pledge on its own" in answer
    assert Statement.objects.count() == 1


def test_both_versions_are_public_each_at_its_address(leader):
    maker = leader.pledge_maker
    make_statement(leader=leader, state=StatementState.SIGNED, why="The second reason.")
    visitor = Client()
    assert "The first reason." in visitor.get(f"/pledge-makers/{maker.slug}/").content.decode()
    second = Statement.objects.get(version=2)
    signing.publish(statement=second, by=make_publisher(), now=timezone.now())
    profile = visitor.get(f"/pledge-makers/{maker.slug}/").content.decode()
    assert "The second reason.</p>" in profile
    for version, reason in ((1, "The first reason."), (2, "The second reason.")):
        address = f"/pledge-makers/{maker.slug}/statement/v{version}/"
        assert f'href="{address}"' in profile
        assert reason in visitor.get(address).content.decode()
