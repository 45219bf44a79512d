"""`{% csrf_token %}`, which in forms of private pages also says whose page it is; and how long the session lasts."""

from typing import Any

from django import template
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest
from django.template.base import Parser, Token
from django.template.defaulttags import CsrfTokenNode
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts import kept, sessions

register = template.Library()


class FormMarksNode(CsrfTokenNode):
    """The token, then the mark of whoever is signed in: see accounts.kept."""

    def render(self, context: template.Context) -> SafeString:
        mark = mark_on_page(context)
        token: Any = super().render(context)
        if not (token and mark):
            return token
        return format_html('{}<input type="hidden" name="{}" value="{}">', token, kept.WRITTEN_BY, mark)


@register.tag(name="csrf_token")
def csrf_token(parser: Parser, token: Token) -> FormMarksNode:
    return FormMarksNode()


@register.simple_tag(takes_context=True)
def mark_on_page(context: template.Context) -> str:
    """Empty where nobody is signed in. A page for everybody does not ask, and so stays without a query."""
    request: HttpRequest | None = context.get("request")
    session: Any = getattr(request, "session", None)
    if request is None or session is None or not session.accessed or SESSION_KEY not in session:
        return ""
    return kept.mark_of(request.user) if request.user.is_authenticated else ""  # type: ignore[arg-type]


@register.simple_tag(takes_context=True)
def session_seconds_left(context: template.Context) -> int:
    """Until the session of this page ends unless it is used; this very request counts as use."""
    request = context["request"]
    return sessions.seconds_left(request.session, request.user, timezone.now())
