"""A progress update: its answers and its next steps."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from progress_updates.models.round import Question, RoundEntry
from signatories.models import Leader


class State(models.TextChoices):
    DRAFT = "draft", _("Draft")
    AWAITING_SIGN_OFF = "awaiting_sign_off", _("Awaiting sign-off")
    SUBMITTED = "submitted", _("Submitted")
    IN_REVIEW = "in_review", _("In review")
    RETURNED = "returned", _("Returned")
    ACCEPTED = "accepted", _("Accepted")
    PUBLISHED = "published", _("Published")


EDITABLE = (State.DRAFT, State.RETURNED)
# From the signature on, a snapshot stands.
SENT = (State.SUBMITTED, State.IN_REVIEW, State.ACCEPTED, State.PUBLISHED)


class ProgressUpdateQuerySet(models.QuerySet["ProgressUpdate"]):
    def sent(self) -> "ProgressUpdateQuerySet":
        return self.filter(state__in=SENT)

    def published(self) -> "ProgressUpdateQuerySet":
        """Versions that the public may read: neither waiting nor withheld."""
        return self.filter(state=State.PUBLISHED, withheld_at=None)

    def unpublished(self) -> "ProgressUpdateQuerySet":
        """All others."""
        return self.exclude(state=State.PUBLISHED, withheld_at=None)

    def to_publish(self, now: datetime) -> "ProgressUpdateQuerySet":
        """What a publisher has planned and whose time has come."""
        return self.filter(state=State.ACCEPTED, publish_at__lte=now)


class ProgressUpdate(models.Model):
    """What one Pledge Maker sends in one round; a correction is a further version."""

    entry = models.ForeignKey(RoundEntry, on_delete=models.PROTECT, related_name="updates")
    version = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=20, choices=State, default=State.DRAFT)
    # What a correction corrects, in words for the public; empty for version 1.
    correction_note = models.TextField(blank=True)
    created_at = models.DateTimeField()
    # The member of the Synergi team who enters it from a document; empty for what the Pledge Maker writes itself.
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    signed_by = models.ForeignKey(Leader, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField(null=True, blank=True)
    # When a publisher has said "at the round's publication time".
    publish_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    withheld_at = models.DateTimeField(null=True, blank=True)
    withheld_note = models.TextField(blank=True)

    objects = ProgressUpdateQuerySet.as_manager()

    class Meta:
        ordering = ["entry", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["entry", "version"], name="update_version_once_in_an_entry"),
            models.CheckConstraint(condition=Q(version__gte=1), name="update_version_from_1"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="update_state_known"),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "awaiting_sign_off", "returned"])
                | Q(signed_by__isnull=False, signed_at__isnull=False),
                name="update_signed_once_submitted",
            ),
            models.CheckConstraint(
                condition=Q(state="published", published_at__isnull=False)
                | (~Q(state="published") & Q(published_at=None)),
                name="update_published_at_if_published",
            ),
            models.CheckConstraint(
                condition=~Q(state="awaiting_sign_off") | Q(asked_by__isnull=False),
                name="update_signature_asked_by_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["published_at"], name="update_published"),
            models.Index(fields=["state"], name="update_state"),
            # The newest version that the public may read.
            models.Index(
                fields=["entry", "version"], condition=Q(state="published", withheld_at=None), name="update_public"
            ),
        ]

    @property
    def is_editable(self) -> bool:
        return self.state in EDITABLE


class SourceDocument(models.Model):
    """The document in which a Pledge Maker sent its update. The file is found by its hash and never changes."""

    update = models.ForeignKey(ProgressUpdate, on_delete=models.PROTECT, related_name="sources")
    # As the sender called it.
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    # Below MEDIA_ROOT; the name holds the hash.
    file = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    bytes = models.PositiveIntegerField()
    # The day on which it reached the Synergi team, in London.
    received_on = models.DateField()
    # The day on which the leader signed it, where the document carries the signature.
    signed_on = models.DateField(null=True, blank=True)
    kept_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    kept_at = models.DateTimeField()

    class Meta:
        ordering = ["kept_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["update", "sha256"], name="source_document_once_in_an_update"),
            models.CheckConstraint(condition=Q(bytes__gt=0), name="source_document_is_not_empty"),
        ]


class Rating(models.TextChoices):
    """The scheme's own verbs, in their order."""

    NOT_STARTED = "not_started", _("Not started")
    RESPONDED_TO = "responded_to", _("Responded to")
    PRIORITISED = "prioritised", _("Prioritised")
    DELIVERED = "delivered", _("Delivered")


class AnswerContent(models.Model):
    """What somebody wrote in one section. Objectives use every part, other sections only `text`."""

    rating = models.CharField(max_length=20, choices=Rating, blank=True)
    no_change = models.BooleanField(default=False)
    no_change_reason = models.TextField(blank=True)
    text = models.TextField(blank=True)
    involved = models.TextField(blank=True)
    evidence = models.TextField(blank=True)
    barriers = models.TextField(blank=True)
    completed = models.BooleanField(default=False)

    class Meta:
        abstract = True


class Answer(AnswerContent):
    """The answer to one question as it stands now. `version` 0 has never been saved."""

    update = models.ForeignKey(ProgressUpdate, on_delete=models.CASCADE, related_name="answers")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="answers")
    # Grows with each save; a save against an older number is a conflict.
    version = models.PositiveIntegerField(default=0)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    saved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["question__order"]
        constraints = [
            models.UniqueConstraint(fields=["update", "question"], name="answer_once_in_an_update"),
            models.CheckConstraint(condition=Q(rating="") | Q(rating__in=Rating.values), name="answer_rating_known"),
            models.CheckConstraint(
                condition=Q(version=0) | Q(saved_by__isnull=False, saved_at__isnull=False),
                name="answer_saved_by_somebody",
            ),
        ]


class NextStep(models.Model):
    """A promise: what, who, by when. Parts may be empty until the section is completed."""

    update = models.ForeignKey(ProgressUpdate, on_delete=models.CASCADE, related_name="next_steps")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="next_steps")
    position = models.PositiveSmallIntegerField()
    what = models.TextField()
    who = models.CharField(max_length=200, blank=True)
    by_when = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["question__order", "position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["update", "question", "position"], name="next_step_position_once"),
        ]


class Outcome(models.TextChoices):
    DONE = "done", _("Done")
    GOING_ON = "going_on", _("Going on, with a new date")
    DROPPED = "dropped", _("Dropped")


class StepOutcome(models.Model):
    """What a later update says became of an earlier next step."""

    step = models.ForeignKey(NextStep, on_delete=models.PROTECT, related_name="outcomes")
    update = models.ForeignKey(ProgressUpdate, on_delete=models.CASCADE, related_name="step_outcomes")
    outcome = models.CharField(max_length=20, choices=Outcome)
    new_date = models.DateField(null=True, blank=True)
    why = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["step", "update"], name="outcome_of_a_step_once_in_an_update"),
            models.CheckConstraint(condition=Q(outcome__in=Outcome.values), name="outcome_known"),
        ]
