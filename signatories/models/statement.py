"""The pledge's dated wording, and each Pledge Maker's Statement of Intent in its versions."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from signatories.models.pledge_maker import Leader, PledgeMaker


class PledgeWording(models.Model):
    """The seven objectives as worded from a day on. A Statement or update keeps the wording it answered."""

    effective_on = models.DateField(unique=True)
    label = models.CharField(max_length=100)

    class Meta:
        ordering = ["effective_on"]
        get_latest_by = "effective_on"

    def __str__(self) -> str:
        return self.label


class Objective(models.Model):
    """One of the seven objectives in one wording."""

    wording = models.ForeignKey(PledgeWording, on_delete=models.PROTECT, related_name="objectives")
    number = models.PositiveSmallIntegerField()
    text = models.TextField()
    # A few words for lists and charts.
    short = models.CharField(max_length=120)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["wording", "number"], name="objective_once_in_a_wording"),
            models.CheckConstraint(condition=Q(number__range=(1, 7)), name="objective_number_from_1_to_7"),
        ]


class StatementState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SIGNED = "signed", _("Signed")
    PUBLISHED = "published", _("Published")
    SUPERSEDED = "superseded", _("Superseded")


class StatementQuerySet(models.QuerySet["Statement"]):
    def public(self) -> "StatementQuerySet":
        """Each version that was ever published keeps its own address."""
        return self.filter(state__in=[StatementState.PUBLISHED, StatementState.SUPERSEDED])


class Statement(models.Model):
    """A Statement of Intent: why, and how each of the seven objectives will be met."""

    pledge_maker = models.ForeignKey(PledgeMaker, on_delete=models.CASCADE, related_name="statements")
    version = models.PositiveSmallIntegerField()
    wording = models.ForeignKey(PledgeWording, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=20, choices=StatementState, default=StatementState.DRAFT)
    why = models.TextField(blank=True)
    # "Agree to be part of the national network".
    joins_network = models.BooleanField(default=False)
    # Grows with each save; a save against an older number is a conflict and loses nothing.
    edit = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    signed_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = StatementQuerySet.as_manager()

    class Meta:
        ordering = ["pledge_maker", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["pledge_maker", "version"], name="statement_version_once"),
            models.UniqueConstraint(
                fields=["pledge_maker"],
                condition=Q(state="published"),
                name="at_most_one_published_statement",
            ),
            models.CheckConstraint(condition=Q(state__in=StatementState.values), name="statement_state_known"),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(signed_at__isnull=False, joins_network=True),
                name="statement_signed_before_it_is_published",
            ),
            models.CheckConstraint(
                condition=~Q(state="published") | Q(published_at__isnull=False, published_by__isnull=False),
                name="statement_published_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["published_at"], name="statement_published")]


class Plan(models.Model):
    """How a Pledge Maker plans to meet one objective."""

    statement = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="plans")
    number = models.PositiveSmallIntegerField()
    text = models.TextField(blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["statement", "number"], name="plan_once_for_an_objective"),
            models.CheckConstraint(condition=Q(number__range=(1, 7)), name="plan_number_from_1_to_7"),
        ]


class Signature(models.Model):
    """A leader signs one version. Name, role and organisation stay as they were on the day."""

    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="signatures")
    leader = models.ForeignKey(Leader, on_delete=models.PROTECT, related_name="signatures")
    name = models.CharField(max_length=200)
    role_title = models.CharField(max_length=200)
    organisation_name = models.CharField(max_length=200, blank=True)
    signed_at = models.DateTimeField()

    class Meta:
        ordering = ["signed_at"]
        constraints = [
            models.UniqueConstraint(fields=["statement", "leader"], name="one_signature_of_a_leader_a_version"),
        ]


class ChangesAsked(models.Model):
    """A new leader has read the Statement and asks for changes before re-affirming the pledge."""

    statement = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="changes_asked")
    leader = models.ForeignKey(Leader, on_delete=models.CASCADE, related_name="changes_asked")
    words = models.TextField()
    asked_at = models.DateTimeField()

    class Meta:
        ordering = ["asked_at", "pk"]
        constraints = [models.CheckConstraint(condition=~Q(words=""), name="changes_asked_in_words")]
