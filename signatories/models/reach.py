"""Since when too few people of a Pledge Maker can be reached."""

from django.db import models
from django.db.models import F, Q

from signatories.models.pledge_maker import PledgeMaker


class ReachAlarm(models.Model):
    """Fewer than two people of a Pledge Maker can be reached by mail, from one moment until another.

    The team is told once, when it begins."""

    pledge_maker = models.ForeignKey(PledgeMaker, on_delete=models.CASCADE, related_name="reach_alarms")
    # The run that found it, so that of several at once only one tells.
    run = models.UUIDField()
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["pledge_maker"], condition=Q(ended_at=None), name="one_reach_alarm_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("began_at")), name="reach_alarm_ends_after_it_begins"
            ),
        ]
