"""The outbox: every message is a row, and the row says what became of it."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    QUEUED = "queued", _("Waiting to be sent")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")
    SKIPPED = "skipped", _("Not sent: no longer needed")
    HELD = "held", _("On hold")


class ErrorClass(models.TextChoices):
    NONE = "", _("No error")
    UNREACHABLE = "unreachable", _("The mail server could not be reached or stopped answering")
    TEMPORARY = "temporary", _("The mail server asked us to try again later")
    PERMANENT = "permanent", _("The mail server refused the message")
    INTERNAL = "internal", _("The message could not be prepared")


class MessageQuerySet(models.QuerySet["Message"]):
    def due(self, now: datetime) -> "MessageQuerySet":
        """Waiting and due, or left behind by a sender that died."""
        return self.filter(
            Q(state=State.QUEUED, next_attempt_at__lte=now) | Q(state=State.SENDING, lease_until__lte=now)
        ).order_by("next_attempt_at", "pk")


class Hold(models.Model):
    """Stands while mail is on hold: one row, or none."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    since = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="mail_hold_at_most_one")]


class Message(models.Model):
    """One e-mail to one person."""

    to = models.EmailField(max_length=254)
    to_name = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=60)
    subject = models.CharField(max_length=200)
    text = models.TextField()
    html = models.TextField()
    # Sent with the message, and the same at every attempt: a receiver can tell a repeat.
    message_id = models.CharField(max_length=150, unique=True)
    # What this message is about, once: asking for it again gives the row that is there.
    unique_key = models.CharField(max_length=200, null=True, blank=True, unique=True)
    # The words are blanked as soon as they are sent or no longer of use.
    secret = models.BooleanField(default=False)

    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    not_before = models.DateTimeField(null=True, blank=True)
    # A message that could not leave by then is skipped: a code that has run out helps nobody.
    useful_until = models.DateTimeField(null=True, blank=True)
    next_attempt_at = models.DateTimeField()
    # Until then the message belongs to the sender that claimed it.
    lease_until = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    error_class = models.CharField(max_length=12, choices=ErrorClass, blank=True, default=ErrorClass.NONE)
    # Why the last attempt failed, or why the message was skipped.
    error = models.CharField(max_length=500, blank=True)
    retried_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    retried_at = models.DateTimeField(null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["state", "next_attempt_at"], name="message_due"),
            models.Index(fields=["to"], name="message_recipient"),
            # Few among many: who counts as reachable is asked by pages.
            models.Index(fields=["to", "created_at"], condition=Q(error_class="permanent"), name="message_refused"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="message_state_known"),
            models.CheckConstraint(condition=Q(error_class__in=ErrorClass.values), name="message_error_known"),
            models.CheckConstraint(
                condition=Q(state=State.SENT, sent_at__isnull=False) | (~Q(state=State.SENT) & Q(sent_at__isnull=True)),
                name="message_sent_exactly_when_it_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state=State.SENDING, lease_until__isnull=False)
                | (~Q(state=State.SENDING) & Q(lease_until__isnull=True)),
                name="message_leased_exactly_while_sending",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[State.FAILED, State.SKIPPED]) | ~Q(error=""),
                name="message_given_up_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(subject__contains="\n") & ~Q(subject__contains="\r"),
                name="message_subject_one_line",
            ),
            models.CheckConstraint(
                condition=~Q(to__contains="\n") & ~Q(to__contains="\r") & ~Q(to=""),
                name="message_recipient_one_line",
            ),
            models.CheckConstraint(
                condition=~Q(secret=True, state__in=[State.SENT, State.FAILED, State.SKIPPED]) | Q(text="", html=""),
                name="message_secret_blanked_when_done",
            ),
            models.CheckConstraint(
                condition=Q(retried_by__isnull=True, retried_at__isnull=True)
                | Q(retried_by__isnull=False, retried_at__isnull=False),
                name="message_retry_has_a_person_and_a_time",
            ),
        ]
