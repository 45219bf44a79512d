"""How django-allauth's passkeys and recovery codes behave here."""

import base64
from hashlib import sha256
from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser


class SecondFactorAdapter(DefaultMFAAdapter):
    def encrypt(self, text: str) -> str:
        """A copy of the database alone gives nobody a recovery code."""
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _box().decrypt(encrypted_text.encode()).decode()

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {**super().get_public_key_credential_rp_entity(), "name": "Pledge Tracker"}

    def get_public_key_credential_user_entity(self, user: AbstractBaseUser) -> dict[str, Any]:
        return {**super().get_public_key_credential_user_entity(user), "display_name": str(user)}

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """Ours go through the outbox: second_factor_emails.py."""


def _box() -> MultiFernet:
    """SECRET_KEY encrypts; keys that were in use before still open what they closed."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(sha256(f"recovery {key}".encode()).digest())) for key in keys])
