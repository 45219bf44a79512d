"""Where sessions are kept: Django's own table. What a browser sends as its session's key may be anything at all."""

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import VALID_KEY_CHARS


class SessionStore(db.SessionStore):
    def _validate_session_key(self, key: str) -> bool:
        """A cookie can hold a NUL, which PostgreSQL takes for no text: such a key is none, and nobody asks for it."""
        is_long_enough = super()._validate_session_key(key)  # type: ignore[misc]
        return bool(is_long_enough) and set(key) <= set(VALID_KEY_CHARS)
