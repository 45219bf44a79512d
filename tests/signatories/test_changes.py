"""How Pledge Makers change: nothing is lost, nothing makes no sense, the search follows."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from accounts.models import AuditEvent
from signatories import changes, importing, search
from signatories.models import PledgeMaker
from tests.factories.accounts import make_caseworker, make_user
from tests.factories.signatories import make_leader, make_organisation, make_pledge_maker, make_public_pledge_maker

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
TODAY = NOW.date()
pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(db):
    return make_caseworker()


def found(typed: str) -> list[str]:
    return list(PledgeMaker.objects.filter(search.matching(typed)).values_list("name", flat=True))


def actions() -> list[str]:
    return list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))


# --- Names ------------------------------------------------------------------------------------------------


def test_a_new_name_has_a_new_address_and_the_old_one_is_kept(staff):
    maker = make_pledge_maker(name="Northtown Trust", now=NOW)
    changes.rename(pledge_maker=maker, name=" Northern  Light Trust ", by=staff, now=NOW)
    maker.refresh_from_db()
    assert (maker.name, maker.slug) == ("Northern Light Trust", "northern-light-trust")
    kept = maker.former_addresses.values_list("name", "slug", "until")
    assert list(kept) == [("Northtown Trust", "northtown-trust", date(2026, 11, 21))]
    assert actions()[-1] == "pledge_maker.renamed"


def test_both_names_find_it(staff):
    maker = make_pledge_maker(name="Quernstead", organisations=[make_organisation(name="Body")], now=NOW)
    changes.rename(pledge_maker=maker, name="Marlstone", by=staff, now=NOW)
    assert found("quernstaed") == found("marlstone") == ["Marlstone"]


def test_a_capital_or_a_comma_is_a_correction(staff):
    maker = make_pledge_maker(name="Northtown, Trust", now=NOW)
    changes.rename(pledge_maker=maker, name="Northtown Trust", by=staff, now=NOW)
    assert (maker.slug, maker.former_addresses.count()) == ("northtown-trust", 0)


def test_a_name_that_comes_back_has_its_old_address(staff):
    maker = make_pledge_maker(name="One", now=NOW)
    for name in ("Two", "One"):
        changes.rename(pledge_maker=maker, name=name, by=staff, now=NOW)
    assert maker.slug == "one"
    assert list(maker.former_addresses.values_list("slug", flat=True)) == ["two"]


def test_a_name_that_another_has_gets_an_address_of_its_own(staff):
    make_pledge_maker(name="Northtown", now=NOW)
    maker = make_pledge_maker(name="Southtown", now=NOW)
    changes.rename(pledge_maker=maker, name="Northtown", by=staff, now=NOW)
    assert maker.slug == "northtown-2"


@pytest.mark.parametrize("name", ["", "  ", "Northtown"])
def test_a_name_that_changes_nothing_is_refused(staff, name):
    maker = make_pledge_maker(name="Northtown", now=NOW)
    with pytest.raises(changes.Refused):
        changes.rename(pledge_maker=maker, name=name, by=staff, now=NOW)


def test_who_was_slower_hears_it(staff):
    maker = make_pledge_maker(name="Northtown", now=NOW)
    late = PledgeMaker.objects.get(pk=maker.pk)
    changes.rename(pledge_maker=maker, name="First", by=staff, now=NOW)
    with pytest.raises(changes.Refused, match="Somebody else has just changed"):
        changes.rename(pledge_maker=late, name="Second", by=staff, now=NOW)
    assert PledgeMaker.objects.get().name == "First"
    assert late.former_addresses.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_several_new_names_at_once_one_stays():
    staff = make_caseworker()
    maker = make_pledge_maker(name="Northtown", now=NOW)

    def rename(number: int) -> bool:
        try:
            seen = PledgeMaker(pk=maker.pk, name="Northtown", slug="northtown", created_at=NOW)
            changes.rename(pledge_maker=seen, name=f"Name {number}", by=staff, now=NOW)
        except changes.Refused:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(rename, range(6))) == 1
    assert maker.former_addresses.count() == 1


# --- Leaving the pledge, and going up in another ----------------------------------------------------------


def test_who_withdraws_says_when_and_why(staff):
    maker = make_pledge_maker(now=NOW)
    changes.withdraw(pledge_maker=maker, on=date(2026, 11, 1), note=" They joined another scheme. ", by=staff, now=NOW)
    assert (maker.withdrawn_on, maker.withdrawn_note) == (date(2026, 11, 1), "They joined another scheme.")
    assert not PledgeMaker.objects.current().exists()


def test_a_withdrawal_needs_words_a_day_that_has_come_and_happens_once(staff):
    maker = make_pledge_maker(now=NOW)
    for values in ({"note": " "}, {"on": TODAY + timedelta(days=1)}):
        with pytest.raises(changes.Refused):
            changes.withdraw(**{"pledge_maker": maker, "on": TODAY, "note": "N", "by": staff, "now": NOW} | values)
    changes.withdraw(pledge_maker=maker, on=TODAY, note="First.", by=staff, now=NOW)
    with pytest.raises(changes.Refused, match="already"):
        changes.withdraw(pledge_maker=maker, on=TODAY, note="Second.", by=staff, now=NOW)
    assert PledgeMaker.objects.get().withdrawn_note == "First."


def test_a_withdrawal_can_be_undone_once(staff):
    maker = make_pledge_maker(now=NOW)
    changes.withdraw(pledge_maker=maker, on=TODAY, note="N", by=staff, now=NOW)
    changes.undo_withdrawal(pledge_maker=maker, by=staff, now=NOW)
    assert (maker.withdrawn_on, maker.withdrawn_note) == (None, "")
    with pytest.raises(changes.Refused, match="It has not withdrawn"):
        changes.undo_withdrawal(pledge_maker=maker, by=staff, now=NOW)
    assert actions()[-2:] == ["pledge_maker.withdrawn", "pledge_maker.withdrawal_undone"]


def test_one_goes_up_in_two(staff):
    old, first, second = (make_public_pledge_maker(now=NOW) for _ in range(3))
    changes.merge(pledge_maker=old, successors=[first, second], on=TODAY, by=staff, now=NOW)
    assert old.merged_on == TODAY
    assert set(old.successors.all()) == {first, second}
    assert set(PledgeMaker.objects.current()) == {first, second}
    assert list(first.predecessors.all()) == [old]


def test_a_successor_is_another_and_stands_behind_the_pledge(staff):
    maker, gone = make_public_pledge_maker(now=NOW), make_public_pledge_maker(now=NOW)
    changes.withdraw(pledge_maker=gone, on=TODAY, note="N", by=staff, now=NOW)
    invited = make_pledge_maker(now=NOW)  # nobody outside knows of it yet
    for successors in ([], [maker], [gone], [invited]):
        with pytest.raises(changes.Refused):
            changes.merge(pledge_maker=maker, successors=successors, on=TODAY, by=staff, now=NOW)
    with pytest.raises(changes.Refused, match="already"):
        changes.merge(pledge_maker=gone, successors=[maker], on=TODAY, by=staff, now=NOW)
    assert PledgeMaker.objects.get(pk=maker.pk).merged_on is None


# --- Organisations ----------------------------------------------------------------------------


def test_an_organisation_joins_and_leaves_with_dates(staff):
    maker, council = make_pledge_maker(name="Northtown", now=NOW), make_organisation(name="Fenholme Council")
    part = changes.add_organisation(pledge_maker=maker, organisation=council, on=date(2026, 4, 1), by=staff, now=NOW)
    assert found("fenholme") == ["Northtown"]
    changes.remove_organisation(part=part, on=TODAY, by=staff, now=NOW)
    part.refresh_from_db()
    assert (part.joined_on, part.left_on) == (date(2026, 4, 1), TODAY)
    assert found("fenholme") == ["Northtown"]  # those of the past find it too
    assert actions()[-2:] == ["pledge_maker.organisation_joined", "pledge_maker.organisation_left"]


def test_an_organisation_is_part_of_it_once(staff):
    maker = make_pledge_maker(now=NOW)
    with pytest.raises(changes.Refused, match="part of it already"):
        changes.add_organisation(
            pledge_maker=maker, organisation=maker.organisations.get(), on=TODAY, by=staff, now=NOW
        )


def test_an_organisation_that_left_comes_back_after_its_last_day(staff):
    council = make_organisation()
    maker = make_pledge_maker(organisations=[make_organisation(), council], now=NOW - timedelta(days=9))
    part = maker.parts.get(organisation=council)
    changes.remove_organisation(part=part, on=TODAY, by=staff, now=NOW)
    with pytest.raises(changes.Refused, match="Choose a later one"):
        changes.add_organisation(pledge_maker=maker, organisation=council, on=TODAY, by=staff, now=NOW)
    later = NOW + timedelta(days=1)
    changes.add_organisation(pledge_maker=maker, organisation=council, on=later.date(), by=staff, now=later)
    assert maker.parts.filter(organisation=council).count() == 2


def test_the_last_organisation_cannot_leave_nor_before_it_came(staff):
    council = make_organisation()
    maker = make_pledge_maker(organisations=[make_organisation(), council], now=NOW)
    part, last = maker.parts.get(organisation=council), maker.parts.exclude(organisation=council).get()
    with pytest.raises(changes.Refused, match="before the day"):
        changes.remove_organisation(part=part, on=TODAY - timedelta(days=1), by=staff, now=NOW)
    changes.remove_organisation(part=part, on=TODAY, by=staff, now=NOW)
    with pytest.raises(changes.Refused, match="cannot leave"):
        changes.remove_organisation(part=last, on=TODAY, by=staff, now=NOW)
    with pytest.raises(changes.Refused, match="left already"):
        changes.remove_organisation(part=part, on=TODAY, by=staff, now=NOW)


@pytest.mark.parametrize("by", [make_user, lambda: make_leader(now=NOW).user])
def test_only_the_team_changes_a_pledge_maker(by):
    maker, other, by = make_pledge_maker(now=NOW), make_pledge_maker(now=NOW), by()
    part = maker.parts.get()
    who = {"by": by, "now": NOW}
    for change in (
        lambda: changes.rename(pledge_maker=maker, name="New", **who),
        lambda: changes.withdraw(pledge_maker=maker, on=TODAY, note="N", **who),
        lambda: changes.undo_withdrawal(pledge_maker=maker, **who),
        lambda: changes.merge(pledge_maker=maker, successors=[other], on=TODAY, **who),
        lambda: changes.add_organisation(pledge_maker=maker, organisation=make_organisation(), on=TODAY, **who),
        lambda: changes.remove_organisation(part=part, on=TODAY, **who),
    ):
        with pytest.raises(PermissionDenied):
            change()


def test_an_organisation_renamed_by_a_file_is_found_by_both_names(tmp_path):
    make_pledge_maker(name="Together", organisations=[make_organisation(name="Quernstead", ods_code="XA1")], now=NOW)
    file = tmp_path / "organisations.csv"
    file.write_text("name,kind,ods_code\nMarlstone,nhs_mental_health_trust,XA1\n")
    importing.import_file(path=file, by=None, now=NOW)
    assert found("marlstone") == found("quernstead") == ["Together"]
