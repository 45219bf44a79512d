"""The audit trail: for administrators, in words, by who, act, kind and day; the same rows as a file."""

import ast
import csv
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from accounts import audit
from accounts.limits import BY_SCOPE
from accounts.models import AuditEvent, User
from progress_updates.workflow import STEPS
from signatories import statements
from staff.audit_values import CHOICES, KINDS
from staff.audit_words import ACTS, GROUPS
from tests.factories.accounts import make_administrator, make_caseworker, make_publisher, make_user, sign_in
from tests.factories.progress_updates import make_round
from tests.factories.signatories import make_leader, make_public_pledge_maker

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


@pytest.fixture
def ada(client: Client) -> User:
    """Signed in; what she did to get there is of another year."""
    user = make_administrator(name="Ada Administrator")
    sign_in(client, user)
    return user


def lines(client: Client, query: str = "") -> list[str]:
    """Each row in one line, as the page says it."""
    shown = client.get(f"/staff/audit/{query}").context["lines"]
    return [f"{line.who} {line.did}: {line.kind} {line.name}".rstrip(": ") for line in shown]


def file_of(client: Client, query: str = "") -> list[dict[str, str]]:
    content = b"".join(client.get(f"/staff/audit.csv{query}")).decode("utf-8-sig")  # type: ignore[arg-type]
    return list(csv.DictReader(io.StringIO(content, newline="")))


# --- Who may read it ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [make_caseworker, make_publisher, make_user])
@pytest.mark.parametrize("address", ["/staff/audit/", "/staff/audit.csv"])
def test_it_is_for_administrators_only(make: Any, address: str, client: Client) -> None:
    sign_in(client, make())
    assert client.get(address).status_code == 404
    assert "Audit trail" not in client.get("/staff/").content.decode()


def test_administrators_find_it_in_the_navigation(client: Client, ada: User) -> None:
    assert '<a href="/staff/audit/" >Audit trail</a>' in client.get("/staff/").content.decode()


def test_it_is_read_and_never_sent_to(client: Client, ada: User) -> None:
    assert [client.post(f"/staff/audit{end}").status_code for end in ("/", ".csv")] == [405, 405]


# --- In words -------------------------------------------------------------------------------------------------


def test_rows_are_sentences_newest_first(client: Client, ada: User) -> None:
    maker = make_public_pledge_maker(name="Northtown Trust")
    pat = make_publisher(name="Pat Publisher")
    audit.record(action="pledge_maker.renamed", by=pat, about=maker, now=NOW + timedelta(days=400))
    audit.record(action="supporter.link_asked", by=None, now=NOW + timedelta(days=401))
    audit.record(action="update.publish", by=None, now=NOW + timedelta(days=402))
    audit.record(action="synergi_role.given", by=None, now=NOW + timedelta(days=403))
    assert lines(client, "?from=2027-12-01") == [
        "A command changed a role in the Synergi team",
        "The clock published it",
        "A visitor asked for a new link for supporters",
        "Pat Publisher renamed the Pledge Maker: Pledge Maker Northtown Trust",
    ]


def test_before_and_after_are_shown_with_their_words(client: Client, ada: User) -> None:
    audit.record(
        action="synergi_role.given",
        by=ada,
        about=make_user(name="Ben Okri"),
        now=NOW,
        before={"role": "", "due_at": "2026-11-30T23:59:59+00:00"},
        after={"role": "publisher", "due_at": None},
        rows=3,
    )
    [line] = client.get("/staff/audit/?act=synergi_role.given").context["lines"]
    assert line.changes == [("Role", "–", "Publisher"), ("Due", "30 November 2026, 11:59pm", "–")]
    assert (line.noted, line.name) == ([("Rows", "3")], "Ben Okri")


def test_what_a_row_refers_to_by_number_is_named(client: Client, ada: User) -> None:
    maker, member = make_public_pledge_maker(name="Northtown Trust"), make_user(name="Ben Okri")
    leader = make_leader(pledge_maker=maker, name="Dr Ngozi Bello")
    said: dict[str, Any] = {"person": member.pk, "successors": [maker.pk], "leader": leader.pk, "organisation": 999999}
    audit.record(action="membership.limited", by=ada, now=NOW, after={"caseworker": ada.pk}, **said)
    [line] = client.get("/staff/audit/?act=membership.limited").context["lines"]
    assert line.changes == [("Looked after by", "–", "Ada Administrator")]
    assert dict(line.noted) == {
        "Leader": "Dr Ngozi Bello",
        "Organisation": "number 999999",
        "Person": "Ben Okri",
        "Goes on in": "Northtown Trust",
    }


def test_what_did_not_change_and_what_is_said_already_is_left_out(client: Client, ada: User) -> None:
    before, after = {"role": "contributor", "objectives": []}, {"role": "reader", "objectives": []}
    audit.record(action="membership.role_changed", by=ada, now=NOW, before=before, after=after, role="reader")
    [line] = client.get("/staff/audit/?act=membership.role_changed").context["lines"]
    assert (line.changes, line.noted) == ([("Role", "Contributor", "Reader")], [])


def test_codes_of_signing_in_have_words(client: Client, ada: User) -> None:
    audit.record(action="session.ended", by=ada, now=NOW, why="idle", methods=["code", "recovery_codes"])
    [line] = client.get("/staff/audit/?act=session.ended").context["lines"]
    assert dict(line.noted) == {"Why": "the site was not used for a while", "How": "mailed code, recovery code"}


def test_an_act_of_an_older_version_reads_as_its_code(client: Client, ada: User) -> None:
    audit.record(action="something.forgotten", by=ada, now=NOW)
    assert "Ada Administrator something.forgotten" in lines(client)


def test_every_limit_and_every_file_has_a_name_in_words() -> None:
    assert set(CHOICES["limit"]) == set(BY_SCOPE)
    assert set(CHOICES["what"]) == {"audit", "queue", "round"}


def test_what_was_typed_as_a_name_stays_text(client: Client, ada: User) -> None:
    audit.record(action="account.erased", by=ada, about=make_user(name="<script>alert(1)</script>"), now=NOW)
    page = client.get("/staff/audit/?act=account.erased").content.decode()
    assert ("<script>alert" in page, "&lt;script&gt;alert(1)" in page) == (False, True)


def test_every_kind_of_thing_is_found_by_its_name(client: Client, ada: User) -> None:
    """One query for all of them together: a name in the table that leads nowhere fails here."""
    AuditEvent.objects.bulk_create(
        AuditEvent(at=NOW, by=ada, action="staff.exported", about_kind=kind, about_id=1) for kind in KINDS
    )
    assert len(lines(client, "?act=staff.exported")) == len(KINDS)


# --- Filters --------------------------------------------------------------------------------------------------


@pytest.fixture
def trail(ada: User) -> dict[str, User]:
    """Five rows about two kinds of thing, by three people and nobody, on three days."""
    people = {"ada": ada, "casey": make_caseworker(name="Casey Worker"), "ama": make_user(name="Ama Mensah")}
    maker, round_ = make_leader().pledge_maker, make_round()
    rows: list[tuple[str, User | None, Any, timedelta]] = [
        ("pledge_maker.renamed", people["casey"], maker, timedelta(days=-2)),
        ("round.opened", ada, round_, timedelta(days=-1)),
        ("sign_in.succeeded", people["ama"], None, timedelta()),
        ("sign_in.failed", None, None, timedelta()),
        ("proof.given", ada, None, timedelta(seconds=1)),
    ]
    for action, by, about, later in rows:
        audit.record(action=action, by=by, about=about, now=NOW.replace(year=2031) + later)
    return people


@pytest.mark.parametrize(
    ("query", "acts"),
    [
        ("who=team", ["proof.given", "round.opened", "pledge_maker.renamed"]),
        ("who=members", ["sign_in.succeeded"]),
        ("who=nobody", ["sign_in.failed"]),
        ("act=signing-in", ["proof.given", "sign_in.failed", "sign_in.succeeded"]),
        ("act=sign_in.failed", ["sign_in.failed"]),
        ("about=progress_updates.round", ["round.opened"]),
        ("until=2031-11-20", ["pledge_maker.renamed"]),
        ("until=2031-11-21&act=rounds", ["round.opened"]),
        ("act=rounds&who=members", []),
    ],
)
def test_filters_stand_in_the_address(client: Client, trail: dict[str, User], query: str, acts: list[str]) -> None:
    found = [row["Code of the act"] for row in file_of(client, f"?from=2031-01-01&{query}")]
    shown = client.get(f"/staff/audit/?from=2031-01-01&{query}")
    assert (found, len(shown.context["lines"])) == (acts, len(acts))


def test_the_name_of_somebody_leads_to_what_they_did(client: Client, trail: dict[str, User]) -> None:
    page = client.get("/staff/audit/?from=2031-01-01").content.decode()
    link = f"?who={trail['ama'].pk}#rows-heading"
    assert f'href="{link}"' in page
    assert set(lines(client, f"?who={trail['ama'].pk}&from=2031-01-01")) == {"Ama Mensah signed in"}


UNKNOWN = ("who=7777777", "who=²", f"who={2**70}", "who=" + "1" * 5000, "act=zzz", "about=auth.group",
           "from=yesterday", "until=2026-02-30", "from=20261122", "page=0")  # fmt: skip


@pytest.mark.parametrize("query", UNKNOWN)
def test_what_is_unknown_is_left_out_and_said(client: Client, ada: User, query: str) -> None:
    page = client.get(f"/staff/audit/?{query}").content.decode()
    assert page.count("so it is left out.") == 1


# --- The file -------------------------------------------------------------------------------------------------


def test_the_file_has_the_rows_of_the_view_and_taking_it_is_recorded_after_them(client: Client, ada: User) -> None:
    before, after = {"state": "draft"}, {"state": "published"}
    maker = make_public_pledge_maker(name="=Northtown")
    audit.record(action="pledge_maker.renamed", by=ada, about=maker, now=NOW, before=before, after=after, rows=2)
    [row] = file_of(client, "?act=pledge_maker.renamed")
    assert row == {
        "When": "2026-11-22T09:30:00+00:00",
        "Who": "Ada Administrator",
        "Account": str(ada.pk),
        "What was done": "renamed the Pledge Maker",
        "Code of the act": "pledge_maker.renamed",
        "About": "Pledge Maker",
        "Number": str(maker.pk),
        "Name": "'=Northtown",
        "Before and after": "State: Draft → Published",
        "Also noted": "Rows: 2",
        "An apostrophe was added in": "Name",
    }
    taken = AuditEvent.objects.latest("pk")
    assert (taken.action, taken.by, taken.detail) == (
        "staff.exported", ada, {"what": "audit", "rows": 1, "chosen": {"act": "pledge_maker.renamed"}}
    )  # fmt: skip


# --- Size -----------------------------------------------------------------------------------------------------


def make_many(count: int, by: User) -> None:
    maker, round_ = make_public_pledge_maker(), make_round()
    AuditEvent.objects.bulk_create(
        AuditEvent(
            at=NOW + timedelta(days=3000, seconds=number), by=by, action="round.opened",
            about_kind=("signatories.pledgemaker", "progress_updates.round")[number % 2],
            about_id=(maker.pk, round_.pk)[number % 2], before={"state": "draft"}, after={"state": "published"},
        )
        for number in range(count)
    )  # fmt: skip


@pytest.mark.parametrize("count", [1, 3, 100, 1000])
def test_a_page_takes_five_queries_however_long_the_trail(
    client: Client, ada: User, count: int, django_assert_num_queries: Any
) -> None:
    make_many(count, ada)
    client.get("/staff/audit/")
    with django_assert_num_queries(5):
        shown = client.get("/staff/audit/?from=2031-01-01").context["lines"]
    assert len(shown) == min(50, count)


def test_a_file_of_a_thousand_rows_takes_few_queries(client: Client, ada: User, django_assert_num_queries: Any) -> None:
    make_many(1000, ada)
    with django_assert_num_queries(12):
        assert len(file_of(client, "?from=2031-01-01")) == 1000


def test_pages_have_fifty_rows(client: Client, ada: User) -> None:
    make_many(101, ada)
    pages = [len(lines(client, f"?from=2031-01-01&page={number}")) for number in (1, 2, 3)]
    assert pages == [50, 50, 1]


# --- Every act has words ----------------------------------------------------------------------------------------


def recorded_anywhere() -> set[str]:
    """Every action that the code hands to the audit trail, read from its source.

    Written out; or made of the names of steps; or handed to a function whose parameter it is."""
    found: set[str] = set()
    for path in (path for room in Path(settings.BASE_DIR).glob("*/apps.py") for path in room.parent.rglob("*.py")):
        tree = ast.parse(path.read_text())
        for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
            for value in _actions_in(function):
                found |= _acts_of(value, function, tree)
    return found


def _actions_in(function: ast.FunctionDef) -> list[ast.expr]:
    """What is given for `action` in calls of record and its sisters."""
    calls = [node for node in ast.walk(function) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    recording = [call for call in calls if call.func.attr.startswith("record")]  # type: ignore[attr-defined]
    return [word.value for call in recording for word in call.keywords if word.arg == "action"]


def _acts_of(value: ast.expr, function: ast.FunctionDef, tree: ast.Module) -> set[str]:
    if isinstance(value, ast.Constant):
        return {str(value.value)}
    if isinstance(value, ast.IfExp):
        return _acts_of(value.body, function, tree) | _acts_of(value.orelse, function, tree)
    if isinstance(value, ast.Name):
        return _handed_over(value.id, function, tree)
    if ast.unparse(value) == "f'update.{name}'":
        return {f"update.{name}" for name in STEPS}
    if isinstance(value, ast.Attribute) and value.attr == "audit":
        return {step.audit for step in statements.STEPS}
    raise AssertionError(f"No test knows which acts this is: {ast.unparse(value)}")


def _handed_over(name: str, function: ast.FunctionDef, tree: ast.Module) -> set[str]:
    """What calls in the same file give for this parameter, by place or by name."""
    place = [argument.arg for argument in function.args.args].index(name) if name in {
        argument.arg for argument in function.args.args} else -1  # fmt: skip
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)
             and isinstance(node.func, ast.Name) and node.func.id == function.name]  # fmt: skip
    given = [call.args[place] for call in calls if -1 < place < len(call.args)]
    given += [word.value for call in calls for word in call.keywords if word.arg == name]
    assert given, f"Nobody calls {function.name} with {name}."
    return {act for value in given for act in _acts_of(value, function, tree)}


def test_every_act_that_is_recorded_anywhere_has_words() -> None:
    found = recorded_anywhere()
    assert len(found) > 80
    assert found - set(ACTS) == set()


def test_every_act_with_words_is_recorded_somewhere() -> None:
    assert set(ACTS) - recorded_anywhere() == set()


def test_no_act_stands_in_two_groups() -> None:
    assert sum(len(group.acts) for group in GROUPS) == len(ACTS)
    assert not {group.key for group in GROUPS} & set(ACTS)
