"""What stands in an audit row besides who and when: what it was about, what changed, what was noted; in words."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from django.apps import apps
from django.db.models import CharField, F, QuerySet, Value
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import AuditEvent, SynergiRole
from design.templatetags.furniture import long_date, long_moment
from progress_updates.beside import PARTS
from progress_updates.models import State, WhyNotRequired
from signatories.models import ApplicationState, Role, StatementState, SupporterState
from staff.audit_words import Words

Key = tuple[str, int]
# Of each thing its name, and the address of a Pledge Maker.
Names = dict[Key, tuple[str, str]]
# Of each kind: what it is called, its plural for the filter, and where its name is found.
KINDS: dict[str, tuple[Words, Words, str]] = {
    "accounts.user": (gettext_lazy("Account"), gettext_lazy("Accounts"), "name"),
    "signatories.pledgemaker": (gettext_lazy("Pledge Maker"), gettext_lazy("Pledge Makers"), "name"),
    "signatories.statement": (
        gettext_lazy("Statement of Intent"), gettext_lazy("Statements of Intent"), "pledge_maker__name"
    ),
    "signatories.invitation": (gettext_lazy("Invitation"), gettext_lazy("Invitations"), "pledge_maker__name"),
    "signatories.membership": (gettext_lazy("Role"), gettext_lazy("Roles"), "pledge_maker__name"),
    "signatories.leader": (gettext_lazy("Leader"), gettext_lazy("Leaders"), "name"),
    "signatories.application": (gettext_lazy("Application"), gettext_lazy("Applications"), "organisation_name"),
    "signatories.supporter": (gettext_lazy("Supporter"), gettext_lazy("Supporters"), "name"),
    "progress_updates.round": (gettext_lazy("Round"), gettext_lazy("Rounds"), "label"),
    "progress_updates.roundentry": (
        gettext_lazy("Pledge Maker in a round"), gettext_lazy("Pledge Makers in a round"), "pledge_maker__name"
    ),
    "progress_updates.progressupdate": (
        gettext_lazy("Progress update"), gettext_lazy("Progress updates"), "entry__pledge_maker__name"
    ),
    "reports.nationalreport": (gettext_lazy("National report"), gettext_lazy("National reports"), "round__label"),
    "reports.document": (gettext_lazy("PDF"), gettext_lazy("PDFs"), ""),
    "mail.message": (gettext_lazy("Message"), gettext_lazy("Messages"), ""),
    "mfa.authenticator": (gettext_lazy("Passkey or codes"), gettext_lazy("Passkeys and recovery codes"), ""),
}  # fmt: skip
# Details that are the number of something else: it is named as well.
REFERS = {
    "person": "accounts.user",
    "caseworker": "accounts.user",
    "pledge_maker": "signatories.pledgemaker",
    "successors": "signatories.pledgemaker",
    "leader": "signatories.leader",
    "organisation": "signatories.organisation",
    "covers": "progress_updates.roundentry",
    "covered_by": "progress_updates.roundentry",
}
# Pages of the team that are found by the number alone.
PAGES = {
    "accounts.user": "staff:person",
    "signatories.application": "staff:application",
    "signatories.supporter": "staff:supporter",
    "progress_updates.progressupdate": "staff:update",
}
KEYS: dict[str, Words] = {
    "address_change": gettext_lazy("Number of the change"),
    "answer": gettext_lazy("Answer"),
    "caseworker": gettext_lazy("Looked after by"),
    "change": gettext_lazy("Number of the change"),
    "chase": gettext_lazy("Number of the sending"),
    "chosen": gettext_lazy("Chosen"),
    "closed": gettext_lazy("Account closed"),
    "closes_at": gettext_lazy("Closes"),
    "covered_by": gettext_lazy("Reported with"),
    "covers": gettext_lazy("Reports for"),
    "due_at": gettext_lazy("Due"),
    "edit": gettext_lazy("Edit"),
    "error_class": gettext_lazy("Kind of failure"),
    "extended_to": gettext_lazy("More time until"),
    "extension": gettext_lazy("Number of the extension"),
    "free": gettext_lazy("Nobody else had the address"),
    "invitation": gettext_lazy("Number of the invitation"),
    "is_active": gettext_lazy("Account open"),
    "is_public": gettext_lazy("Public"),
    "is_withheld": gettext_lazy("Withheld"),
    "leader": gettext_lazy("Leader"),
    "limit": gettext_lazy("Limit"),
    "merged_on": gettext_lazy("Merged on"),
    "method": gettext_lazy("How"),
    "methods": gettext_lazy("How"),
    "objectives": gettext_lazy("Limited to objectives"),
    "opens_at": gettext_lazy("Opens"),
    "organisation": gettext_lazy("Organisation"),
    "page": gettext_lazy("Code of the page"),
    "parts": gettext_lazy("Which words"),
    "person": gettext_lazy("Person"),
    "pk": gettext_lazy("Number"),
    "pledge_maker": gettext_lazy("Pledge Maker"),
    "pledge_makers": gettext_lazy("Pledge Makers"),
    "publish_at": gettext_lazy("Publication"),
    "publishes_at": gettext_lazy("Publication"),
    "request": gettext_lazy("Number of the request"),
    "role": gettext_lazy("Role"),
    "rows": gettext_lazy("Rows"),
    "sha256": gettext_lazy("Fingerprint of the file (SHA-256)"),
    "signature": gettext_lazy("Number of the signature"),
    "signed_on": gettext_lazy("Signed on"),
    "slug": gettext_lazy("Address of its page"),
    "state": gettext_lazy("State"),
    "status": gettext_lazy("Answered"),
    "successors": gettext_lazy("Goes on in"),
    "taken_away": gettext_lazy("Passkeys and sets of codes taken away"),
    "until_on": gettext_lazy("Last day"),
    "wanted_on": gettext_lazy("Wanted until"),
    "what": gettext_lazy("What"),
    "why": gettext_lazy("Why"),
    "why_not_required": gettext_lazy("Why no update is asked"),
    "withdrawn_on": gettext_lazy("Withdrawn on"),
}
HOW: dict[str, Words] = {
    "code": gettext_lazy("mailed code"),
    "passkey": gettext_lazy("passkey"),
    "webauthn": gettext_lazy("passkey"),
    "recovery_code": gettext_lazy("recovery code"),
    "recovery_codes": gettext_lazy("recovery code"),
}
CHOICES: dict[str, dict[str, Words]] = {
    "role": dict([*Role.choices, *SynergiRole.choices]),
    "state": dict([*SupporterState.choices, *ApplicationState.choices, *StatementState.choices, *State.choices]),
    "why_not_required": dict(WhyNotRequired.choices),
    "answer": {"wrong": gettext_lazy("wrong"), "spent": gettext_lazy("spent")},
    "method": HOW,
    "methods": HOW,
    "parts": {part.name: part.title for part in PARTS.values()},
    "why": {
        "idle": gettext_lazy("the site was not used for a while"),
        "longest": gettext_lazy("the longest time was over"),
        "signed_out": gettext_lazy("they pressed “Sign out”"),
        "from_elsewhere": gettext_lazy("they ended it from another browser"),
    },
    "what": {
        "audit": gettext_lazy("the audit trail"),
        "queue": gettext_lazy("the queue"),
        "round": gettext_lazy("a round"),
    },
    "limit": {
        "code.asked": gettext_lazy("codes for one address"),
        "code.asked.network": gettext_lazy("codes asked for from one network"),
        "code.typed.network": gettext_lazy("codes typed from one network"),
        "passkey.asked.network": gettext_lazy("passkeys asked for from one network"),
        "passkey.tried.network": gettext_lazy("passkeys tried from one network"),
        "second_factor.tried": gettext_lazy("second factors of one account"),
        "proof.asked": gettext_lazy("codes for a fresh proof"),
        "proof.tried": gettext_lazy("fresh proofs of one account"),
        "address.asked": gettext_lazy("codes for another address"),
        "invitation.sent": gettext_lazy("invitations"),
        "invitation.mailed": gettext_lazy("invitations to one address"),
        "joining.sent.network": gettext_lazy("forms of those who join, from one network"),
        "export.taken": gettext_lazy("files"),
    },
}


def key_words(key: str) -> str:
    """What a detail is called; an unknown one by its own name."""
    return str(KEYS.get(key) or key.replace("_", " ").capitalize())


def value_words(key: str, value: Any, names: Names | None = None) -> str:
    """A code as its label, a day as a day, a number of something as its name; nothing as a dash."""
    if value is None or value == "" or value == []:
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Mapping):
        return " · ".join(f"{key_words(name)}: {value_words(name, one, names)}" for name, one in value.items())
    if isinstance(value, list):
        return ", ".join(value_words(key, one, names) for one in value)
    if key in REFERS:
        name, _slug = (names or {}).get((REFERS[key], value), ("", ""))
        return name or _("number %(number)s") % {"number": value}
    return str(CHOICES.get(key, {}).get(value) or _moment(value) or value)


def _moment(value: Any) -> str:
    if not isinstance(value, str) or len(value) < 10:
        return ""
    try:
        return long_date(date.fromisoformat(value)) if len(value) == 10 else long_moment(datetime.fromisoformat(value))
    except ValueError:
        return ""


def changes_of(event: AuditEvent, names: Names | None = None) -> list[tuple[str, str, str]]:
    """(what, before, after), for everything that changed."""
    keys = dict.fromkeys([*event.before, *event.after])
    rows = [(key, *(value_words(key, side.get(key), names) for side in (event.before, event.after))) for key in keys]
    return [(key_words(key), before, after) for key, before, after in rows if before != after]


def noted_of(event: AuditEvent, names: Names | None = None) -> list[tuple[str, str]]:
    """What else was noted, but for what the change says already."""
    said = {key for key in event.after if event.after[key] == event.detail.get(key)}
    return [(key_words(key), value_words(key, value, names)) for key, value in event.detail.items() if key not in said]


def kind_words(kind: str) -> str:
    return str(KINDS[kind][0]) if kind in KINDS else kind.rpartition(".")[2].capitalize()


def kinds() -> list[tuple[str, str]]:
    """For the filter: each kind of thing that an act can be about."""
    return [(kind, str(several)) for kind, (_one, several, _name) in KINDS.items()]


def page_of(kind: str, pk: int, slug: str) -> str:
    """The team's page about it; empty where there is none."""
    if slug:
        return reverse("staff:pledge_maker", args=[slug])
    return reverse(PAGES[kind], args=[pk]) if kind in PAGES else ""


def names_of(events: Iterable[AuditEvent]) -> Names:
    """(name, address of a Pledge Maker) of all that these rows are about or refer to. One query, or none."""
    asked: dict[str, set[int]] = {}
    for event in events:
        for kind, pk in [(event.about_kind, event.about_id), *_referred_to(event)]:
            if pk and _name_path(kind):
                asked.setdefault(kind, set()).add(pk)
    if not asked:
        return {}
    first, *others = [_names(kind, keys) for kind, keys in asked.items()]
    rows = first.union(*others, all=True) if others else first
    return {(kind, pk): (name, slug) for kind, pk, name, slug in rows}


def _referred_to(event: AuditEvent) -> Iterator[Key]:
    for side in (event.before, event.after, event.detail):
        for key in REFERS.keys() & side.keys():
            found = side[key] if isinstance(side[key], list) else [side[key]]
            yield from ((REFERS[key], pk) for pk in found if isinstance(pk, int))


def _name_path(kind: str) -> str:
    return "name" if kind in REFERS.values() and kind not in KINDS else KINDS.get(kind, ("", "", ""))[2]


def _names(kind: str, keys: set[int]) -> QuerySet[Any, Any]:
    """Without an order, for the parts of a union have none."""
    slug = F("slug") if kind == "signatories.pledgemaker" else Value("")
    rows = apps.get_model(kind)._default_manager.filter(pk__in=keys).order_by()
    text = CharField(max_length=300)
    named = rows.annotate(of_kind=Value(kind, text), called=Cast(F(_name_path(kind)), text), at_slug=Cast(slug, text))
    return named.values_list("of_kind", "pk", "called", "at_slug")
