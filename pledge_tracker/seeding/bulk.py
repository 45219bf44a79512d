"""As many Pledge Makers and rounds as a measurement needs, written in bulk.

The rows are those that the domain functions would have left: tests compare the two.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from accounts.models import SynergiRole, User
from accounts.people import account_for
from jobs import waking
from pledge_tracker.demo_people import CASEWORKER, PUBLISHER, DemoPerson
from pledge_tracker.seeding import bulk_updates, names, parallel
from pledge_tracker.seeding.corpus import Teller
from pledge_tracker.seeding.dates import RoundDates, at, rounds_until
from progress_updates import rounds as rounds_domain
from progress_updates.models import Round
from signatories import search
from signatories.models import (
    Leader,
    Membership,
    Organisation,
    OrganisationKind,
    Plan,
    PledgeMaker,
    PledgeMakerOrganisation,
    PledgeWording,
    Region,
    Role,
    Signature,
    Statement,
    StatementState,
)

# Pledge Makers in one transaction: memory stays the same however many are asked for.
CHUNK = 200
# Above that many updates their texts are a sentence or two, not pages.
BRIEF_ABOVE = 5000


def fill(*, makers: int, rounds: int, now: datetime, seed: int, say: Callable[[str], None]) -> None:
    """Fills an empty database. The same arguments on the same day give the same data, but for keys."""
    today = timezone.localdate(now)
    dates = rounds_until(today, rounds)
    joined = (dates[0].opens if dates else today) - timedelta(days=90)
    caseworker, publisher = _staff(CASEWORKER, SynergiRole.CASEWORKER), _staff(PUBLISHER, SynergiRole.PUBLISHER)
    with waking.asleep():
        for first in range(0, makers, CHUNK):
            with transaction.atomic():
                _makers(range(first, min(first + CHUNK, makers)), at(joined), publisher, seed)
        say(f"{makers} Pledge Makers.")
        opened = [_round(one, caseworker) for one in dates]
        brief = makers * rounds > BRIEF_ABOVE

        def report(first: int) -> None:
            chunk = list(PledgeMaker.objects.order_by("pk")[first : first + CHUNK])
            with transaction.atomic():
                bulk_updates.report(chunk, opened, caseworker, publisher, now=now, seed=seed, brief=brief)
            say(f"Updates of Pledge Makers {first + 1} to {first + len(chunk)}.")

        parallel.on_every_core(report, range(0, makers, CHUNK))


def _staff(person: DemoPerson, role: SynergiRole) -> User:
    user = account_for(email=person.email, name=person.name)
    User.objects.filter(pk=user.pk).update(synergi_role=role)
    user.refresh_from_db()
    return user


def _round(dates: RoundDates, by: User) -> Round:
    round_ = rounds_domain.create_round(
        label=dates.label,
        period_from=dates.period_from,
        period_to=dates.period_to,
        opens_on=dates.opens,
        due_on=dates.due,
        closes_on=dates.closes,
        publishes_on=dates.publishes,
        by=by,
        now=at(dates.opens - timedelta(days=30)),
    )
    rounds_domain.open_round(round_=round_, by=by, now=at(dates.opens, 9))
    round_.refresh_from_db()
    return round_


def _makers(indexes: range, joined: datetime, publisher: User, seed: int) -> None:
    organisations = Organisation.objects.bulk_create(_organisation(index) for index in indexes)
    makers = PledgeMaker.objects.bulk_create(
        PledgeMaker(name=one.name, slug=slugify(one.name), created_at=joined) for one in organisations
    )
    pairs = list(zip(makers, organisations, strict=True))
    PledgeMakerOrganisation.objects.bulk_create(
        PledgeMakerOrganisation(pledge_maker=maker, organisation=one, joined_on=timezone.localdate(joined))
        for maker, one in pairs
    )
    search.index(makers)
    leading = _people(indexes, "leader", joined)
    _members(makers, leading, Role.LEADER, joined)
    _members(makers, _people(indexes, "coordinator", joined), Role.COORDINATOR, joined)
    leaders = Leader.objects.bulk_create(
        Leader(
            pledge_maker=maker,
            organisation=one,
            user=user,
            name=user.name,
            role_title="Chief executive",
            from_on=timezone.localdate(joined),
        )
        for (maker, one), user in zip(pairs, leading, strict=True)
    )
    _statements(indexes, leaders, joined, publisher, seed)


def _organisation(index: int) -> Organisation:
    region = Region.values[index % len(Region)]
    return Organisation(
        name=names.trust(index),
        kind=OrganisationKind.MENTAL_HEALTH_TRUST,
        region=region,
        town=names.place(index),
        source="Invented",
    )


def _people(indexes: range, kind: str, joined: datetime) -> list[User]:
    shift = 0 if kind == "leader" else 7
    users = User.objects.bulk_create(
        User(
            email=f"{kind}{index}@{names.place(index).lower()}.example",
            name=names.person(index + shift),
            password=make_password(None),
            date_joined=joined,
        )
        for index in indexes
    )
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, verified=True, primary=True) for user in users
    )
    return users


def _members(makers: list[PledgeMaker], users: list[User], role: Role, joined: datetime) -> None:
    Membership.objects.bulk_create(
        Membership(user=user, pledge_maker=maker, role=role, since=joined)
        for maker, user in zip(makers, users, strict=True)
    )


def _statements(indexes: range, leaders: list[Leader], joined: datetime, publisher: User, seed: int) -> None:
    in_force = PledgeWording.objects.filter(effective_on__lte=timezone.localdate(joined)).last()
    wording = in_force or PledgeWording.objects.earliest()  # many rounds reach back before the pledge
    signed, published = joined + timedelta(days=14), joined + timedelta(days=20)
    tellers = [Teller(Random(f"{seed} {index}"), names.place(index)) for index in indexes]
    statements = Statement.objects.bulk_create(
        Statement(
            pledge_maker=leader.pledge_maker,
            version=1,
            wording=wording,
            state=StatementState.PUBLISHED,
            why=tell.text("why"),
            joins_network=True,
            edit=1,
            created_at=joined,
            signed_at=signed,
            published_at=published,
            published_by=publisher,
        )
        for leader, tell in zip(leaders, tellers, strict=True)
    )
    Plan.objects.bulk_create(
        Plan(statement=statement, number=number, text=tell.plan(number))
        for statement, tell in zip(statements, tellers, strict=True)
        for number in range(1, 8)
    )
    Signature.objects.bulk_create(
        Signature(
            statement=statement,
            leader=leader,
            name=leader.name,
            role_title=leader.role_title,
            organisation_name=leader.organisation.name if leader.organisation else "",
            signed_at=signed,
        )
        for statement, leader in zip(statements, leaders, strict=True)
    )
