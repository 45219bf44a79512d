"""Who can do what: the tables that the pages print are what the permissions decide, act by act and role by role."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import SynergiRole, User
from accounts.permissions import (
    can_erase,
    can_give_back,
    can_give_roles,
    can_invite_leaders,
    can_look_after,
    can_publish,
    can_reset_second_factor,
    can_review,
    can_run_rounds,
)
from accounts.roles import DUTIES, WHOLE_TEAM
from progress_updates import workflow
from progress_updates.entries import check_can_speak_for, check_can_tend
from progress_updates.models import ProgressUpdate, State
from progress_updates.permissions import (
    allowed,
    check_can_ask,
    check_can_enter_for,
    check_can_publish,
    check_can_review,
    check_can_run_rounds,
    check_can_sign,
    check_can_write,
)
from reminders.permissions import can_chase
from signatories.access import membership_of
from signatories.models import Leader, Membership, PledgeMaker, Role
from signatories.permissions import (
    can_change,
    can_change_pledge_makers,
    can_decide_who_joins,
    can_edit_statement,
    can_end,
    can_end_term,
    can_invite,
    can_limit,
    can_sign,
)
from signatories.roles import ACTS, GROUPS
from staff import erasing
from tests.factories.accounts import make_caseworker, make_user, sign_in
from tests.factories.progress_updates import leader_of, make_update, writer_of
from tests.factories.signatories import make_member

pytestmark = pytest.mark.django_db
NOW = timezone.now()
TEAM = "team"


class Scene:
    """A Pledge Maker with a draft, and with an update that waits for the signature; somebody of each role asks."""

    def __init__(self, who: str) -> None:
        self.draft = make_update(complete=False, now=NOW)
        self.maker: PledgeMaker = self.draft.entry.pledge_maker
        self.by: User = make_caseworker() if who == TEAM else self._member(who).user
        self.own = membership_of(self.by, self.maker)

    def _member(self, role: str) -> Membership:
        if role == Role.LEADER:
            return Membership.objects.get(user=leader_of(self.maker), pledge_maker=self.maker)
        return make_member(pledge_maker=self.maker, role=role, now=NOW)

    def other(self, role: str) -> Membership:
        return make_member(pledge_maker=self.maker, role=role, now=NOW)

    def awaiting(self) -> ProgressUpdate:
        ProgressUpdate.objects.filter(pk=self.draft.pk).update(
            state=State.AWAITING_SIGN_OFF, asked_by=writer_of(self.maker)
        )
        self.draft.refresh_from_db()
        return self.draft

    def leader_to_end(self) -> Leader:
        """Leaders end their own term, the others somebody else's."""
        leaders = self.maker.leaders.filter(until_on=None)
        return leaders.filter(user=self.by).first() or leaders[0]


def changes(role: str) -> Callable[[Scene], bool]:
    def decide(scene: Scene) -> bool:
        member = scene.other(role)
        answers = {can_end(scene.by, scene.own, member), can_change(scene.by, scene.own, member)}
        assert len(answers) == 1
        return answers.pop()

    return decide


def invites(role: str) -> Callable[[Scene], bool]:
    return lambda scene: can_invite(scene.by, scene.own, role)


DECIDED: dict[str, Callable[[Scene], bool]] = {
    "read": lambda scene: scene.own is not None,
    "write_update": lambda scene: allowed(check_can_write, update=scene.draft, by=scene.by, now=NOW),
    "finish_update": lambda scene: allowed(check_can_ask, update=scene.draft, by=scene.by, now=NOW),
    "sign_update": lambda scene: allowed(check_can_sign, update=scene.awaiting(), by=scene.by, now=NOW),
    "speak": lambda scene: allowed(check_can_speak_for, entry=scene.draft.entry, by=scene.by),
    "write_statement": lambda scene: can_edit_statement(scene.own),
    "sign_statement": lambda scene: can_sign(scene.own),
    **{f"invite_{role}": invites(role) for role in Role},
    "change_coordinator": changes(Role.COORDINATOR),
    "change_contributor": lambda scene: (
        changes(Role.CONTRIBUTOR)(scene) and can_limit(scene.by, scene.own, scene.other(Role.CONTRIBUTOR))
    ),
    "change_reader": changes(Role.READER),
    "end_term": lambda scene: can_end_term(scene.by, scene.own, scene.leader_to_end()),
    "leave": lambda scene: scene.own is not None and can_end(scene.by, scene.own, scene.own),
}


@pytest.mark.parametrize("who", [*Role, TEAM])
def test_the_table_of_a_pledge_maker_says_what_the_permissions_decide(who: str) -> None:
    scene = Scene(who)
    printed = {name: (act.team if who == TEAM else who in act.roles) for name, act in ACTS.items()}
    assert {name: decide(scene) for name, decide in DECIDED.items()} == printed


def test_every_act_stands_in_one_group_of_the_page() -> None:
    assert [name for _heading, names in GROUPS for name in names] == list(ACTS)


TEAM_DECIDED: dict[str, Callable[[User], bool]] = {
    "run_rounds": lambda by: _same(
        can_run_rounds(by), can_chase(by), allowed(check_can_run_rounds, by=by), allowed(check_can_tend, by=by)
    ),
    "review": lambda by: _same(can_review(by), allowed(check_can_review, update=_sent(), by=by, now=NOW)),
    "look_after": can_look_after,
    "change_pledge_makers": can_change_pledge_makers,
    "decide_who_joins": can_decide_who_joins,
    "invite_leaders": can_invite_leaders,
    "publish": lambda by: _same(can_publish(by), allowed(check_can_publish, update=_sent(), by=by, now=NOW)),
    "give_roles": can_give_roles,
    "give_back": lambda by: can_give_back(by, make_user()),
    "reset_second_factor": lambda by: can_reset_second_factor(by, make_user()),
    "read_audit_trail": lambda by: sign_in(Client(), by).get("/staff/audit/").status_code == 200,
    "erase": lambda by: _same(can_erase(by), erasing.can_erase(by)),
}


def _same(*answers: bool) -> bool:
    assert len(set(answers)) == 1
    return answers[0]


def _sent() -> ProgressUpdate:
    found = ProgressUpdate.objects.filter(state=State.SUBMITTED).first()
    return found or make_update(state=State.SUBMITTED, now=NOW)


@pytest.mark.parametrize("role", [*WHOLE_TEAM, SynergiRole.NONE])
def test_the_table_of_the_team_says_what_the_permissions_decide(role: SynergiRole) -> None:
    by = make_user(synergi_role=role)
    assert {name: decide(by) for name, decide in TEAM_DECIDED.items()} == {
        name: role in duty.roles for name, duty in DUTIES.items()
    }


def test_a_closed_account_may_do_nothing_of_it() -> None:
    by = make_user(synergi_role=SynergiRole.ADMINISTRATOR)
    User.objects.filter(pk=by.pk).update(is_active=False)
    by.refresh_from_db()
    asked = {name: decide for name, decide in TEAM_DECIDED.items() if name != "read_audit_trail"}
    assert {decide(by) for decide in asked.values()} == {False}


def test_the_team_enters_updates_whoever_runs_rounds() -> None:
    entry = _sent().entry
    answers = {
        str(role): allowed(check_can_enter_for, entry=entry, by=make_user(synergi_role=role)) for role in SynergiRole
    }
    assert answers == {str(role): role in DUTIES["run_rounds"].roles for role in SynergiRole}


# --- The pages ---------------------------------------------------------------------------------------------


def rows_of(html: str) -> dict[str, list[bool]]:
    """What each line of a printed table says, column by column."""
    rows = re.findall(
        r'<tr class="govuk-table__row">\s*<th[^>]*scope="row">(.*?)(?:<br>.*?)?</th>(.*?)</tr>', html, re.S
    )
    return {words: ["is-yes" in cell for cell in re.findall(r'class="govuk-table__cell ([\w-]+)"', cells)]
            for words, cells in rows}  # fmt: skip


def test_the_page_of_a_pledge_maker_prints_the_table(client: Client) -> None:
    member = make_member(role=Role.READER)
    sign_in(client, member.user)
    html = client.get(f"/workspace/{member.pledge_maker.slug}/roles/").content.decode()
    assert "You are a reader." in html
    assert rows_of(html) == {str(act.words): [*(role in act.roles for role in Role), act.team] for act in ACTS.values()}


def test_the_page_tells_a_contributor_of_their_limit(client: Client) -> None:
    member = make_member(role=Role.CONTRIBUTOR)
    Membership.objects.filter(pk=member.pk).update(objectives=[2, 5])
    sign_in(client, member.user)
    html = client.get(f"/workspace/{member.pledge_maker.slug}/roles/").content.decode()
    assert "You write about objectives 2 and 5, and read everything else." in html


def test_the_page_of_the_team_prints_both_tables_and_who_is_in_it(client: Client) -> None:
    sign_in(client, make_caseworker(name="Casey Worker"))
    html = client.get("/staff/roles/").content.decode()
    of_the_team, of_makers = html.split('id="makers-heading"')
    assert rows_of(of_the_team) == {
        str(duty.words): [role in duty.roles for role in WHOLE_TEAM] for duty in DUTIES.values()
    }
    assert rows_of(of_makers) == {
        str(act.words): [*(role in act.roles for role in Role), act.team] for act in ACTS.values()
    }
    assert "Casey Worker" in of_the_team
    assert "Administrators give and take these roles." in of_the_team


@pytest.mark.parametrize("count", [1, 3, 100])
def test_the_pages_cost_the_same_for_any_number(client: Client, django_assert_num_queries, count: int) -> None:  # type: ignore[no-untyped-def]
    for _number in range(count):
        make_caseworker()
    sign_in(client, make_caseworker())
    client.get("/staff/roles/")
    with django_assert_num_queries(3):
        client.get("/staff/roles/")


def test_signing_still_needs_somebody_else_to_ask() -> None:
    update = make_update(state=State.AWAITING_SIGN_OFF, now=NOW)
    leader = leader_of(update.entry.pledge_maker)
    ProgressUpdate.objects.filter(pk=update.pk).update(asked_by=leader)
    update.refresh_from_db()
    assert "sign" not in {step.name for step in workflow.steps_open_to(update=update, by=leader, now=NOW)}
    limited = Membership.objects.filter(pledge_maker=update.entry.pledge_maker).exclude(user=leader)
    limited.update(role=Role.CONTRIBUTOR, objectives=[1])
    assert "sign" in {step.name for step in workflow.steps_open_to(update=update, by=leader, now=NOW)}
