"""Statements to publish."""

from django.db.models import QuerySet

from signatories.models import Statement, StatementState


def statements_to_publish() -> QuerySet[Statement]:
    """Signed, oldest first."""
    rows = Statement.objects.filter(state=StatementState.SIGNED).select_related("pledge_maker")
    return rows.order_by("signed_at", "pk")
