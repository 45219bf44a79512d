"""Passkeys for tests: real keys, with which a browser's answers can be made without a browser."""

import itertools
import json
from typing import Any

from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.utils import timezone
from fido2.cose import ES256
from fido2.utils import sha256, websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData

from accounts import recovery_codes
from accounts.models import User

SITE = "testserver"
_numbers = itertools.count(1)
FLAGS = AuthenticatorData.FLAG


class SoftPasskey:
    """A passkey as a device holds it; `row` is what the site keeps."""

    def __init__(self, user: User, site: str = SITE) -> None:
        self.user, self.site = user, site
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = f"passkey-{next(_numbers)}".encode()
        # How often it was used. None: it always says 0, as those do that are on several devices.
        self.count: int | None = 0

    def made(self, challenge: str, *, verified: bool = True) -> dict[str, Any]:
        """What the browser answers when it was asked to make it."""
        public = ES256.from_cryptography_key(self.key.public_key())
        credential = AttestedCredentialData.create(Aaguid.NONE, self.id, public)
        flags = FLAGS.UP | FLAGS.AT | (FLAGS.UV if verified else FLAGS(0))
        data = AuthenticatorData.create(sha256(self.site.encode()), flags, 0, credential)
        attestation = AttestationObject.create("none", data, {})
        return self._answer(attestationObject=websafe_encode(attestation), **self._client("create", challenge))

    def used(self, challenge: str, *, verified: bool = True) -> str:
        """What the browser answers when it was asked to use it, as it is posted."""
        flags = FLAGS.UP | (FLAGS.UV if verified else FLAGS(0))
        self.count = None if self.count is None else self.count + 1
        data = AuthenticatorData.create(sha256(self.site.encode()), flags, self.count or 0)
        client = self._client("get", challenge)
        signature = self.key.sign(data + sha256(_client_json("get", challenge, self.site)), ec.ECDSA(hashes.SHA256()))
        return json.dumps(
            self._answer(
                authenticatorData=websafe_encode(data),
                signature=websafe_encode(signature),
                userHandle=websafe_encode(user_pk_to_url_str(self.user).encode()),
                **client,
            )
        )

    def _client(self, kind: str, challenge: str) -> dict[str, str]:
        return {"clientDataJSON": websafe_encode(_client_json(kind, challenge, self.site))}

    def _answer(self, **response: Any) -> dict[str, Any]:
        name = websafe_encode(self.id)
        return {"id": name, "rawId": name, "type": "public-key", "response": response, "clientExtensionResults": {}}


def _client_json(kind: str, challenge: str, site: str) -> bytes:
    return json.dumps({"type": f"webauthn.{kind}", "challenge": challenge, "origin": f"https://{site}"}).encode()


def make_passkey(user: User, *, name: str = "Laptop") -> Authenticator:
    """One that this person has added."""
    return make_soft_passkey(user, name=name)[0]


def make_soft_passkey(user: User, *, name: str = "Laptop") -> tuple[Authenticator, SoftPasskey]:
    soft = SoftPasskey(user)
    data = {"name": name, "credential": soft.made(websafe_encode(b"any challenge"))}
    return Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data=data), soft


def make_recovery_codes(user: User) -> list[str]:
    """The ten codes of this person, new ones."""
    codes = recovery_codes.make(user=user, now=timezone.now(), tell=False)
    return list(RecoveryCodes(codes).get_unused_codes())
