"""Who was told what: the ledger of reminders, and the times that staff reminded in bulk."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from mail.models import Message
from progress_updates.models import Round, RoundEntry


class Chase(models.Model):
    """Staff remind in bulk those who have not sent. Nothing leaves before `goes_at`; until then it can be cancelled."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="chases")
    # What staff add to the words of the mail; may be empty.
    sentence = models.TextField(blank=True)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    goes_at = models.DateTimeField()
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    cancelled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-started_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(goes_at__gt=F("started_at")), name="chase_leaves_time_to_cancel"),
            models.CheckConstraint(
                condition=Q(cancelled_at=None, cancelled_by=None)
                | Q(cancelled_at__isnull=False, cancelled_by__isnull=False, cancelled_at__lt=F("goes_at")),
                name="chase_cancelled_by_somebody_in_time",
            ),
        ]

    def can_be_cancelled(self, now: datetime) -> bool:
        return self.cancelled_at is None and now < self.goes_at


class Reminder(models.Model):
    """A person is reminded of one step for one entry and due day, once. The message says whether it has left.

    A message covers all reminders that a person was owed at that moment. One that was skipped (the update had come)
    stays as history: when it is owed again (the update was recalled), a further row tells."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reminders")
    entry = models.ForeignKey(RoundEntry, on_delete=models.PROTECT, related_name="reminders")
    step = models.CharField(max_length=40)
    # Only when staff reminded in bulk.
    chase = models.ForeignKey(Chase, null=True, blank=True, on_delete=models.PROTECT, related_name="reminders")
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
                fields=["user", "entry", "step", "due_on"],
                condition=Q(chase=None, skipped=""),
                name="one_reminder_a_person_entry_step_and_due_day",
            ),
            models.UniqueConstraint(
                fields=["chase", "user", "entry"],
                condition=Q(chase__isnull=False),
                name="one_reminder_a_chase_person_and_entry",
            ),
            models.CheckConstraint(condition=~Q(step=""), name="reminder_names_its_step"),
            models.CheckConstraint(
                condition=Q(step="chase", chase__isnull=False) | (~Q(step="chase") & Q(chase=None)),
                name="reminder_of_a_chase_says_so",
            ),
        ]
        indexes = [models.Index(fields=["run"], name="reminder_run")]
