"""What the tests of planning have in common."""

from datetime import date, datetime, timedelta
from email.utils import parseaddr

from mail.models import Message
from progress_updates import extensions
from progress_updates.models import Round
from reminders.plan import PlanResult
from tests.factories.accounts import make_caseworker

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NOTHING = PlanResult()


def recipients(mailoutbox) -> list[str]:
    return sorted(parseaddr(mail.to[0])[1] for mail in mailoutbox)


def forget_other_mail() -> None:
    """What invitations and Statements mailed on the way here is none of these tests' business."""
    Message.objects.exclude(kind="reminder").delete()


def extend(due_on: date, now: datetime) -> None:
    round_ = Round.objects.get()
    entries = list(round_.entries.all())
    extensions.grant(round_=round_, entries=entries, due_on=due_on, reason="An outage", by=make_caseworker(), now=now)
    forget_other_mail()
