from django.db import models


class Heartbeat(models.Model):
    """When something that runs by itself last ran, and what it said about it."""

    name = models.CharField(max_length=100)
    at = models.DateTimeField()
    detail = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name"], name="one_heartbeat_per_name")]
