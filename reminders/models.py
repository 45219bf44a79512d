"""Who was told what: the ledger of reminders."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from mail.models import Message
from progress_updates.models import RoundEntry


class Reminder(models.Model):
    """A person is reminded of one step for one entry and due day, once. The message says whether it has left.

    A message covers all reminders that a person was owed at that moment."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reminders")
    entry = models.ForeignKey(RoundEntry, on_delete=models.PROTECT, related_name="reminders")
    step = models.CharField(max_length=40)
    # The due day in London; an extension brings a new one, and new reminders.
    due_on = models.DateField()
    # Which run of the planner claimed it.
    run = models.UUIDField()
    planned_at = models.DateTimeField()
    # Empty only within the transaction that plans it.
    message = models.ForeignKey(Message, null=True, on_delete=models.PROTECT, related_name="reminders")
    # Why it was not sent after all; empty otherwise.
    skipped = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "entry", "step", "due_on"], name="one_reminder_a_person_entry_step_and_due_day"
            ),
            models.CheckConstraint(condition=~Q(step=""), name="reminder_names_its_step"),
        ]
        indexes = [models.Index(fields=["run"], name="reminder_run")]
