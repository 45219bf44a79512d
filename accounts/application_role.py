"""The PostgreSQL role with which the site runs: all that it needs, and of the audit trail only reading and adding.

The owner of the tables migrates, backs up and restores; web, worker and beat are somebody else. So even a hole in the
site cannot change what stands in the record."""

import re

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg2.extensions import encrypt_password

from accounts.models import AuditEvent

NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")
# One at a time, or PostgreSQL says that a row of its own was changed by somebody else.
TURN = "SELECT pg_advisory_xact_lock(hashtext('pledge tracker: application role'))"
GRANTS = (
    "GRANT USAGE ON SCHEMA {schema} TO {role}",
    "REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC, {role}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role}",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {role}",
    "REVOKE ALL ON {audit} FROM PUBLIC, {role}",
    "GRANT SELECT, INSERT ON {audit} TO {role}",
    "REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {role}",
)
CHANGES = """SELECT has_table_privilege(%(role)s, %(audit)s, 'UPDATE, DELETE, TRUNCATE')
    OR has_any_column_privilege(%(role)s, %(audit)s, 'UPDATE')
    OR pg_has_role(%(role)s, (SELECT relowner FROM pg_class WHERE oid = %(audit)s::regclass), 'MEMBER')"""


class CannotGrant(Exception):
    """This role cannot be the application's; the message is a sentence for the person at the keyboard."""


def grant(*, name: str, password: str = "") -> None:
    """Makes the role if there is none, and grants it what the tables of now need. Run it after each migration.

    As the owner of the tables. With a password it is set; without, it stays as it is. Raises CannotGrant, and then
    nothing has changed."""
    if connection.vendor != "postgresql":
        raise CannotGrant("Only PostgreSQL has roles. On SQLite there is nothing to do.")
    if not NAME.fullmatch(name):
        raise CannotGrant("The name of the role has small letters, digits and underscores only.")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(TURN)
        _make(cursor, name, password)
        words = _words(cursor, name)
        for statement in GRANTS:
            cursor.execute(statement.format(**words))
        _check_cannot_change(cursor, name)


def _make(cursor: CursorWrapper, name: str, password: str) -> None:
    role = connection.ops.quote_name(name)
    cursor.execute("SELECT current_user = %s, EXISTS (SELECT FROM pg_roles WHERE rolname = %s)", [name, name])
    is_owner, is_there = cursor.fetchone()
    if is_owner:
        raise CannotGrant(f"{name} is who migrates, and owns the tables. The application needs a role of its own.")
    if not is_there:
        cursor.execute(f"CREATE ROLE {role} LOGIN")
    if password:
        # Never in clear: the server may log what it is asked.
        secret = encrypt_password(password, name, connection.connection, "scram-sha-256")
        cursor.execute(f"ALTER ROLE {role} LOGIN PASSWORD %s", [secret])


def _words(cursor: CursorWrapper, name: str) -> dict[str, str]:
    cursor.execute("SELECT current_schema()")
    [schema] = cursor.fetchone()
    quote = connection.ops.quote_name
    return {"role": quote(name), "schema": quote(schema), "audit": quote(AuditEvent._meta.db_table)}


def _check_cannot_change(cursor: CursorWrapper, name: str) -> None:
    """A superuser, a member of the owner or of a group with more rights could change it all the same."""
    cursor.execute(CHANGES, {"role": name, "audit": AuditEvent._meta.db_table})
    if cursor.fetchone()[0]:
        raise CannotGrant(f"{name} has rights from elsewhere with which it could change the audit trail.")
