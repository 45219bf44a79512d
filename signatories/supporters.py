"""Backing the pledge: joining, changing one's words, leaving; and what the Synergi team decides.

A supporter has no account. The mailed link shows a page; only its buttons change anything."""

import secrets
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import AuditEvent, User
from accounts.permissions import check_can_publish
from jobs.waking import wake
from mail.erasing import forget_about
from mail.tasks import send_due
from signatories import joining, joining_emails
from signatories.invitations import token_hash
from signatories.models import Supporter, SupporterState
from signatories.permissions import check_can_decide_who_joins, check_can_decline

WORD_LIMIT = 150  # words, for the statement
LINKS_AT_ONCE, LINKS_A_DAY = 5, 10  # mails to one address
NO_CHANGE: dict[str, Any] = {"new_name": "", "new_statement": "", "changed_at": None}


class Moved(Exception):
    """Somebody was faster: decided, changed or left since it was read."""


@transaction.atomic
def join(
    *, kind: str, name: str, statement: str, email: str, consents: bool, looks_automatic: bool, now: datetime
) -> Supporter:
    """Keeps the words and mails a link to change them or leave. The same again, while it waits, changes nothing.

    Raises ValidationError without consent to publish, joining.TooMany."""
    if not consents:
        raise ValidationError(_("We can only take supporters whose name we may publish."))
    typed = {"kind": kind, "name": name.strip(), "statement": statement.strip(), "email": email.strip().lower()}
    joining.take_turns()
    if same := Supporter.objects.filter(**typed, state=SupporterState.WAITING).first():
        return same
    alike = Supporter.objects.filter(looks_automatic=looks_automatic)
    joining.check_not_too_many(alike, from_address=Q(email=typed["email"]), now=now)
    token = secrets.token_urlsafe(32)
    told = {"token_hash": token_hash(token), "looks_automatic": looks_automatic}
    supporter = Supporter.objects.create(**typed, **told, consented_at=now, created_at=now)
    audit.record(action="supporter.joined", by=None, now=now, about=supporter)
    joining_emails.acknowledge_supporter(supporter=supporter, token=token, now=now)
    joining_emails.tell_team(looks_automatic=looks_automatic, now=now)
    return supporter


def find(*, token: str) -> Supporter | None:
    """Whose link this is; changes nothing. A supporter who left is found too."""
    return Supporter.objects.filter(token_hash=token_hash(token)).first()


@transaction.atomic
def propose_change(*, supporter: Supporter, name: str, statement: str, now: datetime) -> None:
    """New words. Before the first decision they replace the old ones; afterwards they wait for the team.

    Typing the words that are on the list takes a waiting change back. Raises Moved once declined or left."""
    words = {"name": name.strip(), "statement": statement.strip()}
    rows = Supporter.objects.filter(pk=supporter.pk)
    waiting, listed = rows.filter(state=SupporterState.WAITING), rows.filter(state=SupporterState.PUBLISHED)
    change = {"new_name": words["name"], "new_statement": words["statement"], "changed_at": now}
    if listed.filter(**words).update(decline_reason="", **NO_CHANGE):
        audit.record(action="supporter.change_taken_back", by=None, now=now, about=supporter)
        return
    if not waiting.update(**words) and not listed.update(decline_reason="", **change):
        raise Moved
    audit.record(action="supporter.change_proposed", by=None, now=now, about=supporter)
    joining_emails.tell_team(looks_automatic=supporter.looks_automatic, now=now)


@transaction.atomic
def leave(*, supporter: Supporter, now: datetime) -> None:
    """Erases name, words and address at once, here and in the mails about them. A second press changes nothing."""
    rows = Supporter.objects.filter(pk=supporter.pk).exclude(state=SupporterState.LEFT)
    erased = {"name": "", "statement": "", "email": "", "decline_reason": ""}
    if rows.update(state=SupporterState.LEFT, left_at=now, **erased, **NO_CHANGE):
        forget_about(key=joining_emails.key_of(supporter))
        audit.record(action="supporter.left", by=None, now=now, about=supporter)


# --- What the team decides ---------------------------------------------------------------------------------


@transaction.atomic
def publish(*, supporter: Supporter, by: User, now: datetime) -> None:
    """Puts exactly the words of `supporter`, as they were read, on the public list. Raises Moved otherwise."""
    check_can_publish(by)
    if supporter.state != SupporterState.WAITING:
        raise Moved
    _decide("supporter.published", supporter, by, now, state=SupporterState.PUBLISHED)
    joining_emails.tell_of_publication(supporter=supporter, now=now)


@transaction.atomic
def decline(*, supporter: Supporter, reason: str, by: User, now: datetime) -> None:
    """Says no; the supporter reads the reason. Only a publisher takes somebody off the public list.

    Raises Moved, ValidationError."""
    check_can_decline(by, supporter)
    reason = _check_reason(reason)
    _decide("supporter.declined", supporter, by, now, state=SupporterState.DECLINED, decline_reason=reason, **NO_CHANGE)
    joining_emails.tell_of_decline(supporter=supporter, now=now)


@transaction.atomic
def accept_change(*, supporter: Supporter, by: User, now: datetime) -> None:
    """The new words, exactly as they were read, take the place of the old ones. Raises Moved otherwise."""
    check_can_publish(by)
    _check_has_changed(supporter)
    words = {"name": supporter.new_name, "statement": supporter.new_statement}
    change = {"state": SupporterState.PUBLISHED, "decline_reason": "", **words, **NO_CHANGE}
    _decide("supporter.change_accepted", supporter, by, now, **change)
    joining_emails.tell_of_publication(supporter=supporter, now=now)


@transaction.atomic
def refuse_change(*, supporter: Supporter, reason: str, by: User, now: datetime) -> None:
    """The words on the list stay; the supporter reads the reason. Raises Moved, ValidationError."""
    check_can_decide_who_joins(by)
    _check_has_changed(supporter)
    reason = _check_reason(reason)
    change = {"state": SupporterState.PUBLISHED, "decline_reason": reason, **NO_CHANGE}
    _decide("supporter.change_refused", supporter, by, now, **change)
    joining_emails.tell_of_decline(supporter=supporter, now=now)


def _check_reason(reason: str) -> str:
    if not reason.strip():
        raise ValidationError(_("Give a reason."))
    return reason.strip()


def _check_has_changed(supporter: Supporter) -> None:
    if supporter.changed_at is None:
        raise Moved


def _decide(act: str, read: Supporter, by: User, now: datetime, **change: object) -> None:
    """Only while state and words are still those that were read."""
    if read.state not in (SupporterState.WAITING, SupporterState.PUBLISHED):
        raise Moved
    seen = {key: getattr(read, key) for key in ("state", "name", "statement", "changed_at")}
    if not Supporter.objects.filter(pk=read.pk, **seen).update(decided_at=now, decided_by=by, **change):
        raise Moved
    before, after = {"state": str(seen["state"])}, {"state": str(change["state"])}
    audit.record(action=act, by=by, now=now, about=read, before=before, after=after)
    read.refresh_from_db()


# --- A fresh link --------------------------------------------------------------------------------------------


def send_link(*, email: str, now: datetime) -> None:
    """Mails each supporter of this address a fresh link; the one before stops working.

    Says nothing of whether the address is known: for an unknown one the same is written, and taken back.
    Raises joining.TooMany when everybody together asks too often."""
    address = email.strip().lower()
    with transaction.atomic():
        joining.take_turns()
        _check_not_asked_too_often(now)
        audit.record(action="supporter.link_asked", by=None, now=now)
        with transaction.atomic():
            known = list(_of(address))
            for supporter in known or [Supporter(pk=0, email=address)]:
                _mail_fresh_link(supporter, now)
            too_many = joining_emails.links_mailed(address, since=now - joining.DAY) > LINKS_A_DAY
            transaction.set_rollback(too_many or not known)
        wake(send_due)


def _of(address: str) -> models.QuerySet[Supporter]:
    rows = Supporter.objects.filter(email=address).exclude(state=SupporterState.LEFT)
    return rows.order_by("-pk")[:LINKS_AT_ONCE]


def _mail_fresh_link(supporter: Supporter, now: datetime) -> None:
    token = secrets.token_urlsafe(32)
    Supporter.objects.filter(pk=supporter.pk).update(token_hash=token_hash(token))
    joining_emails.send_fresh_link(supporter=supporter, token=token, now=now)


def _check_not_asked_too_often(now: datetime) -> None:
    asked = AuditEvent.objects.filter(action="supporter.link_asked", at__gt=now - joining.HOUR)
    if asked.count() >= joining.AN_HOUR_FROM_EVERYBODY:
        raise joining.TooMany(joining.from_everybody(), seconds=joining.HOUR.total_seconds())
