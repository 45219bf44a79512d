"""Passkeys: added, used, renamed and removed. The ceremony is allauth's; what counts as proof is said here."""

import json
import struct
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AuthenticatorData, RegistrationResponse

from accounts import audit, sessions
from accounts import second_factor_emails as emails
from accounts.models import User

PASSKEY = Authenticator.Type.WEBAUTHN
MOST = 20
# Letters of one answer. Real ones have up to ten thousand, with what a maker says of the device.
LARGEST_ANSWER = 64 * 1024
# What fido2 raises when the bytes are not those of a passkey.
NONSENSE = (ValueError, TypeError, LookupError, AttributeError, AssertionError, ArithmeticError, struct.error,
            RuntimeError)  # fmt: skip
T = TypeVar("T")


class PasskeyRefused(Exception):
    """The passkey does not count, or must stay; the message is a sentence for people."""


def of(user: User) -> models.QuerySet[Authenticator]:
    """Oldest first."""
    return Authenticator.objects.filter(user_id=user.pk, type=PASSKEY).order_by("created_at", "pk")


def name_of(passkey: Authenticator) -> str:
    return str(passkey.data.get("name", ""))


# --- Adding, renaming, removing ----------------------------------------------------------------------------


def options_to_add(user: User) -> dict[str, Any]:
    """What the browser needs to make one: kept on the device, and opened by face, finger or PIN.

    Keeps the challenge in the session of this request."""
    return auth.begin_registration(user, passwordless=True)


@transaction.atomic
def add(*, request: HttpRequest, user: User, name: str, answer: str, now: datetime) -> Authenticator:
    """Keeps the passkey that the browser made; this session has then given a second factor.

    Raises PasskeyRefused when the answer is not the one to our challenge."""
    User.objects.select_for_update().get(pk=user.pk)
    if of(user).count() >= MOST:
        raise PasskeyRefused(_("You have as many passkeys as an account can hold. Remove one first."))
    credential = _checked(lambda: _made(_read(answer)))
    passkey = auth.WebAuthn.add(user, name, credential).instance
    record_authentication(request, user, "mfa", id=passkey.pk, type=str(PASSKEY), reauthenticated=True)
    audit.record(action="passkey.added", by=user, about=passkey, now=now)
    emails.tell(user=user, what="passkey_added", name=name, now=now)
    return passkey


def _made(credential: Any) -> dict[str, Any]:
    said = auth.parse_registration_response(credential)
    device = auth.complete_registration(credential)
    if not device.is_user_verified():
        raise ValueError("Nobody was verified.")
    return _kept_of(said, device)


def _kept_of(said: RegistrationResponse, device: AuthenticatorData) -> dict[str, Any]:
    """What a passkey is used with later, and nothing else that came along: no word of the maker about the device."""
    name = websafe_encode(said.raw_id)
    response = {
        "clientDataJSON": websafe_encode(said.response.client_data),
        "attestationObject": websafe_encode(AttestationObject.create("none", device, {})),
    }
    return {"id": name, "rawId": name, "type": "public-key", "response": response, "clientExtensionResults": {}}


@transaction.atomic
def rename(*, passkey: Authenticator, name: str, by: User, now: datetime) -> None:
    """Raises PasskeyRefused when it was removed meanwhile."""
    row = _locked(passkey)
    row.data["name"] = name
    row.save(update_fields=["data"])
    audit.record(action="passkey.renamed", by=by, about=row, now=now)


def _locked(passkey: Authenticator) -> Authenticator:
    """As it is now, and nobody else's until the end of the transaction."""
    row = Authenticator.objects.select_for_update().filter(pk=passkey.pk).first()
    if row is None:
        raise PasskeyRefused(_("This passkey was removed meanwhile."))
    return row


@transaction.atomic
def remove(*, passkey: Authenticator, by: User, now: datetime) -> None:
    """Takes it away. With the last one the recovery codes go as well, for they stand in for it.

    Raises PasskeyRefused for the last one of a member of the Synergi team. Safe to run twice."""
    owner = User.objects.select_for_update().get(pk=passkey.user_id)
    last = not of(owner).exclude(pk=passkey.pk).exists()
    if last and owner.is_synergi:
        raise PasskeyRefused(_("This is your only passkey, and the Synergi team needs one. Add another first."))
    if not of(owner).filter(pk=passkey.pk).delete()[0]:
        return
    if last:
        Authenticator.objects.filter(user=owner).delete()
    audit.record(action="passkey.removed", by=by, about=passkey, now=now)
    emails.tell(user=owner, what="passkey_removed", name=name_of(passkey), now=now)


# --- Using one ---------------------------------------------------------------------------------------------


def options_to_use(user: User | None) -> dict[str, Any]:
    """What the browser needs to use one: any that this device holds (`user` None), or one of this person's."""
    return auth.begin_authentication(user)


def used(*, answer: str, user: User | None = None) -> Authenticator:
    """The passkey that gave this answer to our challenge. Raises PasskeyRefused for any other answer.

    The device has verified the person by face, finger or PIN: without that the answer is refused. So is one of a device
    that has counted less far than we have: somebody has copied it."""
    return _checked(lambda: _used(_read(answer), user))


def _read(answer: str) -> Any:
    if len(answer) > LARGEST_ANSWER:
        raise ValueError("Too long.")
    return json.loads(answer)


def _used(credential: Any, user: User | None) -> Authenticator:
    said = auth.parse_authentication_response(credential)
    owner = user or auth.extract_user_from_response(credential)
    passkey = auth.complete_authentication(owner, credential)
    _count_on(passkey, said.response.authenticator_data.counter)
    return passkey


@transaction.atomic
def _count_on(passkey: Authenticator, counter: int) -> None:
    """A device says how often it was used, or always 0, as those do that share a passkey among each other
    (Web Authentication, level 2, section 7.2, step 21)."""
    row = _locked(passkey)
    before = row.data.get("counter", row.wrap().authenticator_data.counter)
    if counter <= before and (counter or before):
        raise ValueError("Counted before.")
    if counter:
        row.data["counter"] = counter
        row.save(update_fields=["data"])


def _checked(read: Callable[[], T]) -> T:
    """What came from the browser may be anything at all."""
    try:
        return read()
    except (*NONSENSE, ValidationError) as wrong:
        raise PasskeyRefused(_("That passkey was not accepted. Try again, or use another way.")) from wrong


def count_as_proof(request: HttpRequest, passkey: Authenticator) -> None:
    """Somebody signed in has given it: a second factor of this session, and a fresh proof."""
    post_authentication(request, passkey, reauthenticated=True)
    sessions.renew(request.session)
