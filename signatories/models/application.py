"""Those who want to join: leaders who ask to sign the pledge, and supporters who back it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from signatories.models.organisation import Organisation
from signatories.models.pledge_maker import Invitation


class ApplicationState(models.TextChoices):
    WAITING = "waiting", _("Waiting for a decision")
    APPROVED = "approved", _("Approved: the leader is invited")
    DECLINED = "declined", _("Declined")


class Application(models.Model):
    """Somebody asks on behalf of a leader to sign the pledge. Approving it only issues the invitation."""

    # As typed. The Synergi team finds the organisation of the register when it approves.
    organisation_name = models.CharField(max_length=200)
    leader_name = models.CharField(max_length=200)
    leader_role_title = models.CharField(max_length=200)
    leader_email = models.EmailField(max_length=254)
    # Who filled in the form, and is told what came of it; often not the leader.
    contact_name = models.CharField(max_length=200)
    contact_email = models.EmailField(max_length=254)
    why = models.TextField()
    state = models.CharField(max_length=10, choices=ApplicationState, default=ApplicationState.WAITING)
    # The box that people do not see was filled in: marked for the team, never dropped.
    looks_automatic = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_index=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    # In words for the applicant.
    decline_reason = models.TextField(blank=True)
    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    invitation = models.OneToOneField(
        Invitation, null=True, blank=True, on_delete=models.PROTECT, related_name="application"
    )

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ApplicationState.values), name="application_state_known"),
            models.CheckConstraint(
                condition=Q(state="waiting", decided_at=None, decided_by=None)
                | (~Q(state="waiting") & Q(decided_at__isnull=False, decided_by__isnull=False)),
                name="application_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(state="approved", invitation__isnull=False) | (~Q(state="approved") & Q(invitation=None)),
                name="application_approved_by_an_invitation",
            ),
            models.CheckConstraint(
                condition=~Q(state="declined") | ~Q(decline_reason=""), name="application_declined_with_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return self.organisation_name


class SupporterKind(models.TextChoices):
    PERSON = "person", _("A person")
    ORGANISATION = "organisation", _("An organisation")


class SupporterState(models.TextChoices):
    WAITING = "waiting", _("Waiting for a decision")
    PUBLISHED = "published", _("On the public list")
    DECLINED = "declined", _("Declined")
    LEFT = "left", _("Left")


class SupporterQuerySet(models.QuerySet["Supporter"]):
    def published(self) -> "SupporterQuerySet":
        return self.filter(state=SupporterState.PUBLISHED)

    def to_decide(self) -> "SupporterQuerySet":
        """New ones, and published ones who have changed their words."""
        return self.filter(
            Q(state=SupporterState.WAITING) | Q(state=SupporterState.PUBLISHED, changed_at__isnull=False)
        )


class Supporter(models.Model):
    """A Pledge Supporter backs the pledge and does not report. The address is never shown."""

    kind = models.CharField(max_length=20, choices=SupporterKind)
    # What the public reads; blank once the supporter has left.
    name = models.CharField(max_length=200, blank=True)
    statement = models.TextField(blank=True)
    email = models.EmailField(max_length=254, blank=True)
    consented_at = models.DateTimeField()
    # Only the hash of the token in the mailed link is kept.
    token_hash = models.CharField(max_length=64, unique=True)
    state = models.CharField(max_length=10, choices=SupporterState, default=SupporterState.WAITING)
    looks_automatic = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_index=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decline_reason = models.TextField(blank=True)
    # A change waits for the team; the words on the list stay meanwhile.
    new_name = models.CharField(max_length=200, blank=True)
    new_statement = models.TextField(blank=True)
    changed_at = models.DateTimeField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)

    objects = SupporterQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=SupporterKind.values), name="supporter_kind_known"),
            models.CheckConstraint(condition=Q(state__in=SupporterState.values), name="supporter_state_known"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "left"]) | Q(decided_at__isnull=False, decided_by__isnull=False),
                name="supporter_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state="declined") | ~Q(decline_reason=""), name="supporter_declined_with_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(state="left", left_at__isnull=False, name="", statement="", email="")
                | (~Q(state="left") & Q(left_at=None) & ~Q(name="")),
                name="supporter_leaves_nothing_behind",
            ),
            models.CheckConstraint(
                condition=Q(changed_at=None, new_name="", new_statement="")
                | (Q(changed_at__isnull=False, state="published") & ~Q(new_name="")),
                name="supporter_change_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.name
