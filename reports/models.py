"""Documents made from what was signed. A row says what became of each; the file is found by its hash."""

from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from progress_updates.models import ProgressUpdate, Snapshot


class Kind(models.TextChoices):
    PROGRESS_REPORT = "progress_report_pdf", _("Progress report (PDF)")


class State(models.TextChoices):
    WAITING = "waiting", _("Waiting to be made")
    BUILDING = "building", _("Being made")
    READY = "ready", _("Ready")
    FAILED = "failed", _("Failed")


class DocumentQuerySet(models.QuerySet["Document"]):
    def of_public_updates(self) -> "DocumentQuerySet":
        """Those of the snapshot that the public reads: published, not withheld, signed last."""
        return self.filter(snapshot__in=public_snapshots())

    def due(self, now: datetime) -> "DocumentQuerySet":
        """To be made now: waiting, or left behind by a builder that died. Oldest first."""
        waiting = Q(state=State.WAITING, next_attempt_at__lte=now)
        left_behind = Q(state=State.BUILDING, lease_until__lte=now)
        return self.of_public_updates().filter(waiting | left_behind).order_by("next_attempt_at", "pk")


class Document(models.Model):
    """One document of one snapshot."""

    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="documents")
    kind = models.CharField(max_length=30, choices=Kind, default=Kind.PROGRESS_REPORT)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    created_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    # Whoever builds has until then; afterwards somebody else may.
    lease_until = models.DateTimeField(null=True, blank=True)
    # Why the last attempt failed, in words for people.
    error = models.TextField(blank=True)
    # Below MEDIA_ROOT; the name holds the hash, so no file ever changes.
    file = models.CharField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    bytes = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField(null=True, blank=True)
    retried_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    retried_at = models.DateTimeField(null=True, blank=True)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["snapshot", "kind"], name="document_once_for_a_snapshot"),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="document_kind_known"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="document_state_known"),
            models.CheckConstraint(
                condition=Q(state="building", lease_until__isnull=False) | (~Q(state="building") & Q(lease_until=None)),
                name="document_leased_exactly_while_building",
            ),
            models.CheckConstraint(
                condition=~Q(state="ready") | (~Q(file="") & ~Q(sha256="") & Q(bytes__gt=0, made_at__isnull=False)),
                name="document_ready_has_its_file",
            ),
            models.CheckConstraint(condition=~Q(state="failed") | ~Q(error=""), name="document_failed_says_why"),
        ]
        indexes = [models.Index(fields=["state", "next_attempt_at"], name="document_due")]

    @property
    def path(self) -> Path:
        return Path(settings.MEDIA_ROOT) / self.file

    def is_whole(self) -> bool:
        """Whether the file can be served: ready, still there, and as long as when it was made."""
        return self.state == State.READY and self.path.is_file() and self.path.stat().st_size == self.bytes


def public_snapshots() -> models.QuerySet[Snapshot]:
    """The last snapshot of each update that the public may read."""
    last = Snapshot.objects.filter(update=OuterRef("pk")).order_by("-made_at", "-pk").values("pk")[:1]
    updates = ProgressUpdate.objects.published().annotate(last_snapshot=Subquery(last))
    return Snapshot.objects.filter(pk__in=updates.values("last_snapshot"))
