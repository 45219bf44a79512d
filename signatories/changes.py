"""How Pledge Makers change: renamed, withdrawn, merged; organisations join and leave. Leaders: see `terms`.

Nothing is deleted: old names, addresses and people stay as dated rows. What a change means for rounds is decided one
room above, in `progress_updates.after_changes`. All of it is for the Synergi team. Each function raises Refused, with
a sentence for people, when the change makes no sense, or when somebody was faster.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from signatories import search
from signatories.models import Organisation, PledgeMaker, PledgeMakerAddress, PledgeMakerOrganisation
from signatories.permissions import check_can_change_pledge_makers
from signatories.pledge_makers import SLUG_LENGTH, free_slug


class Refused(Exception):
    """This change cannot be made; the message is a sentence for people."""


@transaction.atomic
def rename(*, pledge_maker: PledgeMaker, name: str, by: User, now: datetime) -> PledgeMaker:
    """Gives it a new name and address. The old address leads to the new one for good.

    A name with the same address (a comma, a capital) is a correction: no former name is kept."""
    check_can_change_pledge_makers(by)
    name = " ".join(name.split())
    if not name:
        raise Refused(_("Enter the new name."))
    if name == pledge_maker.name:
        raise Refused(_("That is its name already."))
    before = pledge_maker.slug
    slug = before if _is_a_correction(pledge_maker.name, name) else _address_for(pledge_maker, name)
    _set_name(pledge_maker, name, slug)
    if slug != before:
        _keep_address(pledge_maker, before, now)
    pledge_maker.name, pledge_maker.slug = name, slug
    search.index([pledge_maker])
    was, is_now = {"slug": before}, {"slug": slug}
    audit.record(action="pledge_maker.renamed", by=by, now=now, about=pledge_maker, before=was, after=is_now)
    return pledge_maker


def _is_a_correction(before: str, after: str) -> bool:
    return slugify(before)[:SLUG_LENGTH] == slugify(after)[:SLUG_LENGTH]


def _address_for(pledge_maker: PledgeMaker, name: str) -> str:
    """A former address of its own comes back; else a free one."""
    own = pledge_maker.former_addresses.filter(slug=slugify(name)[:SLUG_LENGTH].strip("-"))
    if found := own.values_list("slug", flat=True).first():
        own.delete()
        return found
    return free_slug(name)


def _set_name(pledge_maker: PledgeMaker, name: str, slug: str) -> None:
    unchanged = PledgeMaker.objects.filter(pk=pledge_maker.pk, name=pledge_maker.name, slug=pledge_maker.slug)
    try:
        with transaction.atomic():
            renamed = unchanged.update(name=name, slug=slug)
    except IntegrityError:  # somebody took the address at this moment
        renamed = 0
    if not renamed:
        raise Refused(_("Somebody else has just changed this name. Look again."))


def _keep_address(pledge_maker: PledgeMaker, slug: str, now: datetime) -> None:
    yesterday = timezone.localdate(now) - timedelta(days=1)
    PledgeMakerAddress.objects.create(pledge_maker=pledge_maker, name=pledge_maker.name, slug=slug, until=yesterday)


@transaction.atomic
def withdraw(*, pledge_maker: PledgeMaker, on: date, note: str, by: User, now: datetime) -> None:
    """It leaves the pledge on a day, with a note for everybody. Its page and reports stay."""
    check_can_change_pledge_makers(by)
    if not note.strip():
        raise Refused(_("Say in a sentence for the public why it withdraws."))
    _check_not_in_the_future(on, now)
    standing = PledgeMaker.objects.filter(pk=pledge_maker.pk, withdrawn_on=None, merged_on=None)
    if not standing.update(withdrawn_on=on, withdrawn_note=note.strip()):
        raise Refused(_("It has withdrawn or merged already."))
    pledge_maker.refresh_from_db()
    after = {"withdrawn_on": on.isoformat()}
    audit.record(
        action="pledge_maker.withdrawn", by=by, now=now, about=pledge_maker, before={"withdrawn_on": None}, after=after
    )


@transaction.atomic
def undo_withdrawal(*, pledge_maker: PledgeMaker, by: User, now: datetime) -> None:
    """It stands behind the pledge again. Whether a round depends on the withdrawal is asked one room above."""
    check_can_change_pledge_makers(by)
    pledge_maker.refresh_from_db()
    withdrawn = PledgeMaker.objects.filter(pk=pledge_maker.pk, withdrawn_on__isnull=False)
    if not withdrawn.update(withdrawn_on=None, withdrawn_note=""):
        raise Refused(_("It has not withdrawn."))
    before = {"withdrawn_on": str(pledge_maker.withdrawn_on)}
    pledge_maker.refresh_from_db()
    audit.record(
        action="pledge_maker.withdrawal_undone",
        by=by,
        now=now,
        about=pledge_maker,
        before=before,
        after={"withdrawn_on": None},
    )


@transaction.atomic
def merge(*, pledge_maker: PledgeMaker, successors: Iterable[PledgeMaker], on: date, by: User, now: datetime) -> None:
    """It merges into one or several others; `on` is its last day. Its own organisations and people stay as history."""
    check_can_change_pledge_makers(by)
    keys = {successor.pk for successor in successors}
    _check_not_in_the_future(on, now)
    if not keys or pledge_maker.pk in keys:
        raise Refused(_("Choose another Pledge Maker that it merges into."))
    # Its page names them, so each is public itself. The rows stay as they are: nobody withdraws a successor meanwhile.
    standing_by = PledgeMaker.objects.published().current().filter(pk__in=keys)
    if len(standing_by.select_for_update(of=("self",))) != len(keys):
        raise Refused(_("A successor must stand behind the pledge itself, with a published Statement of Intent."))
    standing = PledgeMaker.objects.filter(pk=pledge_maker.pk, withdrawn_on=None, merged_on=None)
    if not standing.update(merged_on=on):
        raise Refused(_("It has withdrawn or merged already."))
    pledge_maker.refresh_from_db()
    pledge_maker.successors.set(keys)
    audit.record(
        action="pledge_maker.merged",
        by=by,
        now=now,
        about=pledge_maker,
        before={"merged_on": None},
        after={"merged_on": on.isoformat()},
        successors=sorted(keys),
    )


@transaction.atomic
def add_organisation(
    *, pledge_maker: PledgeMaker, organisation: Organisation, on: date, by: User, now: datetime
) -> PledgeMakerOrganisation:
    """The organisation takes part from a day on."""
    check_can_change_pledge_makers(by)
    _check_not_in_the_future(on, now)
    if pledge_maker.parts.filter(organisation=organisation, left_on__gte=on).exists():
        raise Refused(_("It was part until later than this day. Choose a later one."))
    try:
        with transaction.atomic():
            part = pledge_maker.parts.create(organisation=organisation, joined_on=on)
    except IntegrityError:
        raise Refused(_("This organisation is part of it already.")) from None
    search.index([pledge_maker])
    audit.record(
        action="pledge_maker.organisation_joined", by=by, now=now, about=pledge_maker, organisation=organisation.pk
    )
    return part


@transaction.atomic
def remove_organisation(*, part: PledgeMakerOrganisation, on: date, by: User, now: datetime) -> None:
    """The organisation takes part no longer; `on` is its last day. The last one stays: then the Pledge Maker ends."""
    check_can_change_pledge_makers(by)
    _check_not_in_the_future(on, now)
    if on < part.joined_on:
        raise Refused(_("Its last day cannot be before the day on which it joined."))
    # Two who remove the last two at once wait for each other here.
    PledgeMaker.objects.select_for_update().get(pk=part.pledge_maker_id)
    others = PledgeMakerOrganisation.objects.filter(pledge_maker=part.pledge_maker_id, left_on=None).exclude(pk=part.pk)
    if not others.exists():
        raise Refused(_("The last organisation cannot leave. Withdraw or merge the Pledge Maker instead."))
    if not PledgeMakerOrganisation.objects.filter(pk=part.pk, left_on=None).update(left_on=on):
        raise Refused(_("This organisation has left already."))
    search.index([part.pledge_maker_id])
    audit.record(
        action="pledge_maker.organisation_left",
        by=by,
        now=now,
        about=part.pledge_maker,
        organisation=part.organisation_id,
    )


def _check_not_in_the_future(day: date, now: datetime) -> None:
    if day > timezone.localdate(now):
        raise Refused(_("Choose a day that is not in the future."))
