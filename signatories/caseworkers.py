"""Who of the Synergi team looks after which Pledge Maker."""

from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from accounts.permissions import check_can_look_after
from signatories.models import PledgeMaker


def team() -> QuerySet[User]:
    """Those who can be given a Pledge Maker: the active members of the Synergi team, by name."""
    return User.objects.filter(is_active=True).exclude(synergi_role="").order_by("name", "pk")


@transaction.atomic
def give_to_caseworker(
    *, pledge_makers: Iterable[PledgeMaker], caseworker: User | None, by: User, now: datetime
) -> int:
    """Lets one member of the team look after these Pledge Makers; nobody, with None. Returns how many changed.

    Each that changes leaves its own row in the audit trail. Raises ValidationError when the person is not an active
    member of the team."""
    check_can_look_after(by)
    if caseworker and not team().filter(pk=caseworker.pk).exists():
        raise ValidationError(_("Choose an active member of the Synergi team."))
    wanted = PledgeMaker.objects.filter(pk__in=[maker.pk for maker in pledge_makers]).select_for_update()
    changing = [
        maker for maker in wanted.order_by("pk") if maker.caseworker_id != (caseworker.pk if caseworker else None)
    ]
    PledgeMaker.objects.filter(pk__in=[maker.pk for maker in changing]).update(caseworker=caseworker)
    _record(changing, caseworker, by, now)
    return len(changing)


def _record(changing: list[PledgeMaker], caseworker: User | None, by: User, now: datetime) -> None:
    """Rows as they were read, so that each says who looked after it before."""
    audit.record_changes(
        action="pledge_maker.given",
        by=by,
        now=now,
        changes=[(maker, {"caseworker": maker.caseworker_id}) for maker in changing],
        after={"caseworker": caseworker.pk if caseworker else None},
    )
