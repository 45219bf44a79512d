"""What the team sees of reminders: whom to remind in bulk, who was told what, and what comes next."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from design.forms import PledgeForm
from design.templatetags.furniture import long_date, long_moment
from mail.models import State as MailState
from progress_updates.models import Round, RoundEntry
from progress_updates.models import State as UpdateState
from reminders.ladder import LABELS, Audience, Step, london_day, next_steps
from reminders.models import Chase, Reminder
from reminders.owed import dates_of
from staff.address import Chosen, Filter

SENTENCE_LENGTH = 300
LATE, EARLY, NO_DRAFT, DRAFT, WAITS = "late", "early", "no_draft", "draft", "waits"


class ChaseForm(PledgeForm):
    """Whom to remind, and what to add."""

    form_tag = False
    submit = ""
    entries = forms.MultipleChoiceField(
        label=gettext_lazy("Whom to remind"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": gettext_lazy("Tick at least one Pledge Maker."),
            "invalid_choice": gettext_lazy("One that you ticked owes nothing any more. Look at the list again."),
        },
    )
    sentence = forms.CharField(
        label=gettext_lazy("A sentence of your own"),
        help_text=gettext_lazy("If you like. It stands in the mail under your name."),
        required=False,
        max_length=SENTENCE_LENGTH,
        error_messages={"max_length": gettext_lazy("Write 300 characters or fewer.")},
    )

    def __init__(self, *args: Any, entries: Iterable[Any], now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ticks = self.fields["entries"]
        assert isinstance(ticks, forms.MultipleChoiceField)
        ticks.choices = [(str(entry.pk), _name_and_standing(entry, now)) for entry in entries]
        ticks.initial = [key for key, _words in ticks.choices]

    def chosen(self) -> list[int]:
        return [int(key) for key in self.cleaned_data["entries"]]


def _name_and_standing(entry: Any, now: datetime) -> str:
    words = (
        _("%(name)s: was due %(day)s, %(standing)s") if entry.due < now else _("%(name)s: due %(day)s, %(standing)s")
    )
    return words % {"name": entry.pledge_maker.name, "day": long_date(entry.due), "standing": _standing(entry)}


def _standing(entry: Any) -> str:
    if not entry.reaches_somebody:
        return _("nobody can be reached")
    if entry.update_state == UpdateState.AWAITING_SIGN_OFF:
        return _("waits for the signature")
    return _("has a draft") if entry.update_state else _("no draft yet")


def who_filter() -> Filter:
    """Which of those who have not sent the page lists."""
    choices = {
        LATE: _("Past their due date"),
        EARLY: _("Not due yet"),
        NO_DRAFT: _("No draft yet"),
        DRAFT: _("With a draft"),
        WAITS: _("Waiting for the signature"),
    }
    return Filter("who", _("Who has not sent"), _("Everybody who has not sent"), [("", tuple(choices.items()))])


def narrow(entries: Iterable[Any], who: str, now: datetime) -> list[Any]:
    """Those of the entries that the filter asks for; with nothing chosen all of them."""
    wanted = {
        LATE: lambda entry: entry.due < now,
        EARLY: lambda entry: entry.due >= now,
        NO_DRAFT: lambda entry: not entry.update_state,
        DRAFT: lambda entry: entry.update_state and entry.update_state != UpdateState.AWAITING_SIGN_OFF,
        WAITS: lambda entry: entry.update_state == UpdateState.AWAITING_SIGN_OFF,
    }.get(who, lambda _entry: True)
    return [entry for entry in entries if wanted(entry)]


# --- What became of a chase --------------------------------------------------------------------------------


def time_left(chase: Chase, now: datetime) -> str:
    """How long it can still be cancelled, in words."""
    left = chase.goes_at - now
    if left > timedelta(hours=1):
        return _("until %(moment)s") % {"moment": long_moment(chase.goes_at)}
    minutes = int(left.total_seconds() // 60)
    if not minutes:
        return _("for less than a minute")
    return ngettext("for %(count)s more minute", "for %(count)s more minutes", minutes) % {"count": minutes}


# --- Who was told ------------------------------------------------------------------------------------------

SENT, WAITING, NOT_SENT, FAILED = "sent", "waiting", "not_sent", "failed"


def ledger_filters(round_: Round, makers: Iterable[RoundEntry]) -> list[Filter]:
    names = tuple((entry.pledge_maker.slug, entry.pledge_maker.name) for entry in makers)
    became = {SENT: _("Sent"), WAITING: _("Waiting"), NOT_SENT: _("Not sent after all"), FAILED: _("Failed")}
    return [
        Filter("maker", _("Pledge Maker"), _("Every Pledge Maker"), [("", names)]),
        Filter("step", _("Reminder"), _("Every reminder"), [("", tuple((k, str(v)) for k, v in LABELS.items()))]),
        Filter("became", _("What became of it"), _("Anything"), [("", tuple(became.items()))]),
    ]


def ledger(round_: Round, chosen: Chosen) -> QuerySet[Any]:
    """Who was told what, newest first. One query when read."""
    rows = Reminder.objects.filter(entry__round=round_)
    if chosen.get("maker"):
        rows = rows.filter(entry__pledge_maker__slug=chosen.get("maker"))
    if chosen.get("step"):
        rows = rows.filter(step=chosen.get("step"))
    if chosen.get("became"):
        rows = rows.filter(_became()[chosen.get("became")])
    return rows.select_related("user", "entry__pledge_maker", "message", "chase__started_by").order_by(
        "-planned_at", "entry__pledge_maker__name", "-pk"
    )


def _became() -> Mapping[str, Q]:
    off = ~Q(skipped="") | Q(chase__cancelled_at__isnull=False) | Q(message__state=MailState.SKIPPED)
    waits = Q(message__state__in=[MailState.QUEUED, MailState.SENDING, MailState.HELD])
    return {
        SENT: Q(message__state=MailState.SENT) & ~off,
        WAITING: waits & ~off,
        NOT_SENT: off,
        FAILED: Q(message__state=MailState.FAILED) & ~off,
    }


@dataclass(frozen=True)
class Told:
    """One row of the ledger in words. `kind` is one of sent, waiting, not_sent, failed."""

    reminder: Reminder
    label: str
    kind: str
    became: str


def told(reminder: Reminder) -> Told:
    kind, words = _outcome(reminder)
    return Told(reminder, str(LABELS.get(reminder.step, reminder.step)), kind, words)


def _outcome(reminder: Reminder) -> tuple[str, str]:
    message, chase = reminder.message, reminder.chase
    if chase and chase.cancelled_at:
        return NOT_SENT, _("Cancelled %(moment)s") % {"moment": long_moment(chase.cancelled_at)}
    if reminder.skipped or message is None or message.state == MailState.SKIPPED:
        return NOT_SENT, _("Not sent: no longer needed")
    if message.state == MailState.SENT:
        return SENT, _("Sent %(moment)s") % {"moment": long_moment(message.sent_at)}
    if message.state == MailState.FAILED:
        return FAILED, _("Failed: %(why)s") % {"why": message.get_error_class_display()}
    return WAITING, _("Leaves %(moment)s") % {"moment": long_moment(message.next_attempt_at)}


# --- What comes next ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Coming:
    """A day on which something leaves: which steps, to whom, for which Pledge Makers."""

    day: date
    label: str
    hears: str
    makers: tuple[str, ...]


def coming(entries: Iterable[Any], now: datetime) -> list[Coming]:
    """The next steps of entries that owe an update, by day. No query for entries of `as_we_ask`."""
    found: dict[tuple[date, str, str], list[str]] = defaultdict(list)
    for entry in entries:
        if steps := next_steps(dates_of(entry), now):
            at, first = steps[0]
            found[london_day(at), str(first.label), _hears(step for _at, step in steps)].append(entry.pledge_maker.name)
    return [Coming(*when, tuple(names)) for when, names in sorted(found.items())]


def _hears(steps: Iterable[Step]) -> str:
    words = {
        Audience.WRITERS: _("coordinators and contributors"),
        Audience.LEADERS: _("leaders"),
        Audience.STAFF: _("the Synergi team"),
    }
    who = {audience for step in steps for audience in step.words}
    return ", ".join(words[audience] for audience in Audience if audience in who)
