"""How django-allauth behaves here: by invitation only, and every message through our outbox."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts import audit, client, sessions
from accounts.models import User


class InvitationOnlyAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up: accepting an invitation makes the account."""
        return False

    def get_login_stages(self) -> list[str]:
        """Ours asks everybody who has a second factor for it."""
        theirs, ours = "allauth.mfa.stages.AuthenticateStage", "accounts.second_factor.SecondFactorStage"
        return [ours if stage == theirs else stage for stage in super().get_login_stages()]

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Codes are mailed by sign_in.py through the outbox; no other mail of allauth's is in use."""
        raise NotImplementedError(f"No mail goes past the outbox: {template_prefix}")

    def login(self, request: HttpRequest, user: User) -> None:
        """Every way to sign in ends here, so that each is on the record."""
        super().login(request, user)
        methods = [record.get("type") or record["method"] for record in get_authentication_records(request, user)]
        audit.record(action="sign_in.succeeded", by=user, now=timezone.now(), methods=methods)

    def logout(self, request: HttpRequest) -> None:
        """The end of a session is on the record, whoever ends it."""
        user = request.user
        if isinstance(user, User):
            sessions.end(session=request.session, user=user, why=sessions.Why.SIGNED_OUT, now=timezone.now())
        super().logout(request)

    def get_client_ip(self, request: HttpRequest) -> str:
        """For the list of sessions; on a Unix socket without a proxy there is none."""
        return client.address_of(request) or "127.0.0.1"

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        user = request.user
        return "/staff/" if isinstance(user, User) and user.is_synergi else reverse("workspace")

    def is_safe_url(self, url: str | None) -> bool:
        """Whether a page to go on to is ours. What cannot be read is none."""
        try:
            return bool(super().is_safe_url(url))
        except ValueError:
            return False

    def add_message(self, request: HttpRequest, *args: Any, message: str | None = None, **kwargs: Any) -> None:
        """Our pages say what happened; allauth's own messages ("Successfully signed in as ...") stay out."""
