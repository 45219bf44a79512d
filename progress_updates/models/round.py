"""Rounds of reporting, what each asks, and who owes an update in it."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from signatories.models import PledgeMaker, PledgeWording


class RoundQuerySet(models.QuerySet["Round"]):
    def opened(self) -> "RoundQuerySet":
        return self.filter(opened_at__isnull=False)

    def newest_first(self) -> "RoundQuerySet":
        return self.order_by("-due_at", "-pk")


class Round(models.Model):
    """One round. Staff choose all its dates; nothing computes them."""

    label = models.CharField(max_length=100, unique=True)
    slug = models.SlugField(max_length=120, unique=True)
    wording = models.ForeignKey(PledgeWording, on_delete=models.PROTECT, related_name="+")
    # The months that the updates speak of; both days included.
    period_from = models.DateField()
    period_to = models.DateField()
    opens_at = models.DateTimeField()
    # The last second that is on time: 23:59:59 in London on the due day.
    due_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    publishes_at = models.DateTimeField()
    word_limit = models.PositiveIntegerField(default=1000)
    guidance = models.TextField(blank=True)
    created_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True, blank=True)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    # Imported as history: its updates came as documents, and nobody is asked or reminded.
    is_past = models.BooleanField(default=False)

    objects = RoundQuerySet.as_manager()

    class Meta:
        ordering = ["-due_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(period_from__lte=F("period_to")), name="round_period_in_order"),
            models.CheckConstraint(
                condition=Q(opens_at__lt=F("due_at"), due_at__lte=F("closes_at")), name="round_dates_in_order"
            ),
            models.CheckConstraint(
                condition=Q(opened_at=None, opened_by=None) | Q(opened_at__isnull=False, opened_by__isnull=False),
                name="round_opened_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    def is_open(self, now: datetime) -> bool:
        return self.opened_at is not None and now.replace(microsecond=0) <= self.closes_at


class QuestionKind(models.TextChoices):
    WHY = "why", _("Why we are a Pledge Maker")
    OBJECTIVE = "objective", _("Objective")
    TEXT = "text", _("Text")
    NEXT_STEPS = "next_steps", _("Next steps")
    SIGN_OFF = "sign_off", _("Sign-off details")


class Question(models.Model):
    """One section of a round's update. Frozen when the round opens."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="questions")
    key = models.SlugField(max_length=60)
    kind = models.CharField(max_length=20, choices=QuestionKind)
    # Which objective, 1 to 7; empty for other sections.
    number = models.PositiveSmallIntegerField(null=True, blank=True)
    order = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    wording = models.TextField(blank=True)
    hint = models.TextField(blank=True)
    word_limit = models.PositiveIntegerField()

    class Meta:
        ordering = ["order"]
        constraints = [
            models.UniqueConstraint(fields=["round", "key"], name="question_once_in_a_round"),
            models.UniqueConstraint(fields=["round", "order"], name="question_order_once_in_a_round"),
            models.CheckConstraint(
                condition=Q(kind="objective", number__isnull=False, number__range=(1, 7))
                | (~Q(kind="objective") & Q(number=None)),
                name="question_numbered_if_an_objective",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class WhyNotRequired(models.TextChoices):
    JOINED_AFTER_OPENING = "joined_after_opening", _("Joined after the round opened")
    COVERED = "covered", _("Covered by another Pledge Maker’s update")
    WITHDRAWN = "withdrawn", _("Withdrawn from the pledge")


class RoundEntry(models.Model):
    """A Pledge Maker in a round: whether an update is required, by when, and when one was received."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="entries")
    pledge_maker = models.ForeignKey(PledgeMaker, on_delete=models.PROTECT, related_name="entries")
    why_not_required = models.CharField(max_length=30, choices=WhyNotRequired, blank=True)
    covered_by = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="covers")
    due_at = models.DateTimeField()
    extended_to = models.DateTimeField(null=True, blank=True)
    # The extension that `extended_to` comes from; the newest one counts.
    extension = models.ForeignKey(
        "Extension", null=True, blank=True, on_delete=models.PROTECT, related_name="entries_in_force"
    )
    # The first submission that was not recalled, to the second. Kept by workflow.py.
    received_at = models.DateTimeField(null=True, blank=True)
    late_reason = models.TextField(blank=True)
    right_of_reply = models.TextField(blank=True)

    class Meta:
        verbose_name_plural = "round entries"
        constraints = [
            models.UniqueConstraint(fields=["round", "pledge_maker"], name="pledge_maker_once_in_a_round"),
            models.CheckConstraint(
                condition=Q(why_not_required="") | Q(why_not_required__in=WhyNotRequired.values),
                name="entry_why_not_required_known",
            ),
            models.CheckConstraint(
                condition=Q(covered_by=None) | Q(why_not_required="covered"),
                name="entry_covered_only_if_so_marked",
            ),
            models.CheckConstraint(
                condition=Q(extended_to=None) | Q(extended_to__gt=F("due_at")),
                name="entry_extension_is_later",
            ),
        ]
        indexes = [
            models.Index(fields=["round", "due_at"], name="entry_round_due"),
            models.Index(fields=["received_at"], name="entry_received"),
        ]

    @property
    def required(self) -> bool:
        return not self.why_not_required

    @property
    def due(self) -> datetime:
        """The last second that is on time for this Pledge Maker."""
        return self.extended_to or self.due_at


class Extension(models.Model):
    """More time, for one, several or all Pledge Makers of a round."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="extensions")
    entries = models.ManyToManyField(RoundEntry, related_name="extensions")
    # The last second that is on time: 23:59:59 in London on the new due day.
    due_at = models.DateTimeField()
    # For the record of the team.
    reason = models.TextField()
    # For everybody; may be empty.
    public_words = models.TextField(blank=True)
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    granted_at = models.DateTimeField()

    class Meta:
        ordering = ["granted_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="extension_has_a_reason"),
        ]


class ExtensionRequest(models.Model):
    """A Pledge Maker asks for more time. Granting it makes an Extension; refusing it needs words."""

    entry = models.ForeignKey(RoundEntry, on_delete=models.PROTECT, related_name="extension_requests")
    wanted_on = models.DateField()
    reason = models.TextField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    granted = models.ForeignKey(Extension, null=True, blank=True, on_delete=models.PROTECT, related_name="requests")
    refusal = models.TextField(blank=True)

    class Meta:
        ordering = ["asked_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["entry"], condition=Q(answered_at=None), name="one_open_extension_request_an_entry"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="extension_request_has_a_reason"),
            models.CheckConstraint(
                condition=Q(answered_at=None, answered_by=None, granted=None, refusal="")
                | (Q(answered_at__isnull=False, answered_by__isnull=False, granted__isnull=False, refusal=""))
                | (Q(answered_at__isnull=False, answered_by__isnull=False, granted=None) & ~Q(refusal="")),
                name="extension_request_granted_or_refused",
            ),
        ]
