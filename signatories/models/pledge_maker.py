"""Pledge Makers: the units that report, each one organisation or a partnership of several."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from signatories.models.organisation import Organisation


class PledgeMakerQuerySet(models.QuerySet["PledgeMaker"]):
    def published(self) -> "PledgeMakerQuerySet":
        """Those whose Statement of Intent the public can see; a withdrawal never removes the page.

        Each stands there once: the database allows one published Statement."""
        return self.filter(statements__state="published")

    def current(self) -> "PledgeMakerQuerySet":
        """Those who still stand behind the pledge under their own name."""
        return self.filter(withdrawn_on=None, merged_on=None)


class PledgeMaker(models.Model):
    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=120, unique=True)
    created_at = models.DateTimeField()
    # The member of the Synergi team who looks after it.
    caseworker = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="looks_after"
    )
    withdrawn_on = models.DateField(null=True, blank=True)
    withdrawn_note = models.TextField(blank=True)
    # The last day before it went up in its successors. It keeps its page.
    merged_on = models.DateField(null=True, blank=True)
    successors = models.ManyToManyField("self", symmetrical=False, blank=True, related_name="predecessors")
    organisations = models.ManyToManyField(
        Organisation, through="PledgeMakerOrganisation", related_name="pledge_makers"
    )

    objects = PledgeMakerQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(withdrawn_on=None) | Q(merged_on=None), name="pledge_maker_withdrawn_or_merged"
            ),
        ]
        # The first page of the public list is read from it.
        indexes = [models.Index(fields=["name", "id"], name="pledge_maker_by_name")]

    def __str__(self) -> str:
        return self.name

    def has_pledged(self) -> bool:
        """Whether the public reads a Statement of it: whoever leads next follows somebody. One query."""
        return self.statements.public().exists()  # type: ignore[attr-defined, no-any-return]


class PledgeMakerOrganisation(models.Model):
    """An organisation takes part in a Pledge Maker, from one day until (and including) another."""

    pledge_maker = models.ForeignKey(PledgeMaker, on_delete=models.CASCADE, related_name="parts")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="parts")
    joined_on = models.DateField()
    left_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["pledge_maker", "organisation"],
                condition=Q(left_on=None),
                name="organisation_once_in_a_pledge_maker",
            ),
            models.CheckConstraint(
                condition=Q(left_on=None) | Q(left_on__gte=F("joined_on")), name="part_leaves_after_it_joins"
            ),
        ]


class PledgeMakerAddress(models.Model):
    """A name and address that a Pledge Maker used to have; the old address redirects."""

    pledge_maker = models.ForeignKey(PledgeMaker, on_delete=models.CASCADE, related_name="former_addresses")
    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=120, unique=True)
    until = models.DateField()


class PledgeMakerWord(models.Model):
    """One word of its names, or such a word less one letter: what the public search looks up.

    Two words that differ by one typo have one of these forms in common."""

    pledge_maker = models.ForeignKey(PledgeMaker, on_delete=models.CASCADE, related_name="words")
    form = models.CharField(max_length=60, db_index=True)
    is_whole = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pledge_maker", "form", "is_whole"], name="word_once_for_a_pledge_maker"),
        ]


class Role(models.TextChoices):
    """What somebody may do for one Pledge Maker."""

    LEADER = "leader", _("Leader")
    COORDINATOR = "coordinator", _("Coordinator")
    CONTRIBUTOR = "contributor", _("Contributor")
    READER = "reader", _("Reader")


class Membership(models.Model):
    """Somebody acts for a Pledge Maker in one role; ended memberships stay as history."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships")
    pledge_maker = models.ForeignKey(PledgeMaker, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role)
    # The objectives that a contributor may write about, by number; empty: everything.
    objectives = models.JSONField(default=list, blank=True)
    since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    # Empty when the person left, and before this was kept.
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "pledge_maker"],
                condition=Q(ended_at=None),
                name="one_role_for_a_pledge_maker",
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="membership_role_known"),
            models.CheckConstraint(
                condition=Q(role="contributor") | Q(objectives=[]), name="only_contributors_are_limited"
            ),
        ]


class LeaderQuerySet(models.QuerySet["Leader"]):
    def on(self, day: date) -> "LeaderQuerySet":
        return self.filter(from_on__lte=day).filter(Q(until_on=None) | Q(until_on__gte=day))

    def hold(self) -> list[int]:
        """Their keys; until the transaction ends no term of theirs ends, and nobody signs in one."""
        return list(self.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))


class Leader(models.Model):
    """A person in a role at an organisation for a Pledge Maker. The pledge outlives the leader."""

    pledge_maker = models.ForeignKey(PledgeMaker, on_delete=models.CASCADE, related_name="leaders")
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="leaders")
    # Empty for leaders known from history only.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="leaderships"
    )
    name = models.CharField(max_length=200)
    role_title = models.CharField(max_length=200)
    from_on = models.DateField()
    until_on = models.DateField(null=True, blank=True)

    objects = LeaderQuerySet.as_manager()

    class Meta:
        ordering = ["from_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["pledge_maker", "user"],
                condition=Q(until_on=None, user__isnull=False),
                name="leader_once_for_a_pledge_maker",
            ),
            models.CheckConstraint(
                condition=Q(until_on=None) | Q(until_on__gte=F("from_on")), name="leader_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.role_title}"


class Invitation(models.Model):
    """An offer to act for a Pledge Maker. Only the hash of its token is kept."""

    pledge_maker = models.ForeignKey(PledgeMaker, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(max_length=254)
    name = models.CharField(max_length=200)
    role = models.CharField(max_length=20, choices=Role)
    # For leaders: the role and organisation they hold it at.
    role_title = models.CharField(max_length=200, blank=True)
    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT)
    # For contributors: as in Membership.
    objectives = models.JSONField(default=list, blank=True)
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(role__in=Role.values), name="invitation_role_known"),
            models.CheckConstraint(
                condition=Q(role="contributor") | Q(objectives=[]), name="only_contributors_are_invited_with_limits"
            ),
            models.CheckConstraint(
                condition=Q(accepted_at=None, accepted_by=None)
                | Q(accepted_at__isnull=False, accepted_by__isnull=False),
                name="invitation_accepted_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at=None) | Q(withdrawn_at=None), name="invitation_accepted_or_withdrawn"
            ),
        ]
