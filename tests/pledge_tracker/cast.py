"""Everybody who could be told of something: two Pledge Makers with all roles, and the Synergi team."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils import timezone

from accounts.models import User
from mail.models import Message
from pledge_tracker.who_is_told import Who
from progress_updates.models import ProgressUpdate, RoundEntry
from signatories.models import Leader, Membership, PledgeMaker, Role
from tests.factories.accounts import make_administrator, make_caseworker, make_publisher, make_user
from tests.factories.progress_updates import make_entry, make_round
from tests.factories.signatories import make_leader, make_member, make_public_pledge_maker

SPEAKERS = (Role.LEADER, Role.COORDINATOR)
WRITERS = (*SPEAKERS, Role.CONTRIBUTOR)


@dataclass
class Cast:
    """`actor` did it; `named` are those whom only the act itself knows."""

    now: datetime
    maker: PledgeMaker
    leader: Leader
    coordinator: User
    caseworker: User
    publisher: User
    entry: RoundEntry
    actor: User | None = None
    named: dict[Who, set[str]] = field(default_factory=dict)

    def update(self) -> ProgressUpdate:
        return ProgressUpdate.objects.get(entry=self.entry)

    def begins(self) -> None:
        """What led here is not what the act tells."""
        Message.objects.all().delete()

    def does(self, actor: User | None, **named: str | set[str]) -> None:
        self.actor = actor
        self.named = {Who[name]: {who} if isinstance(who, str) else who for name, who in named.items()}

    def addresses(self, who: Who) -> set[str]:
        """Whom these words mean in this cast."""
        if who in self.named:
            return self.named[who]
        team = User.objects.filter(is_active=True).exclude(synergi_role="")
        publishers = team.filter(synergi_role="publisher")
        found = {
            Who.MEMBERS: self._members(*Role.values),
            Who.WRITERS: self._members(*WRITERS),
            Who.OTHER_WRITERS: self._members(*WRITERS).exclude(pk=self._actor),
            Who.SPEAKERS: self._members(*SPEAKERS),
            Who.OTHER_SPEAKERS: self._members(*SPEAKERS).exclude(pk=self._actor),
            Who.IN_CHARGE_WITH: self._members(*SPEAKERS).exclude(email__in=self.named.get(Who.PERSON, ())),
            Who.LEADERS: self._members(Role.LEADER),
            Who.COORDINATORS: self._members(Role.COORDINATOR),
            Who.ADMINISTRATORS: team.filter(synergi_role="administrator").exclude(
                email__in=self.named.get(Who.PERSON, ())
            ),
            Who.DOER: team.filter(pk=self._actor),
            Who.TEAM: team,
            Who.REST_OF_TEAM: team.exclude(pk=self._actor),
            Who.PUBLISHERS: publishers,
            Who.PUBLISHERS_ONCE_A_DAY: publishers,
            Who.LOOKS_AFTER: User.objects.filter(looks_after=self.maker),
            Who.LOOKS_AFTER_OR_TEAM: User.objects.filter(looks_after=self.maker),
        }[who]
        return set(found.values_list("email", flat=True))

    @property
    def _actor(self) -> int:
        return self.actor.pk if self.actor else 0

    def _members(self, *roles: str):  # type: ignore[no-untyped-def]
        here = Membership.objects.filter(pledge_maker=self.maker, role__in=roles, ended_at=None)
        return User.objects.filter(pk__in=here.values("user"), is_active=True)


def _joins(maker: PledgeMaker, role: str, now: datetime, **more: datetime) -> User:
    """A further member, without the mails of an invitation."""
    user = make_user()
    Membership.objects.create(user=user, pledge_maker=maker, role=role, since=now, **more)
    return user


def make_cast() -> Cast:
    """Two of each role, one who has left, one whose account is closed; and the same roles elsewhere."""
    now = timezone.now()
    caseworker, publisher, _other = make_caseworker(), make_publisher(), make_publisher()
    make_administrator()
    maker, elsewhere = (
        make_public_pledge_maker(name="Northtown Trust"),
        make_public_pledge_maker(name="Southtown Trust"),
    )
    for role in Role:
        for one in (maker, maker, elsewhere):
            _joins(one, role, now)
        _joins(maker, role, now, ended_at=now)
        User.objects.filter(pk=_joins(maker, role, now).pk).update(is_active=False)
    PledgeMaker.objects.filter(pk=maker.pk).update(caseworker=caseworker)
    maker.refresh_from_db()
    entry = make_entry(pledge_maker=maker, round_=make_round(label="Autumn", now=now - timedelta(days=1)))
    leader = make_leader(pledge_maker=maker)
    coordinator = make_member(pledge_maker=maker, role=Role.COORDINATOR).user
    return Cast(now, maker, leader, coordinator, caseworker, publisher, entry)
