"""The audit trail is added to. Our code changes no row of it, and the role of the site cannot: real PostgreSQL."""

import json
import re
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import psycopg2
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test import Client

from accounts import audit
from accounts.append_only import NeverChanged
from accounts.models import AuditEvent
from pledge_tracker import keeping
from progress_updates import workflow
from progress_updates.models import State
from reminders.plan import plan
from signatories import changes
from staff.erasing import erase_account
from tests.factories.accounts import mailed_code, make_administrator, make_user, sign_in
from tests.factories.progress_updates import make_update, writer_of
from tests.processes import test_environment

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
ROLE = "pledge_application_of_tests"


def event() -> AuditEvent:
    return audit.record(action="sign_in.succeeded", by=make_user(), now=NOW)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [
        lambda row: row.save(),
        lambda row: row.delete(),
        lambda row: AuditEvent.objects.filter(pk=row.pk).update(action="other"),
        lambda row: AuditEvent.objects.filter(pk=row.pk).delete(),
        lambda row: AuditEvent.objects.bulk_update([row], ["action"]),
        lambda row: row.by.audit_events.all().delete(),
        lambda row: AuditEvent.objects.update_or_create(pk=row.pk, defaults={"action": "other"}),
        lambda row: AuditEvent.objects.bulk_create(
            [row], update_conflicts=True, update_fields=["action"], unique_fields=["id"]
        ),
    ],
)
def test_our_own_code_cannot_change_a_row(change: Callable[[AuditEvent], Any]) -> None:
    row = event()
    row.action = "other"
    with pytest.raises(NeverChanged):
        change(row)
    assert AuditEvent.objects.get().action == "sign_in.succeeded"


@pytest.mark.django_db
def test_a_new_row_never_takes_the_place_of_one_that_is_there() -> None:
    row = event()
    with pytest.raises(IntegrityError), transaction.atomic():
        AuditEvent(pk=row.pk, at=NOW, action="other").save()
    assert AuditEvent.objects.get().action == "sign_in.succeeded"


def test_nothing_in_the_code_goes_past_the_guard() -> None:
    """SQL that names the table stands in one place, which only grants rights."""
    rooms = settings.BASE_DIR.glob("*/apps.py")
    files = [file for room in rooms for file in room.parent.rglob("*.py") if "migrations" not in file.parts]
    assert [file.name for file in files if "auditevent" in file.read_text()] == []


# --- The role of the application ------------------------------------------------------------------------------


@pytest.fixture
def role(transactional_db: None) -> Iterator[str]:
    """Made as deployment makes it; gone afterwards."""
    call_command("grant_application_role", ROLE, verbosity=0)
    yield ROLE
    with connection.cursor() as cursor:
        cursor.execute(f"DROP OWNED BY {ROLE}; DROP ROLE {ROLE}")


def as_role(name: str) -> str:
    """The address of the test's database for this role."""
    whole = urlsplit(test_environment()["DATABASE_URL"])
    return whole._replace(netloc=f"{name}@{whole.netloc.rpartition('@')[2]}").geturl()


def run(sql: str) -> Any:
    """As the application, in a transaction that is kept. Gives the first cell of what it answers, if anything."""
    with psycopg2.connect(as_role(ROLE)) as own, own.cursor() as cursor:
        cursor.execute(sql)
        found = cursor.fetchone()[0] if cursor.description else None
    own.close()
    return found


CHANGES = {
    "update": "UPDATE accounts_auditevent SET action = 'other'",
    "update of one column": "UPDATE accounts_auditevent SET at = now() WHERE false",
    "delete": "DELETE FROM accounts_auditevent",
    "truncate": "TRUNCATE accounts_auditevent",
    "truncate with what hangs on it": "TRUNCATE accounts_user CASCADE",
    "insert over": "INSERT INTO accounts_auditevent SELECT * FROM accounts_auditevent "
    "ON CONFLICT (id) DO UPDATE SET action = 'other'",
    "drop": "DROP TABLE accounts_auditevent",
    "another column": "ALTER TABLE accounts_auditevent ADD COLUMN x int",
    "trigger": "CREATE TRIGGER x BEFORE INSERT ON accounts_auditevent "
    "EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "rule": "CREATE RULE x AS ON INSERT TO accounts_auditevent DO INSTEAD NOTHING",
    "owner": f"ALTER TABLE accounts_auditevent OWNER TO {ROLE}",
    "numbers set back": "SELECT setval('accounts_auditevent_id_seq', 1)",
    "another schema before": "CREATE TABLE public.anything (x int)",
    "migrations": "DELETE FROM django_migrations",
}  # fmt: skip


def is_refused(sql: str) -> bool:
    try:
        run(sql)
    except psycopg2.errors.InsufficientPrivilege:
        return True
    return False


def test_as_the_application_every_change_is_refused(role: str) -> None:
    row = event()
    assert [name for name, sql in CHANGES.items() if not is_refused(sql)] == []
    assert AuditEvent.objects.values_list("pk", "action").get() == (row.pk, "sign_in.succeeded")


def test_as_the_application_it_is_read_and_added_to(role: str) -> None:
    event()
    run(
        "INSERT INTO accounts_auditevent (at, action, about_kind, before, after, detail) "
        "VALUES (now(), 'x', '', '{}', '{}', '{}')"
    )
    assert run("SELECT count(*) FROM accounts_auditevent") == 2


def test_granting_twice_changes_nothing_and_covers_new_tables(role: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE a_new_one (id bigserial PRIMARY KEY)")
    try:
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            run("SELECT count(*) FROM a_new_one")
        call_command("grant_application_role", ROLE, verbosity=0)
        assert run("INSERT INTO a_new_one DEFAULT VALUES RETURNING id") == 1
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            run(CHANGES["update"])
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE a_new_one")


@pytest.mark.django_db(transaction=True)
def test_a_role_with_rights_from_elsewhere_is_refused_and_gets_nothing() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        [owner] = cursor.fetchone()
        cursor.execute(f"CREATE ROLE {ROLE} LOGIN IN ROLE {owner}")
        try:
            with pytest.raises(CommandError, match="has rights from elsewhere"):
                call_command("grant_application_role", ROLE)
            cursor.execute("SELECT count(*) FROM information_schema.role_table_grants WHERE grantee = %s", [ROLE])
            assert cursor.fetchone() == (0,)
        finally:
            cursor.execute(f"DROP ROLE {ROLE}")
    with pytest.raises(CommandError, match="owns the tables"):
        call_command("grant_application_role", owner)


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["", "Pledge", 'x"; DROP ROLE y; --', "1st", "a" * 64])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(CommandError, match="small letters, digits and underscores"):
        call_command("grant_application_role", name)


@pytest.mark.django_db(transaction=True)
def test_the_password_is_set_and_never_sent_in_clear(monkeypatch, django_assert_max_num_queries) -> None:
    monkeypatch.setenv("APPLICATION_ROLE_PASSWORD", "a-password-of-the-tests")
    try:
        with django_assert_max_num_queries(20) as queries:
            call_command("grant_application_role", ROLE, verbosity=0)
        said = " ".join(query["sql"] for query in queries.captured_queries)
        assert ("SCRAM-SHA-256" in said, "a-password-of-the-tests" in said) == (True, False)
        with connection.cursor() as cursor:
            cursor.execute("SELECT rolpassword LIKE 'SCRAM-SHA-256$%%' FROM pg_authid WHERE rolname = %s", [ROLE])
            assert cursor.fetchone() == (True,)
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP OWNED BY {ROLE}; DROP ROLE {ROLE}")


# --- The site as this role --------------------------------------------------------------------------------------


@pytest.fixture
def in_its_place(db: None) -> Iterator[None]:
    """All that this test does in the database is done with the rights of the application's role."""
    call_command("grant_application_role", ROLE, verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {ROLE}")
        yield
        cursor.execute("RESET ROLE")


def test_as_the_application_all_that_people_and_the_clock_do_is_done(in_its_place: None, client: Client) -> None:
    update = make_update(state=State.PUBLISHED, now=NOW)
    maker, administrator = update.entry.pledge_maker, make_administrator()
    changes.rename(pledge_maker=maker, name="Southtown Trust", by=administrator, now=NOW)
    changes.withdraw(pledge_maker=maker, on=NOW.date(), note="It closed.", by=administrator, now=NOW)
    erase_account(user=writer_of(maker), by=administrator, now=NOW)
    sign_in(client, administrator)
    assert len(b"".join(client.get("/staff/audit.csv"))) > 1000  # type: ignore[arg-type]
    assert client.get("/staff/updates/7777777/").status_code == 404
    assert client.get(f"/pledge-makers/{maker.slug}/").status_code == 200
    workflow.publish_due(now=NOW)
    plan(now=NOW)
    keeping.tidy(now=NOW + timedelta(days=4000))
    acts = set(AuditEvent.objects.values_list("action", flat=True))
    assert {
        "invitation.accepted", "statement.signed", "update.publish", "pledge_maker.withdrawn", "account.erased",
        "staff.exported",
    } <= acts  # fmt: skip
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        AuditEvent.objects.all()._raw_delete(using="default")


@pytest.mark.servers
def test_as_the_application_people_sign_in_and_files_are_taken(role: str, gunicorn_site: Callable[..., str]) -> None:
    user = make_user(email="ama@northtown.example")
    site, browser = gunicorn_site(DATABASE_URL=as_role(ROLE)), requests_of_a_browser()
    browser(f"{site}/account/login/", email=user.email)
    page = browser(f"{site}/account/login/code/", code=mailed_code(user.email))
    assert "Sign out" in page
    assert list(AuditEvent.objects.values_list("action", "by")) == [("sign_in.succeeded", user.pk)]
    assert json.loads(browser(f"{site}/health/ready")) == {"ready": True, "because": ""}


def requests_of_a_browser() -> Callable[..., str]:
    """Keeps cookies and sends the CSRF token of the page with what is typed."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())

    def ask(address: str, **typed: str) -> str:
        page = opener.open(address, timeout=20).read().decode()
        if not typed:
            return page
        token = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[0]
        body = urllib.parse.urlencode({**typed, "csrfmiddlewaretoken": token}).encode()
        return opener.open(urllib.request.Request(address, body, {"Referer": address}), timeout=20).read().decode()

    return ask
