"""Markers in every text field of one Pledge Maker: a word that stands nowhere else, and says whether it is private.

`ROWS` says for each model which rows are theirs, and which fields, of which of these rows, the public may read.
Everything else is private. `NOT_PLANTED` names each text field that gets no marker, with its reason. A model or field
that is in neither fails `test_leaks.py`.
"""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from allauth.account.models import EmailAddress
from django.apps import apps
from django.db import models
from django.db.models import Q, QuerySet

from tests.people.everybody import Tenant, Words, World
from tests.people.planted_rows import ROWS, Rows, more_rows

MARKER = re.compile(r"(?:prv|pub)\d{4}q", re.IGNORECASE)
OUR_APPS = {
    "accounts", "signatories", "progress_updates", "reports", "reminders", "mail", "jobs", "staff", "design",
    "pledge_tracker",
}  # fmt: skip
A_HASH, OURS, FOR_ALL = "a hash", "a word or number of ours, never typed", "of the round, which everybody shares"
NOT_PLANTED: dict[str, str] = {
    "accounts.User.password": "nobody has one",
    "accounts.AuditEvent.action": OURS,
    "accounts.AuditEvent.about_kind": OURS,
    "accounts.MailedCode.holder_hash": A_HASH,
    "accounts.MailedCode.code_hash": A_HASH,
    "accounts.KeptRequest.holder_hash": A_HASH,
    "accounts.RateCount.scope": OURS,
    "accounts.RateCount.key_hash": A_HASH,
    "jobs.Heartbeat.name": OURS,
    "jobs.Heartbeat.detail": OURS,
    "mail.Message.kind": OURS,
    "mail.Message.to": "the address of an account, which is planted there",
    "mail.Message.message_id": OURS,
    "mail.Message.unique_key": OURS,
    "signatories.Organisation.ods_code": "public, and too short",
    "signatories.PledgeMakerWord.form": "made from the public names",
    "signatories.Membership.objectives": "numbers",
    "signatories.Invitation.objectives": "numbers",
    "signatories.Invitation.token_hash": A_HASH,
    "signatories.Supporter.token_hash": A_HASH,
    "signatories.PledgeWording.label": "of the pledge itself",
    "signatories.Objective.text": "of the pledge itself",
    "signatories.Objective.short": "of the pledge itself",
    "progress_updates.Round.label": FOR_ALL,
    "progress_updates.Round.slug": FOR_ALL,
    "progress_updates.Round.guidance": FOR_ALL,
    "progress_updates.Question.key": FOR_ALL,
    "progress_updates.Question.title": FOR_ALL,
    "progress_updates.Question.wording": FOR_ALL,
    "progress_updates.Question.hint": FOR_ALL,
    "progress_updates.SourceDocument.content_type": OURS,
    "progress_updates.SourceDocument.file": "made from the hash",
    "progress_updates.SourceDocument.sha256": A_HASH,
    "progress_updates.StatusChange.action": OURS,
    "progress_updates.Snapshot.sha256": A_HASH,
    "reports.NationalReport.sha256": A_HASH,
    "reports.Document.leaves_out": OURS,
    "reports.Document.file": "made from the hash",
    "reports.Document.sha256": A_HASH,
    "reminders.Reminder.step": OURS,
    "reminders.Reminder.skipped": OURS,
}


@dataclass(frozen=True)
class Plant:
    """Where one marker stands."""

    field: str
    is_private: bool


def text_fields() -> Iterator[tuple[str, Any]]:
    """Every field of our models that holds text, but for those that hold one word out of a list of ours."""
    for model in apps.get_models():
        if model._meta.app_label not in OUR_APPS:
            continue
        for column in model._meta.concrete_fields:
            if isinstance(column, (models.CharField, models.TextField, models.JSONField)) and not column.choices:
                yield f"{model._meta.app_label}.{model.__name__}.{column.name}", column


class Planting(Words):
    """Plants while the scene is told: names before anything is signed, answers before they leave their writers."""

    def __init__(self) -> None:
        self.plants: dict[str, Plant] = {}
        self._numbers = itertools.count(1)

    def of_people(self, tenant: Tenant) -> None:
        if _is_theirs(tenant):
            self._plant("people", tenant)
            tenant.maker.refresh_from_db()
            for user in tenant.people.values():
                user.refresh_from_db()
                EmailAddress.objects.filter(user=user).update(email=user.email)

    def of_update(self, update: Any, tenant: Tenant, state: Any) -> None:
        if _is_theirs(tenant):
            self._plant("update", tenant, within=Q(update=update))

    def of_the_rest(self, world: World) -> None:
        more_rows(world)
        self._plant("rest", world.theirs)

    def _plant(self, when: str, tenant: Tenant, within: Q | None = None) -> None:
        for name, column in text_fields():
            label, _, attribute = name.rpartition(".")
            if name in NOT_PLANTED or (rows := ROWS.get(label)) is None or when not in rows.when:
                continue
            found = rows.of(tenant).filter(within) if within is not None else rows.of(tenant)
            self._into(found, rows, column, name, attribute)

    def _into(self, found: QuerySet, rows: Rows, column: Any, name: str, attribute: str) -> None:
        model, open_rows = found.model, set()
        if attribute in rows.public:
            open_rows = set(found.filter(rows.public_where).values_list("pk", flat=True))
        for pk, old in found.values_list("pk", attribute):
            kind = "pub" if pk in open_rows else "prv"
            if isinstance(old, str) and self._has(name, kind, old):
                continue
            marker = self._marker(name, is_private=kind == "prv")
            # Past the manager of the audit trail, which changes nothing.
            QuerySet(model).filter(pk=pk).update(**{attribute: _with(marker, old, column)})

    def _has(self, name: str, kind: str, text: str) -> bool:
        """Whether it was planted before; what was copied from another field is planted once more."""
        found = [each for each in MARKER.findall(text) if each.startswith(kind)]
        return any(self.plants[each].field == name for each in found)

    def _marker(self, name: str, *, is_private: bool) -> str:
        marker = f"{'prv' if is_private else 'pub'}{next(self._numbers):04}q"
        self.plants[marker] = Plant(name, is_private)
        return marker

    def fields_of(self, markers: set[str], *, private: bool) -> set[str]:
        return {self.plants[each].field for each in markers if self.plants[each].is_private == private}


def _is_theirs(tenant: Tenant) -> bool:
    return tenant.maker.slug.startswith("southmoor")


def _with(marker: str, old: Any, column: Any) -> Any:
    """The old value with the marker in it, in the form that the field has."""
    if isinstance(column, models.JSONField):
        return _in_json(marker, old)
    if isinstance(column, models.EmailField):
        return f"{marker}.{old or 'somebody@southmoor.example'}"
    if isinstance(column, models.SlugField):
        return f"{old}-{marker}"
    return f"{old} {marker}".strip()


def _in_json(marker: str, old: Any) -> Any:
    if isinstance(old, list):
        return [{**each, "what": f"{each.get('what', '')} {marker}", "why": marker} for each in old] or [
            {"what": marker, "who": marker, "by_when": None}
        ]
    return {**(old or {}), "planted": marker}
