"""Making a Pledge Maker of one or several organisations."""

from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from accounts.permissions import check_can_invite_leaders
from signatories import search
from signatories.models import Organisation, PledgeMaker, PledgeMakerAddress, PledgeMakerOrganisation

# Words that an address below /pledge-makers/ or /workspace/ may need for a page of its own.
RESERVED_SLUGS = frozenset(
    {"about", "all", "atom", "compare", "csv", "data", "export", "feed", "help", "index", "invite", "json"}
    | {"list", "map", "new", "not-reported", "objectives", "people", "pledge", "pledge-makers", "rounds"}
    | {"rss", "search", "settings", "staff", "statement", "support", "supporters"}
)
SLUG_LENGTH = 100  # characters; leaves room for "-2" in the column's 120


@transaction.atomic
def create(*, name: str, organisations: Iterable[Organisation], by: User, now: datetime) -> PledgeMaker:
    """Creates a Pledge Maker whose organisations join it today. Staff only.

    Raises ValidationError without a name or an organisation."""
    check_can_invite_leaders(by)
    parts = list(dict.fromkeys(organisations))
    if not name.strip():
        raise ValidationError(_("Enter the name of the Pledge Maker."))
    if not parts:
        raise ValidationError(_("Choose at least one organisation."))
    pledge_maker = _with_free_slug(name.strip(), now)
    PledgeMakerOrganisation.objects.bulk_create(
        PledgeMakerOrganisation(pledge_maker=pledge_maker, organisation=organisation, joined_on=timezone.localdate(now))
        for organisation in parts
    )
    search.index([pledge_maker])
    audit.record(action="pledge_maker.created", by=by, now=now, about=pledge_maker)
    return pledge_maker


def _with_free_slug(name: str, now: datetime) -> PledgeMaker:
    """Somebody may take the same address at the same moment: then the next one is tried."""
    while True:
        try:
            with transaction.atomic():
                return PledgeMaker.objects.create(name=name, slug=free_slug(name), created_at=now)
        except IntegrityError:
            continue


def free_slug(name: str) -> str:
    """An address that no Pledge Maker has or ever had, and that is no word of ours."""
    stem = slugify(name)[:SLUG_LENGTH].strip("-") or "pledge-maker"
    taken = set(PledgeMaker.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    taken |= set(PledgeMakerAddress.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    taken |= RESERVED_SLUGS
    number, slug = 1, stem
    while slug in taken:
        number += 1
        slug = f"{stem}-{number}"
    return slug


def of(organisations: Iterable[Organisation]) -> PledgeMaker | None:
    """The current Pledge Maker made of exactly these organisations."""
    wanted = {row.pk for row in organisations}
    rows = PledgeMaker.objects.current().filter(parts__left_on=None, parts__organisation__in=wanted).distinct()
    for pledge_maker in rows:
        if set(pledge_maker.parts.filter(left_on=None).values_list("organisation", flat=True)) == wanted:
            return pledge_maker
    return None
