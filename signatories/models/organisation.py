"""Organisations: the real bodies, which open, close, merge and change their names."""

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class OrganisationKind(models.TextChoices):
    MENTAL_HEALTH_TRUST = "nhs_mental_health_trust", _("NHS mental health trust")
    INTEGRATED_CARE_BOARD = "integrated_care_board", _("Integrated care board")
    CLINICAL_COMMISSIONING_GROUP = "clinical_commissioning_group", _("Clinical commissioning group")
    LOCAL_AUTHORITY = "local_authority", _("Local authority")
    VOLUNTARY_SECTOR = "voluntary_sector", _("Voluntary sector organisation")
    PUBLIC_BODY = "public_body", _("Other public body")


class Region(models.TextChoices):
    """NHS England's seven regions, by their ODS codes."""

    EAST_OF_ENGLAND = "Y61", _("East of England")
    LONDON = "Y56", _("London")
    MIDLANDS = "Y60", _("Midlands")
    NORTH_EAST_AND_YORKSHIRE = "Y63", _("North East and Yorkshire")
    NORTH_WEST = "Y62", _("North West")
    SOUTH_EAST = "Y59", _("South East")
    SOUTH_WEST = "Y58", _("South West")


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    def offered(self, day: date) -> "OrganisationQuerySet":
        """Organisations that may be picked on a day: confirmed by staff and not closed before it."""
        return self.filter(confirmed=True).filter(Q(closed_on=None) | Q(closed_on__gte=day))


class Organisation(models.Model):
    """One body. Its ODS code has three or five characters, may be missing, and is never reused."""

    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=40, choices=OrganisationKind)
    ods_code = models.CharField(max_length=5, null=True, blank=True, unique=True)
    region = models.CharField(max_length=3, choices=Region, blank=True)
    # ODS derives the region from the headquarters' postcode; what staff corrected, no import overwrites.
    region_corrected = models.BooleanField(default=False)
    icb = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="trusts")
    town = models.CharField(max_length=100, blank=True)
    opened_on = models.DateField(null=True, blank=True)
    # The last day on which it existed.
    closed_on = models.DateField(null=True, blank=True)
    # Unverified rows stay hidden until staff confirm them.
    confirmed = models.BooleanField(default=True)
    note = models.TextField(blank=True)
    source = models.CharField(max_length=200, blank=True)
    successors = models.ManyToManyField("self", symmetrical=False, blank=True, related_name="predecessors")

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ods_code=None) | Q(ods_code__regex=r"^([A-Z0-9]{3}|[A-Z0-9]{5})$"),
                name="ods_code_has_3_or_5_characters",
            ),
            models.CheckConstraint(
                condition=Q(closed_on=None) | Q(opened_on=None) | Q(closed_on__gte=F("opened_on")),
                name="organisation_closes_after_it_opens",
            ),
            models.CheckConstraint(condition=Q(kind__in=OrganisationKind.values), name="organisation_kind_known"),
            models.CheckConstraint(
                condition=Q(region="") | Q(region__in=Region.values), name="organisation_region_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class OrganisationName(models.Model):
    """A name that an organisation had until (and including) a day."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="former_names")
    name = models.CharField(max_length=200)
    until = models.DateField()

    class Meta:
        ordering = ["-until"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "until"], name="one_former_name_a_day"),
        ]
