"""What is kept, for how long and why: the privacy page prints it, and an hourly job carries it out."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import erasing as accounts
from accounts import limits
from mail import erasing as mail
from signatories import erasing as signatories
from staff import erasing as staff

DAY = timedelta(days=1)
SIX_MONTHS, YEAR, TWO_YEARS = 183 * DAY, 365 * DAY, 730 * DAY


@dataclass(frozen=True)
class Rule:
    """One kind of record. `tidy` does what the rule says and returns how many rows it touched; none: kept for good."""

    name: str
    what: Promise
    how_long: Promise
    why: Promise
    tidy: Callable[[datetime], int] | None = None


RULES: tuple[Rule, ...] = (
    Rule(
        "record",
        _("Statements of Intent, signed updates, and the name, role and organisation of whoever signed them"),
        _("For good"),
        _("They are the public record of a public promise."),
    ),
    Rule(
        "drafts",
        _("Earlier drafts of an update, and who saved what and when"),
        _("As long as the update"),
        _("So that nobody loses a word, and it is clear who signed what."),
    ),
    Rule(
        "sources",
        _("Documents in which a Pledge Maker sent an update, seen by the Synergi team only"),
        _("As long as the update"),
        _("They prove what was sent and signed."),
    ),
    Rule(
        "supporters",
        _("The name and words of a Pledge Supporter, and an e-mail address that is never shown"),
        _("Until the supporter leaves; then they are erased at once"),
        _("They agreed to be on the public list."),
    ),
    Rule(
        "declined_supporters",
        _("Pledge Supporters whom the team declined"),
        _("Six months after the decision"),
        _("In case they ask why."),
        lambda now: signatories.delete_declined_supporters(now - SIX_MONTHS),
    ),
    Rule(
        "applications",
        _("People named in an application to sign the pledge"),
        _("12 months after the decision"),
        _("In case they ask why. The organisation and the decision stay."),
        lambda now: signatories.forget_old_applications(now - YEAR),
    ),
    Rule(
        "invitations",
        _("Name and address on an invitation that nobody accepted"),
        _("12 months after it ran out"),
        _("So that the team sees whom it has asked."),
        lambda now: signatories.forget_old_invitations(now - YEAR),
    ),
    Rule(
        "accounts",
        _("An account: name, e-mail address, and what its person may do"),
        _("Until it is erased on request, or after 24 months without any role"),
        _("People sign in with it. Erased, it leaves “Erased account” in the history."),
        lambda now: staff.erase_idle(since=now - TWO_YEARS, now=now),
    ),
    Rule(
        "addresses",
        _("The e-mail address that an account had before, and when it changed"),
        _("12 months; an address that was never confirmed, one day"),
        _("So that an account which somebody else took can be given back."),
        lambda now: accounts.delete_old_address_changes(made_before=now - YEAR, asked_before=now - DAY),
    ),
    Rule(
        "second_factors",
        _("Passkeys (their public half, and what you call them) and recovery codes, encrypted"),
        _("Until you remove them, or the account is erased"),
        _("So that whoever reads your e-mail cannot sign in as you."),
    ),
    Rule(
        "codes",
        _("Codes to sign in, as a hash"),
        _("One day"),
        _("A code is good for ten minutes; we keep it a day to notice attacks."),
        lambda now: accounts.delete_old_codes(now - DAY),
    ),
    Rule(
        "limits",
        _("How often something was tried from an account or a network address, as a hash"),
        _("One day"),
        _("So that nobody can guess codes or send messages without end."),
        lambda now: limits.delete_old(now - DAY),
    ),
    Rule(
        "kept",
        _("What somebody sent just after their sign-in had ended"),
        _("Until they sign in again, at most one day"),
        _("So that nothing is typed twice. Nobody else can see it."),
        lambda now: accounts.delete_old_kept(now - DAY),
    ),
    Rule(
        "sessions",
        _("Who is signed in on which device"),
        _("Until it runs out or is ended"),
        _("So that nobody has to sign in on every page."),
        accounts.delete_ended_sessions,
    ),
    Rule(
        "mail",
        _("E-mails we sent: to whom, and what they said"),
        _("12 months; then only that one was sent, and when"),
        _("So that a missing e-mail can be found and sent again."),
        lambda now: mail.forget_before(now - YEAR),
    ),
    Rule(
        "audit",
        _("Who did what and when, without any words that people wrote"),
        _("For good"),
        _("So that every decision can be explained."),
    ),
)


def tidy(*, now: datetime) -> dict[str, int]:
    """Carries every rule out; says how many records each touched. Safe to run at any time, and twice."""
    return {rule.name: rule.tidy(now) for rule in RULES if rule.tidy}
