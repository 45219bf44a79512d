"""Importing organisations: all or nothing, every bad line and column named."""

from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import AuditEvent
from signatories import importing
from signatories.importing import Outcome
from signatories.models import Organisation, OrganisationKind, OrganisationName
from signatories.organisation_file import BadFile
from tests.factories.signatories import make_organisation

NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
HEADER = "ods_code,name,kind,region,icb,town,opened_on,closed_on,confirmed,successors"
TRUST = "nhs_mental_health_trust"
pytestmark = pytest.mark.django_db


@pytest.fixture
def load(tmp_path: Path):
    def load(*lines: str, header: str = HEADER, encoding: str = "utf-8", now: datetime = NOW) -> Outcome:
        path = tmp_path / "organisations.csv"
        path.write_bytes("\r\n".join([header, *lines, ""]).encode(encoding))
        return importing.import_file(path=path, by=None, now=now)

    return load


@pytest.fixture
def problems(load):
    def problems(*lines: str, **more) -> list[str]:
        with pytest.raises(BadFile) as bad:
            load(*lines, **more)
        assert not Organisation.objects.exists()
        return bad.value.problems

    return problems


def test_a_line_becomes_an_organisation(load) -> None:
    assert load(f"XA1,Northtown Trust,{TRUST},Y63,,Northtown,1999-04-01,,yes,") == Outcome(1, 0, 0)
    row = Organisation.objects.get()
    assert (row.ods_code, row.name, row.kind, row.region, row.town) == (
        "XA1",
        "Northtown Trust",
        TRUST,
        "Y63",
        "Northtown",
    )
    assert (row.opened_on, row.closed_on, row.confirmed) == (date(1999, 4, 1), None, True)
    assert AuditEvent.objects.get().detail == {"new": 1, "changed": 0}


def test_the_same_file_again_changes_nothing(load) -> None:
    lines = (
        "XB1,Northtown Board,integrated_care_board,,,,,,yes,",
        f"XA1,Northtown Trust,{TRUST},Y63,XB1,,,,yes,XA2",
        f"XA2,Newtown Trust,{TRUST},,,,,,,",
        ",Northtown Voices,voluntary_sector,,,,,,,",
    )
    assert load(*lines) == Outcome(4, 0, 0)
    assert load(*lines) == Outcome(0, 0, 4)
    assert Organisation.objects.count() == 4


def test_boards_and_successors_are_found_wherever_they_stand(load) -> None:
    stored = make_organisation(ods_code="XB1", kind=OrganisationKind.INTEGRATED_CARE_BOARD)
    load(f"XA1,Old Trust,{TRUST},,XB1,,,,,XA2 XA3", f"XA2,New,{TRUST},,,,,,,", f"XA3,Newer,{TRUST},,,,,,,")
    old = Organisation.objects.get(ods_code="XA1")
    assert (old.icb, sorted(old.successors.values_list("ods_code", flat=True))) == (stored, ["XA2", "XA3"])


def test_a_changed_name_is_kept_as_history(load) -> None:
    load(f"XA1,Old Name,{TRUST},,,,,,,")
    assert load(f"XA1,New Name,{TRUST},,,,,,,") == Outcome(0, 1, 0)
    row = Organisation.objects.get()
    assert row.name == "New Name"
    assert list(row.former_names.values_list("name", "until")) == [("Old Name", date(2027, 2, 28))]


def test_former_names_of_the_file_are_kept_once(load) -> None:
    header = "ods_code,name,kind,former_names"
    line = f"XA1,Now,{TRUST},Older until 2001-03-31; Old until 2010-12-31"
    load(line, header=header)
    assert load(line, header=header) == Outcome(0, 0, 1)
    assert list(OrganisationName.objects.values_list("name", "until")) == [
        ("Old", date(2010, 12, 31)),
        ("Older", date(2001, 3, 31)),
    ]


def test_a_region_that_staff_corrected_stays(load) -> None:
    load(f"XA1,Northtown Trust,{TRUST},Y59,,,,,,")
    Organisation.objects.update(region="Y56", region_corrected=True)
    assert load(f"XA1,Northtown Trust,{TRUST},Y59,,,,,,") == Outcome(0, 0, 1)
    assert Organisation.objects.get().region == "Y56"


def test_unverified_rows_are_hidden_until_staff_confirm_them(load) -> None:
    line = f"XA1,Northtown Trust,{TRUST},,,,,,no,"
    load(line)
    assert list(Organisation.objects.offered(NOW.date())) == []
    Organisation.objects.update(confirmed=True)
    load(line)
    assert Organisation.objects.offered(NOW.date()).count() == 1


def test_a_closed_organisation_is_offered_until_its_last_day(load) -> None:
    load(f"XA1,Northtown Trust,{TRUST},,,,2001-04-01,2024-10-31,,")
    offered = [Organisation.objects.offered(date(2024, month, day)).count() for month, day in ((10, 31), (11, 1))]
    assert offered == [1, 0]


def test_an_organisation_known_by_name_gets_its_code(load) -> None:
    load(f",Northtown Trust,{TRUST},,,,,,,")
    assert load(f"XA1,Northtown Trust,{TRUST},,,,,,,") == Outcome(0, 1, 0)
    assert Organisation.objects.get().ods_code == "XA1"


def test_a_column_that_is_not_there_changes_nothing(load) -> None:
    load(f"XA1,Northtown Trust,{TRUST},Y63,,Northtown,,,,")
    assert load(f"XA1,Northtown Trust,{TRUST}", header="ods_code,name,kind") == Outcome(0, 0, 1)
    assert Organisation.objects.get().town == "Northtown"


def test_a_byte_order_mark_is_no_part_of_the_first_column(load) -> None:
    assert load(f"XA1,Northtown Trust,{TRUST},,,,,,,", encoding="utf-8-sig") == Outcome(1, 0, 0)


def test_a_quoted_name_may_hold_a_comma_and_lines_are_counted_as_in_the_file(problems) -> None:
    assert problems(f'XA1,"Tees, Esk\r\nand Wear",{TRUST},,,,,,,', f"XA,Short,{TRUST},,,,,,,") == [
        "line 4, column ods_code: “XA” does not have 3 or 5 capital letters and digits."
    ]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (f"XA12,N,{TRUST},,,,,,,", "column ods_code: “XA12” does not have 3 or 5 capital letters and digits."),
        (f"xa1,N,{TRUST},,,,,,,", "column ods_code: “xa1” does not have 3 or 5 capital letters and digits."),
        (f"XA1,,{TRUST},,,,,,,", "column name: empty."),
        (f"XA1,{'N' * 201},{TRUST},,,,,,,", "column name: 201 characters; the longest is 200."),
        (f"XA1,N,{TRUST},Y99,,,,,,", "column region: “Y99” is not one of Y61, Y56, Y60, Y63, Y62, Y59, Y58."),
        (f"XA1,N,{TRUST},,ZZZ,,,,,", "column icb: ZZZ is not known."),
        (f"XA1,N,{TRUST},,XA1,,,,,", "column icb: XA1 is not an integrated care board."),
        (f"XA1,N,{TRUST},,,,2001-02-30,,,", "column opened_on: “2001-02-30” is not a real date."),
        (f"XA1,N,{TRUST},,,,,31/10/2024,,", "column closed_on: “31/10/2024” is not a date like 2024-10-31."),
        (f"XA1,N,{TRUST},,,,2002-01-02,2002-01-01,,", "column closed_on: closed before it opened."),
        (f"XA1,N,{TRUST},,,,,,maybe,", "column confirmed: “maybe” is not yes or no."),
        (f"XA1,N,{TRUST},,,,,,,XA9", "column successors: XA9 is not known."),
        (f"XA1,N,{TRUST},,,,,,,XA1", "column successors: XA1 is this organisation itself."),
    ],
)
def test_a_bad_cell_is_named(problems, line: str, problem: str) -> None:
    assert problems(line) == [f"line 2, {problem}"]


def test_an_unknown_kind_is_named_with_those_that_exist(problems) -> None:
    [problem] = problems("XA1,N,shop,,,,,,,")
    assert problem == f"line 2, column kind: “shop” is not one of {', '.join(OrganisationKind.values)}."


def test_a_line_of_the_wrong_length_is_named(problems) -> None:
    assert problems(f"XA1,N,{TRUST}") == ["line 2: 3 columns instead of 10."]


def test_the_same_code_or_name_twice_is_named(problems) -> None:
    assert problems(
        f"XA1,One,{TRUST},,,,,,,",
        f"XA1,Two,{TRUST},,,,,,,",
        ",Voices,voluntary_sector,,,,,,,",
        ",Voices,voluntary_sector,,,,,,,",
    ) == ["line 3, column ods_code: already on line 2.", "line 5, column name: already on line 4."]


def test_all_problems_are_told_at_once_and_nothing_is_stored(problems) -> None:
    good = f"XA1,Good,{TRUST},,,,,,,"
    assert len(problems(good, "XA,,shop,,,,,,,", f"XA2,N,{TRUST},,,,,,perhaps,")) == 4


def test_unknown_repeated_and_missing_columns_are_named(problems) -> None:
    assert problems("x", header="name,name,colour") == [
        "line 1, column kind: this column is missing.",
        "line 1, column colour: unknown column.",
        "line 1, column name: twice.",
    ]


def test_a_file_that_is_not_utf_8_is_refused(problems) -> None:
    assert problems(f"XA1,Café,{TRUST},,,,,,,", encoding="latin-1") == [
        "The file is not UTF-8. Save it as “CSV UTF-8”."
    ]


def test_a_date_must_fit_the_one_that_is_stored(load) -> None:
    load(f"XA1,N,{TRUST},,,,2001-04-01,,,")
    with pytest.raises(BadFile, match="line 2, column closed_on: closed before it opened"):
        load(f"XA1,N,{TRUST},2000-01-01", header="ods_code,name,kind,closed_on")


def test_a_late_problem_undoes_what_was_stored(load) -> None:
    load(f"XA1,Old,{TRUST},,,,,,,")
    with pytest.raises(BadFile):
        load(f"XA1,New,{TRUST},,,,,,,", f"XA2,N,{TRUST},,ZZZ,,,,,")
    assert Organisation.objects.get().name == "Old"


def test_the_command_prints_every_problem_and_fails(tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("name,kind\n,shop\n")
    errors = StringIO()
    with pytest.raises(CommandError, match="Nothing was changed: 2 problem") as failure:
        call_command("import_organisations", str(path), stderr=errors)
    assert failure.value.returncode == 1
    assert [line.split(":")[0] for line in errors.getvalue().splitlines()] == [
        "line 2, column name",
        "line 2, column kind",
    ]


def test_a_missing_file_is_an_error_without_a_traceback(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_organisations", str(tmp_path / "none.csv"))


# --- The file that we carry ------------------------------------------------------------------------------


@pytest.fixture
def carried() -> None:
    call_command("import_organisations", stdout=StringIO())


def test_forty_eight_open_trusts_come_with_the_project(carried: None) -> None:
    trusts = Organisation.objects.filter(kind=TRUST)
    assert trusts.filter(confirmed=True, closed_on=None).count() == 48
    assert trusts.offered(timezone.localdate()).count() == 48


def test_the_carried_file_loads_again_without_a_change(carried: None) -> None:
    out = StringIO()
    call_command("import_organisations", stdout=out)
    assert out.getvalue() == "0 new, 0 changed, 99 as before.\n"


def test_north_london_follows_barnet_enfield_and_haringey(carried: None) -> None:
    old = Organisation.objects.get(ods_code="RRP")
    new = old.successors.get()
    assert (old.closed_on, new.ods_code, new.opened_on) == (date(2024, 10, 31), "G6V2S", date(2024, 11, 1))


def test_every_open_trust_has_a_region_and_an_open_board(carried: None) -> None:
    trusts = Organisation.objects.filter(kind=TRUST).offered(timezone.localdate()).select_related("icb")
    assert [row.name for row in trusts if not row.region or row.icb is None or row.icb.closed_on] == []


def test_the_unverified_trust_is_hidden(carried: None) -> None:
    assert Organisation.objects.get(ods_code="TAF").confirmed is False
    assert not Organisation.objects.offered(timezone.localdate()).filter(ods_code="TAF").exists()
