"""A passkey in the browser's hand: asked for, used, and who is signed in then."""

from django.http import HttpResponse
from django.test import Client

from tests.factories.passkeys import SoftPasskey

SIGN_IN, OPTIONS, ADD = "/account/login/passkey/", "/account/passkeys/options/", "/account/passkeys/add/"


def challenge(client: Client, address: str = OPTIONS, **typed: str) -> str:
    return str(client.post(address, typed).json()["publicKey"]["challenge"])


def use(client: Client, soft: SoftPasskey, **more: str) -> HttpResponse:
    return client.post(SIGN_IN, {"answer": soft.used(challenge(client)), **more})


def signed_in_as(client: Client) -> str | None:
    return client.session.get("_auth_user_id")


def who_is_let_in(soft: SoftPasskey) -> str | None:
    """The number of whoever is signed in after it was used in another browser."""
    client = Client()
    use(client, soft)
    return signed_in_as(client)
