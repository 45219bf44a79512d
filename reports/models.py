"""Documents made from what was signed, and the national reports of rounds.

A row says what became of each document; its file is found by its hash.
"""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from progress_updates.models import ProgressUpdate, Round, Snapshot
from reports.frozen import hash_of


class NationalReportQuerySet(models.QuerySet["NationalReport"]):
    def public(self) -> "NationalReportQuerySet":
        """Versions that everybody may read."""
        return self.filter(published_at__isnull=False)


class NationalReport(models.Model):
    """One version of the national progress report of a round: bytes that never change.

    A version is a preview for the Synergi team until it is published.
    """

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="national_reports")
    version = models.PositiveSmallIntegerField()
    schema = models.PositiveSmallIntegerField()
    # Canonical JSON in UTF-8: every figure and finding. What each Pledge Maker says follows in `parts`.
    body = models.BinaryField()
    # Over the body and the parts in their order.
    sha256 = models.CharField(max_length=64)
    # The moment that the figures speak of.
    as_at = models.DateTimeField()
    built_at = models.DateTimeField()
    # Empty when the clock built it: at the round's close, and at its publication time.
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    published_at = models.DateTimeField(null=True, blank=True)
    # Empty when the round's publication time did it.
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    # Whose words stand in it. What is withheld later is left out of page, PDF and data.
    updates = models.ManyToManyField(ProgressUpdate, related_name="national_reports")

    objects = NationalReportQuerySet.as_manager()

    class Meta:
        ordering = ["round", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["round", "version"], name="national_report_version_once"),
            models.CheckConstraint(condition=Q(version__gte=1), name="national_report_version_from_1"),
            models.CheckConstraint(condition=Q(as_at__lte=models.F("built_at")), name="national_report_as_at_known"),
            models.CheckConstraint(
                condition=Q(published_by=None) | Q(published_at__isnull=False), name="national_report_published_at"
            ),
        ]

    def figures(self) -> dict[str, Any]:
        """All but the Pledge Makers; `makers` says how many they are. No query."""
        return json.loads(bytes(self.body))

    def makers_of(self, number: int) -> list[dict[str, Any]]:
        """The Pledge Makers of one part; none where there is no such part. One query."""
        part = self.parts.filter(number=number).first()
        return part.makers() if part else []

    def content(self) -> dict[str, Any]:
        """The whole report. One query."""
        makers = [maker for part in self.parts.all() for maker in part.makers()]
        return {**self.figures(), "pledge_makers": makers}

    def is_intact(self) -> bool:
        """One query."""
        return hash_of(bytes(self.body), (bytes(part.body) for part in self.parts.all())) == self.sha256


class NationalReportPart(models.Model):
    """So many Pledge Makers of a version as stand on one page (`reports.frozen`): bytes that never change."""

    report = models.ForeignKey(NationalReport, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveSmallIntegerField()
    # Canonical JSON in UTF-8: a list.
    body = models.BinaryField()

    class Meta:
        ordering = ["report", "number"]
        constraints = [
            models.UniqueConstraint(fields=["report", "number"], name="national_report_part_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="national_report_part_from_1"),
        ]

    def makers(self) -> list[dict[str, Any]]:
        return json.loads(bytes(self.body))


class Kind(models.TextChoices):
    PROGRESS_REPORT = "progress_report_pdf", _("Progress report (PDF)")
    NATIONAL_REPORT = "national_report_pdf", _("National progress report (PDF)")


class State(models.TextChoices):
    WAITING = "waiting", _("Waiting to be made")
    BUILDING = "building", _("Being made")
    READY = "ready", _("Ready")
    FAILED = "failed", _("Failed")


class DocumentQuerySet(models.QuerySet["Document"]):
    def of_public_updates(self) -> "DocumentQuerySet":
        """Those of the snapshot that the public reads: published, not withheld, signed last."""
        return self.filter(snapshot__in=public_snapshots())

    def wanted(self) -> "DocumentQuerySet":
        """Those that somebody may open: of public updates, and of every version of a national report."""
        return self.filter(Q(snapshot__in=public_snapshots()) | Q(national_report__isnull=False))

    def due(self, now: datetime, kind: str = Kind.PROGRESS_REPORT) -> "DocumentQuerySet":
        """Of one kind, to be made now: waiting, or left behind by a builder that died. Oldest first."""
        waiting = Q(state=State.WAITING, next_attempt_at__lte=now)
        left_behind = Q(state=State.BUILDING, lease_until__lte=now)
        wanted = self.of_public_updates() if kind == Kind.PROGRESS_REPORT else self
        return wanted.filter(waiting | left_behind, kind=kind).order_by("next_attempt_at", "pk")


class Document(models.Model):
    """One document of one snapshot, or of one version of a national report."""

    snapshot = models.ForeignKey(Snapshot, null=True, blank=True, on_delete=models.PROTECT, related_name="documents")
    national_report = models.ForeignKey(
        NationalReport, null=True, blank=True, on_delete=models.PROTECT, related_name="documents"
    )
    # What was withheld when it was made, and so is not in it: ids of updates, marks of words, with commas.
    leaves_out = models.TextField(blank=True)
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
            models.UniqueConstraint(fields=["national_report", "kind"], name="document_once_for_a_national_report"),
            models.CheckConstraint(
                condition=Q(kind="progress_report_pdf", snapshot__isnull=False, national_report=None)
                | Q(kind="national_report_pdf", snapshot=None, national_report__isnull=False),
                name="document_of_exactly_one_thing",
            ),
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
