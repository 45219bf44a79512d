"""Which rows are theirs, model by model, and what of them the public may read; and the rows that the scene lacks."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import AddressChange, AuditEvent, KeptRequest, User
from mail.models import Message
from progress_updates import corrections, extensions, withholding
from progress_updates.models import (
    Answer,
    AnswerVersion,
    Extension,
    ExtensionRequest,
    NextStep,
    ProgressUpdate,
    RoundEntry,
    SourceDocument,
    StatusChange,
    StepOutcome,
)
from reminders.models import Chase
from reports.models import Document
from signatories.models import (
    Application,
    ChangesAsked,
    Invitation,
    Leader,
    Organisation,
    OrganisationName,
    Plan,
    PledgeMaker,
    PledgeMakerAddress,
    Signature,
    Statement,
    Supporter,
)
from tests.people.everybody import Tenant, World

EVERY_ROW = Q()
# What is published and stays so; the update of winter is withheld.
OF_THE_PUBLIC_UPDATE = Q(update__entry__round__label="Spring", update__version=1)
OF_THE_PUBLIC_STATEMENT = Q(statement__state="published")
CONTENT = ("text", "involved", "evidence", "barriers", "no_change_reason")


@dataclass(frozen=True)
class Rows:
    """`of` finds their rows; `public` names the fields that the public may read in the rows of `public_where`.

    `when`: before anything is signed (people), before an update leaves its writers (update), or at the end (rest)."""

    of: Callable[[Tenant], QuerySet]
    public: tuple[str, ...] = ()
    public_where: Q = EVERY_ROW
    when: tuple[str, ...] = ("rest",)


def _people(tenant: Tenant) -> list[User]:
    return list(tenant.people.values())


def _named(name: str, model: Any) -> Callable[[Tenant], QuerySet]:
    """The rows of a model whose relation `name` leads to the Pledge Maker."""
    return lambda tenant: model.objects.filter(**{name: tenant.maker})


ROWS: dict[str, Rows] = {
    "accounts.User": Rows(lambda t: User.objects.filter(pk__in=[each.pk for each in _people(t)]), when=("people",)),
    "accounts.AuditEvent": Rows(lambda t: AuditEvent.objects.filter(by__in=_people(t))),
    "accounts.AddressChange": Rows(lambda t: AddressChange.objects.filter(user__in=_people(t))),
    "accounts.KeptRequest": Rows(lambda t: KeptRequest.objects.filter(user__in=_people(t))),
    "mail.Message": Rows(lambda t: Message.objects.filter(to__in=[each.email for each in _people(t)])),
    "signatories.PledgeMaker": Rows(
        lambda t: PledgeMaker.objects.filter(pk=t.maker.pk), ("name", "slug", "withdrawn_note"), when=("people",)
    ),
    "signatories.PledgeMakerAddress": Rows(_named("pledge_maker", PledgeMakerAddress), ("name", "slug")),
    "signatories.Organisation": Rows(_named("pledge_makers", Organisation), ("name", "town"), when=("people",)),
    "signatories.OrganisationName": Rows(_named("organisation__pledge_makers", OrganisationName), ("name",)),
    "signatories.Leader": Rows(_named("pledge_maker", Leader), ("name", "role_title"), when=("people",)),
    "signatories.Invitation": Rows(_named("pledge_maker", Invitation)),
    "signatories.Statement": Rows(
        _named("pledge_maker", Statement), ("why",), Q(state="published"), when=("people", "rest")
    ),
    "signatories.Plan": Rows(
        _named("statement__pledge_maker", Plan), ("text",), OF_THE_PUBLIC_STATEMENT, when=("people", "rest")
    ),
    "signatories.Signature": Rows(
        _named("statement__pledge_maker", Signature),
        ("name", "role_title", "organisation_name"),
        OF_THE_PUBLIC_STATEMENT,
        when=("people",),
    ),
    "signatories.ChangesAsked": Rows(_named("statement__pledge_maker", ChangesAsked)),
    "signatories.Application": Rows(lambda t: Application.objects.filter(pk=t.things["application"])),
    "signatories.Supporter": Rows(lambda t: Supporter.objects.filter(pk=t.things["supporter"]), ("name", "statement")),
    "progress_updates.RoundEntry": Rows(_named("pledge_maker", RoundEntry), ("late_reason", "right_of_reply")),
    "progress_updates.Extension": Rows(_named("entries__pledge_maker", Extension), ("public_words",)),
    "progress_updates.ExtensionRequest": Rows(
        lambda t: ExtensionRequest.objects.filter(entry__pledge_maker=t.maker).exclude(refusal="")
    ),
    "progress_updates.ProgressUpdate": Rows(
        _named("entry__pledge_maker", ProgressUpdate), ("withheld_note", "correction_note"), Q(state="published")
    ),
    "progress_updates.SourceDocument": Rows(_named("update__entry__pledge_maker", SourceDocument)),
    "progress_updates.Answer": Rows(
        _named("update__entry__pledge_maker", Answer), CONTENT, OF_THE_PUBLIC_UPDATE, when=("update", "rest")
    ),
    "progress_updates.NextStep": Rows(
        _named("update__entry__pledge_maker", NextStep), ("what", "who"), OF_THE_PUBLIC_UPDATE, when=("update", "rest")
    ),
    "progress_updates.StepOutcome": Rows(
        _named("update__entry__pledge_maker", StepOutcome), ("why",), OF_THE_PUBLIC_UPDATE, when=("update", "rest")
    ),
    "progress_updates.AnswerVersion": Rows(_named("answer__update__entry__pledge_maker", AnswerVersion)),
    "progress_updates.StatusChange": Rows(_named("update__entry__pledge_maker", StatusChange)),
    "reports.Document": Rows(_named("snapshot__update__entry__pledge_maker", Document)),
    "reminders.Chase": Rows(lambda t: Chase.objects.filter(pk=t.things["chase"])),
}


def more_rows(world: World) -> None:
    """What theirs has and a scene need not: other names, more time given and refused, a correction, words withheld."""
    tenant, now = world.theirs, world.now
    maker, people = tenant.maker, tenant.people
    KeptRequest.objects.create(
        holder_hash="x" * 64, user=people["coordinator"], path="/workspace/", body="text=", created_at=now
    )
    PledgeMakerAddress.objects.create(
        pledge_maker=maker, name="Southmoor Care", slug="southmoor-care", until=date(2025, 1, 1)
    )
    OrganisationName.objects.create(
        organisation=maker.organisations.get(), name="Southmoor Care", until=date(2025, 1, 1)
    )
    statement, leader = maker.statements.get(state="published"), maker.leaders.get(until_on=None)
    ChangesAsked.objects.create(statement=statement, leader=leader, words="Please add", asked_at=now)
    _more_time(world)
    _after_publication(world)


def _more_time(world: World) -> None:
    """Given to one, and refused to the same in another round."""
    tenant, now = world.theirs, world.now
    entry = world.rounds["awaiting"].entries.get(pledge_maker=tenant.maker)
    day = timezone.localdate(now) + timedelta(days=40)
    about: dict[str, Any] = {"by": world.team["caseworker"], "now": now}
    extensions.grant(round_=entry.round, entries=[entry], due_on=day, reason="Flood.", public_words="A flood.", **about)
    request = ExtensionRequest.objects.get(pk=tenant.things["more_time"])
    extensions.refuse(request=request, words="No.", **about)


def _after_publication(world: World) -> None:
    """Words beside a status, a correction that is being written, and an update that is withheld."""
    tenant, now = world.theirs, world.now
    spring = world.rounds["spring"].entries.get(pledge_maker=tenant.maker)
    withheld = ProgressUpdate.objects.get(pk=tenant.things["update_winter"])
    corrections.start_correction(entry=spring, note="A date was wrong.", by=tenant.people["coordinator"], now=now)
    withholding.withhold(update=withheld, note="It named somebody.", by=world.team["publisher"], now=now)
