"""A person's own name. What was signed carries its own copy, and keeps the name of that day."""

from datetime import datetime

from django.db import transaction

from accounts import audit
from accounts.models import User


@transaction.atomic
def correct(*, user: User, name: str, by: User, now: datetime) -> bool:
    """Gives the account this name, which is not empty. False: it has that name already.

    The audit trail says that it changed, not from what to what: an erased person was promised to lose their name."""
    changed = User.objects.filter(pk=user.pk, is_active=True).exclude(name=name).update(name=name)
    if changed:
        audit.record(action="name.corrected", by=by, about=user, now=now)
        user.name = name
    return bool(changed)
