"""One's own name: corrected by oneself; what was signed keeps the name of the day."""

import pytest
from django.test import Client

from accounts.models import AuditEvent, User
from signatories.models import StatementState
from tests.factories.accounts import make_user, sign_in
from tests.factories.signatories import make_leader, make_statement

pytestmark = pytest.mark.django_db
PAGE = "/account/name/"


@pytest.fixture
def ama() -> User:
    return make_user(name="Ama Mensa")


def test_the_name_is_corrected_and_on_the_record(client: Client, ama: User) -> None:
    sign_in(client, ama).post(PAGE, {"name": "  Ama   Mensah "})
    ama.refresh_from_db()
    assert ama.name == "Ama Mensah"
    event = AuditEvent.objects.get(action="name.corrected")
    assert (event.by, event.about_id, event.before, event.after, event.detail) == (ama, ama.pk, {}, {}, {})


def test_the_same_name_again_leaves_no_trace(client: Client, ama: User) -> None:
    sign_in(client, ama).post(PAGE, {"name": "Ama Mensa"})
    assert not AuditEvent.objects.filter(action="name.corrected").exists()


def test_what_was_signed_keeps_the_name_of_the_day(client: Client) -> None:
    leader = make_leader(name="Dr Ngozi Belo")
    statement = make_statement(leader=leader, state=StatementState.SIGNED)
    sign_in(client, leader.user).post(PAGE, {"name": "Dr Ngozi Bello"})
    leader.user.refresh_from_db()
    assert (leader.user.name, statement.signatures.get().name) == ("Dr Ngozi Bello", "Dr Ngozi Belo")


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Enter your full name."),
        ("   ", "Enter your full name."),
        ("x" * 201, "Your name must be 200 letters or fewer."),
        ("Ama\u202eMensah", "Your name holds a sign that cannot be shown. Type it again."),
    ],
)
def test_what_is_no_name_gets_a_sentence_and_changes_nothing(
    client: Client, ama: User, typed: str, sentence: str
) -> None:
    page = sign_in(client, ama).post(PAGE, {"name": typed}).content.decode()
    assert page.count(sentence) == 2
    ama.refresh_from_db()
    assert ama.name == "Ama Mensa"


def test_nobody_corrects_the_name_of_somebody_else(client: Client, ama: User) -> None:
    other = make_user(name="Kofi Asante")
    sign_in(client, ama).post(PAGE, {"name": "Eve", "user": other.pk, "id": other.pk, "pk": other.pk})
    other.refresh_from_db()
    assert other.name == "Kofi Asante"


def test_the_page_is_private(client: Client) -> None:
    assert client.get(PAGE)["Location"] == f"/account/login/?next={PAGE}"
