"""History is added, never edited: every save, every step of the workflow, what was signed."""

import hashlib

from django.conf import settings
from django.db import models

from progress_updates.models.update import Answer, AnswerContent, ProgressUpdate, State


class AnswerVersion(AnswerContent):
    """One save of one answer, with the next steps and outcomes saved with it."""

    answer = models.ForeignKey(Answer, on_delete=models.CASCADE, related_name="versions")
    version = models.PositiveIntegerField()
    next_steps = models.JSONField(default=list)
    outcomes = models.JSONField(default=list)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    saved_at = models.DateTimeField()

    class Meta:
        ordering = ["version"]
        constraints = [
            models.UniqueConstraint(fields=["answer", "version"], name="answer_version_once"),
        ]


class StatusChange(models.Model):
    """One step of an update through the workflow."""

    update = models.ForeignKey(ProgressUpdate, on_delete=models.CASCADE, related_name="changes")
    action = models.CharField(max_length=40)
    from_state = models.CharField(max_length=20, choices=State)
    to_state = models.CharField(max_length=20, choices=State)
    # Empty when the clock did it: publication at the round's publication time.
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    # The reason given, where the step asks for one.
    note = models.TextField(blank=True)
    # The day by which staff hope for an answer to a return.
    respond_by = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["at", "pk"]


class Snapshot(models.Model):
    """What was signed: the bytes of canonical JSON, and their SHA-256. Page and PDF are made from it."""

    update = models.ForeignKey(ProgressUpdate, on_delete=models.PROTECT, related_name="snapshots")
    schema = models.PositiveSmallIntegerField()
    body = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["made_at", "pk"]
        get_latest_by = ["made_at", "pk"]

    def is_intact(self) -> bool:
        return hashlib.sha256(bytes(self.body)).hexdigest() == self.sha256
