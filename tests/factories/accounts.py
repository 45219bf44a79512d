"""People for tests."""

import itertools

from accounts.models import SynergiRole, User
from accounts.people import account_for

_numbers = itertools.count(1)


def make_user(*, email: str | None = None, name: str = "Ama Mensah", synergi_role: str = "") -> User:
    """Somebody with a verified address, who could sign in by mailed code."""
    user = account_for(email=email or f"person{next(_numbers)}@northtown.example", name=name)
    if synergi_role:
        user.synergi_role = synergi_role
        user.save(update_fields=["synergi_role"])
    return user


def make_caseworker(*, email: str | None = None, name: str = "Casey Worker") -> User:
    return make_user(
        email=email or f"caseworker{next(_numbers)}@synergi.example",
        name=name,
        synergi_role=SynergiRole.CASEWORKER,
    )


def make_publisher(*, email: str | None = None, name: str = "Pat Publisher") -> User:
    return make_user(
        email=email or f"publisher{next(_numbers)}@synergi.example",
        name=name,
        synergi_role=SynergiRole.PUBLISHER,
    )


def make_administrator(*, email: str | None = None, name: str = "Ada Administrator") -> User:
    return make_user(
        email=email or f"administrator{next(_numbers)}@synergi.example",
        name=name,
        synergi_role=SynergiRole.ADMINISTRATOR,
    )
