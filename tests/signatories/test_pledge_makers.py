"""Making Pledge Makers, finding organisations, the form that staff use, and what the database refuses."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.template.loader import render_to_string

from signatories import organisations, pledge_makers
from signatories.forms import InviteLeaderForm
from signatories.models import (
    ChangesAsked,
    Invitation,
    Leader,
    Membership,
    Objective,
    Organisation,
    OrganisationName,
    Plan,
    PledgeMaker,
    PledgeMakerAddress,
    PledgeMakerOrganisation,
    PledgeMakerWord,
    ReachAlarm,
    Signature,
    Statement,
    StatementState,
)
from tests.factories.accounts import make_caseworker, make_user
from tests.factories.signatories import (
    make_invitation,
    make_leader,
    make_member,
    make_organisation,
    make_pledge_maker,
    make_public_pledge_maker,
    make_statement,
)
from tests.signatories.test_joining_constraints import BROKEN as BROKEN_BY_JOINING

NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
TODAY = NOW.date()
pytestmark = pytest.mark.django_db


# --- Making ----------------------------------------------------------------------------------------------


def test_organisations_join_on_the_day() -> None:
    trust, council = make_organisation(), make_organisation()
    pledge_maker = pledge_makers.create(
        name="Northtown Partnership", organisations=[trust, council, trust], by=make_caseworker(), now=NOW
    )
    parts = pledge_maker.parts.order_by("pk").values_list("organisation", "joined_on", "left_on")
    assert list(parts) == [(trust.pk, TODAY, None), (council.pk, TODAY, None)]


@pytest.mark.parametrize(("name", "slug"), [("New", "new-2"), ("Compare", "compare-2"), ("…", "pledge-maker")])
def test_words_of_ours_are_no_addresses(name: str, slug: str) -> None:
    assert make_pledge_maker(name=name, organisations=[make_organisation()], now=NOW).slug == slug


def test_an_address_is_given_once_even_after_it_was_left() -> None:
    first = make_pledge_maker(name="Northtown Trust", now=NOW)
    PledgeMakerAddress.objects.create(pledge_maker=first, name="Old", slug="northtown-trust-2", until=TODAY)
    assert make_pledge_maker(name="Northtown Trust", now=NOW).slug == "northtown-trust-3"


def test_a_long_name_has_an_address_that_fits() -> None:
    name = "North " * 33
    assert [len(make_pledge_maker(name=name, now=NOW).slug) for _number in range(2)] == [100, 102]


@pytest.mark.parametrize("by", [make_user, lambda: make_leader(now=NOW).user])
def test_only_staff_make_a_pledge_maker(by) -> None:
    with pytest.raises(PermissionDenied):
        pledge_makers.create(name="Northtown", organisations=[make_organisation()], by=by(), now=NOW)


def test_a_pledge_maker_needs_a_name_and_an_organisation() -> None:
    for name, parts in (("", [make_organisation()]), ("Northtown", [])):
        with pytest.raises(ValidationError):
            pledge_makers.create(name=name, organisations=parts, by=make_caseworker(), now=NOW)


def test_it_is_found_by_exactly_its_organisations() -> None:
    trust, council = make_organisation(), make_organisation()
    alone = make_pledge_maker(organisations=[trust], now=NOW)
    together = make_pledge_maker(organisations=[trust, council], now=NOW)
    found = [pledge_makers.of([trust]), pledge_makers.of([council, trust]), pledge_makers.of([council])]
    assert found == [alone, together, None]


def test_one_that_withdrew_is_not_found() -> None:
    pledge_maker = make_pledge_maker(now=NOW)
    PledgeMaker.objects.update(withdrawn_on=TODAY)
    assert pledge_makers.of(pledge_maker.organisations.all()) is None


@pytest.mark.django_db(transaction=True)
def test_the_same_name_at_the_same_moment_gets_two_addresses() -> None:
    staff, parts = make_caseworker(), [make_organisation()]

    def make(_number: int) -> str:
        try:
            return pledge_makers.create(name="Northtown", organisations=parts, by=staff, now=NOW).slug
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(make, range(6)))) == 6


def test_the_public_sees_those_with_a_published_statement_once() -> None:
    make_statement(state=StatementState.SIGNED, now=NOW)
    public = make_public_pledge_maker(now=NOW)
    twice = make_statement(state=StatementState.SUPERSEDED, now=NOW).pledge_maker
    assert set(PledgeMaker.objects.published()) == {public, twice}
    assert PledgeMaker.objects.published().count() == 2


# --- Finding organisations -------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["XA1", "xa1", "Northtown Trust", " northtown  TRUST ", "Northtown Trust (XA1)"])
def test_an_organisation_is_found_by_name_or_code(typed: str) -> None:
    row = make_organisation(name="Northtown Trust", ods_code="XA1")
    make_organisation(name="Southtown Trust", ods_code="XA2")
    assert organisations.find(typed, day=TODAY) == row


@pytest.mark.parametrize(
    "hidden", [{"confirmed": False}, {"closed_on": date(2027, 2, 28)}, {"name": "Another", "ods_code": "XA9"}]
)
def test_what_is_not_offered_is_not_found(hidden: dict[str, object]) -> None:
    make_organisation(**{"name": "Northtown Trust", "ods_code": "XA1"} | hidden)
    with pytest.raises(ValidationError, match="no open organisation"):
        organisations.find("Northtown Trust", day=TODAY)


def test_two_of_the_same_name_are_told_apart_by_code() -> None:
    make_organisation(name="Northtown Trust", ods_code="XA1")
    second = make_organisation(name="Northtown Trust", ods_code="XA2")
    with pytest.raises(ValidationError, match="Enter the ODS code"):
        organisations.find("Northtown Trust", day=TODAY)
    assert organisations.find("Northtown Trust (XA2)", day=TODAY) == second


# --- The form --------------------------------------------------------------------------------------------


def form_of(**typed: str) -> InviteLeaderForm:
    known = {"organisation_1": "XA1", "name": "Dr Ngozi Bello", "email": "Ngozi@Northtown.example"}
    return InviteLeaderForm(known | {"role_title": "Chief executive"} | typed, day=TODAY)


def test_one_organisation_needs_no_other_name() -> None:
    trust = make_organisation(ods_code="XA1")
    form = form_of()
    assert form.is_valid()
    assert form.invitation() == {
        "organisations": [trust],
        "pledge_maker_name": "",
        "name": "Dr Ngozi Bello",
        "email": "ngozi@northtown.example",
        "role_title": "Chief executive",
        "role": "leader",
    }


def test_a_coordinator_comes_first_without_a_title() -> None:
    make_organisation(ods_code="XA1")
    form = form_of(role="coordinator", role_title="")
    assert form.is_valid()
    assert (form.invitation()["role"], form.invitation()["role_title"]) == ("coordinator", "")
    assert form_of(role="leader", role_title="").errors == {"role_title": ["Enter their role."]}


def test_a_partnership_needs_a_name() -> None:
    make_organisation(ods_code="XA1"), make_organisation(name="Northtown Council")
    form = form_of(organisation_2="Northtown Council")
    assert form.errors == {"pledge_maker_name": ["Enter a name for this partnership."]}
    assert form_of(organisation_2="Northtown Council", pledge_maker_name="Northtown Partnership").is_valid()


def test_an_unknown_organisation_is_named_at_its_box() -> None:
    make_organisation(ods_code="XA1")
    assert form_of(organisation_3="Nowhere").errors["organisation_3"] == [
        "We know no open organisation called “Nowhere”."
    ]


def test_the_first_organisation_is_required() -> None:
    assert form_of(organisation_1="").errors == {"organisation_1": ["Enter the name or ODS code of an organisation."]}


def test_the_browser_offers_the_open_organisations() -> None:
    make_organisation(name="Northtown & Co", ods_code="XA1")
    make_organisation(name="Hidden", confirmed=False)
    html = render_to_string("signatories/_organisation_list.html", {"form": form_of()})
    assert html.count("<option") == 1
    assert '<option value="Northtown &amp; Co (XA1)"></option>' in html
    assert 'list="known-organisations"' in str(form_of()["organisation_2"])


# --- What the database refuses ---------------------------------------------------------------------------


def _statement(**values):
    statement = make_statement(now=NOW)
    known = {"pledge_maker": statement.pledge_maker, "wording": statement.wording, "version": 2, "created_at": NOW}
    return Statement.objects.create(**known | values)


def _part(**values):
    part = PledgeMakerOrganisation.objects.get(pledge_maker=make_pledge_maker(now=NOW))
    known = {"pledge_maker": part.pledge_maker, "organisation": part.organisation, "joined_on": TODAY}
    return PledgeMakerOrganisation.objects.create(**known | values)


def _leader(**values):
    leader = make_leader(now=NOW)
    known = {"pledge_maker": leader.pledge_maker, "user": leader.user, "name": "N", "role_title": "R"}
    return Leader.objects.create(**known | {"from_on": TODAY} | values)


def _membership(**values):
    member = make_member(now=NOW)
    known = {"user": member.user, "pledge_maker": member.pledge_maker, "role": "reader", "since": NOW}
    return Membership.objects.create(**known | values)


def _signature():
    signature = make_statement(state=StatementState.SIGNED, now=NOW).signatures.get()
    return Signature.objects.create(statement=signature.statement, leader=signature.leader, signed_at=NOW)


def _address(*, slug: str):
    for _number in range(2):
        PledgeMakerAddress.objects.create(pledge_maker=make_pledge_maker(now=NOW), slug=slug, until=TODAY)


def _objective(**values):
    wording = make_statement(now=NOW).wording
    return Objective.objects.create(**{"wording": wording, "number": 1, "text": "T", "short": "S"} | values)


def _plan(**values):
    return Plan.objects.create(**{"statement": make_statement(now=NOW), "number": 1} | values)


def _invitation(**values):
    make_invitation(now=NOW)
    return Invitation.objects.update(**values)


def _former_name():
    row = make_organisation()
    for name in ("One", "Two"):
        OrganisationName.objects.create(organisation=row, name=name, until=TODAY)


def _word():
    word = make_pledge_maker(now=NOW).words.first()
    assert word
    PledgeMakerWord.objects.create(pledge_maker=word.pledge_maker, form=word.form, is_whole=word.is_whole)


def _changes_asked():
    statement = make_statement(state=StatementState.SIGNED, now=NOW)
    return ChangesAsked.objects.create(
        statement=statement, leader=statement.signatures.get().leader, words="", asked_at=NOW
    )


def _reach_alarms(*ends: datetime | None):
    maker = make_pledge_maker(now=NOW)
    for ended_at in ends:
        ReachAlarm.objects.create(pledge_maker=maker, run=uuid.uuid4(), began_at=NOW, ended_at=ended_at)


def _published_twice():
    statement = make_statement(state=StatementState.SUPERSEDED, now=NOW)
    return Statement.objects.filter(pk=statement.pk).update(state="published")


BROKEN = {
    "ods_code_has_3_or_5_characters": lambda: make_organisation(ods_code="XA12"),
    "organisation_closes_after_it_opens": lambda: make_organisation(
        opened_on=date(2002, 1, 2), closed_on=date(2002, 1, 1)
    ),
    "organisation_kind_known": lambda: make_organisation(kind="shop"),
    "organisation_region_known": lambda: make_organisation(region="Y99"),
    "ods_code": lambda: [make_organisation(ods_code="XA1") for _number in range(2)],
    "one_former_name_a_day": _former_name,
    "organisation_once_in_a_pledge_maker": _part,
    "part_leaves_after_it_joins": lambda: _part(organisation=make_organisation(), left_on=date(2027, 2, 28)),
    "slug": lambda: _address(slug="northtown"),
    "one_role_for_a_pledge_maker": _membership,
    "membership_role_known": lambda: _membership(user=make_user(), role="king"),
    "only_contributors_are_limited": lambda: _membership(user=make_user(), role="coordinator", objectives=[2]),
    "only_contributors_are_invited_with_limits": lambda: _invitation(objectives=[2]),
    "changes_asked_in_words": _changes_asked,
    "one_reach_alarm_at_a_time": lambda: _reach_alarms(None, None),
    "reach_alarm_ends_after_it_begins": lambda: _reach_alarms(NOW - timedelta(seconds=1)),
    "leader_once_for_a_pledge_maker": _leader,
    "leader_ends_after_start": lambda: _leader(user=None, until_on=date(2027, 2, 28)),
    "invitation_role_known": lambda: _invitation(role="king"),
    "invitation_accepted_by_somebody": lambda: _invitation(accepted_at=NOW),
    "invitation_accepted_or_withdrawn": lambda: _invitation(accepted_at=NOW, accepted_by=make_user(), withdrawn_at=NOW),
    "objective_once_in_a_wording": _objective,
    "objective_number_from_1_to_7": lambda: _objective(number=8),
    "statement_version_once": lambda: _statement(version=1),
    "at_most_one_published_statement": _published_twice,
    "statement_state_known": lambda: _statement(state="lost", signed_at=NOW, joins_network=True),
    "statement_signed_before_it_is_published": lambda: _statement(state="signed", signed_at=NOW),
    "statement_published_by_somebody": lambda: _statement(
        state="published", signed_at=NOW, joins_network=True, published_at=NOW
    ),
    "plan_once_for_an_objective": _plan,
    "plan_number_from_1_to_7": lambda: _plan(number=0),
    "one_signature_of_a_leader_a_version": _signature,
    "word_once_for_a_pledge_maker": _word,
    "pledge_maker_withdrawn_or_merged": lambda: PledgeMaker.objects.filter(pk=make_pledge_maker(now=NOW).pk).update(
        withdrawn_on=TODAY, merged_on=TODAY
    ),
}


@pytest.mark.parametrize("constraint", list(BROKEN))
def test_the_database_refuses(constraint: str) -> None:
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        BROKEN[constraint]()
    assert constraint in str(refusal.value) or connection.vendor == "sqlite"


def test_every_named_constraint_of_the_room_is_broken_once() -> None:
    from django.apps import apps

    named = {c.name for model in apps.get_app_config("signatories").get_models() for c in model._meta.constraints}
    assert named <= set(BROKEN) | set(BROKEN_BY_JOINING)


def test_a_code_may_be_missing_more_than_once() -> None:
    make_organisation(), make_organisation()
    assert Organisation.objects.filter(ods_code=None).count() == 2
