"""What the workspace says about an update: the one next action, the timeline, the statuses of the task list."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Prefetch
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from progress_updates.lateness import LONDON, PublicStatus, moment, public_status
from progress_updates.models import Answer, ProgressUpdate, Question, RoundEntry, State, StatusChange
from progress_updates.permissions import is_within_limit, somebody_leads
from progress_updates.views.workspace_place import Place
from progress_updates.workflow import STEPS
from signatories.models import Membership, Statement, StatementState
from signatories.permissions import can_edit_statement

NOT_SENT = (State.DRAFT, State.RETURNED, State.AWAITING_SIGN_OFF)
NOT_STARTED, IN_PROGRESS, COMPLETED, CANNOT_START = "not_started", "in_progress", "completed", "cannot_start"


@dataclass(frozen=True)
class NextAction:
    """One sentence of how it stands, and at most one thing to do."""

    words: str
    button: str = ""
    url: str = ""
    # A thing to look at rather than to do.
    quiet: bool = False


@dataclass(frozen=True)
class RoundCard:
    """A round on the home page."""

    place: Place
    status: PublicStatus
    action: NextAction

    @property
    def is_asked(self) -> bool:
        """Still to be done by somebody: belongs at the top."""
        waiting = self.place.update.state in (State.DRAFT, State.RETURNED, State.AWAITING_SIGN_OFF)
        return self.place.round.is_open(self.place.now) or (self.place.started and waiting)


@dataclass(frozen=True)
class Happened:
    """One line of the timeline."""

    at: datetime
    who: str
    what: str
    note: str = ""
    respond_by: date | None = None


@dataclass(frozen=True)
class Task:
    """One row of the task list."""

    title: str
    status: str
    url: str = ""
    hint: str = ""

    @property
    def words(self) -> str:
        return {
            NOT_STARTED: _("Not yet started"),
            IN_PROGRESS: _("In progress"),
            COMPLETED: _("Completed"),
            CANNOT_START: _("Cannot start yet"),
        }[self.status]


def statement_action(membership: Membership, statement: Statement | None) -> NextAction | None:
    """What the Statement of Intent asks of this person; nothing once it is published."""
    if statement and statement.state not in (StatementState.DRAFT, StatementState.SIGNED):
        return None
    if statement and statement.state == StatementState.SIGNED:
        return NextAction(_("It is signed. The Synergi team reads it and publishes it, and you hear of it by mail."))
    words = _("Your pledge begins with it: why you are a Pledge Maker, and how you will meet the seven objectives.")
    if statement and statement.version > 1:
        new = _("Version %(version)s is being written. Everybody reads the version before until it is published.")
        words = new % {"version": statement.version}
    if not can_edit_statement(membership):
        return NextAction(_("It is not signed yet. Your leader or a coordinator writes it."))
    button = _("Go on with your Statement of Intent") if statement else _("Write your Statement of Intent")
    return NextAction(words, button, reverse("signatories:statement", args=[membership.pledge_maker.slug]))


def cards_of(membership: Membership, *, now: datetime) -> list[RoundCard]:
    """Every round of the Pledge Maker, newest first. Constant queries, but for the answers still to write."""
    latest = ProgressUpdate.objects.select_related("asked_by", "signed_by").order_by("-version")
    entries = (
        RoundEntry.objects.filter(pledge_maker=membership.pledge_maker, round__opened_at__isnull=False)
        .select_related("round", "covered_by__pledge_maker", "extension")
        .prefetch_related(Prefetch("updates", latest, to_attr="versions"))
        .order_by("-round__due_at", "-pk")
    )
    return [_card(membership, entry, now) for entry in entries]


def _card(membership: Membership, entry: RoundEntry, now: datetime) -> RoundCard:
    entry.pledge_maker = membership.pledge_maker
    update = entry.versions[0] if entry.versions else ProgressUpdate(entry=entry, version=1)  # type: ignore[attr-defined]
    update.entry = entry
    place = Place(membership, entry, update, membership.user, now)
    return RoundCard(place, public_status(entry, now), next_action(place))


def next_action(place: Place) -> NextAction:
    """What this person can do next. The order is that of the journey."""
    if not place.started:
        return _before_the_start(place)
    if place.nothing_taken and place.update.state in NOT_SENT:
        return NextAction(_("%(why)s Your draft is kept.") % {"why": place.nothing_taken})
    say = {
        State.DRAFT: _writing,
        State.RETURNED: _writing,
        State.AWAITING_SIGN_OFF: _awaiting,
        State.SUBMITTED: _sent,
        State.IN_REVIEW: _sent,
        State.ACCEPTED: _accepted,
        State.PUBLISHED: _published,
    }[State(place.update.state)]
    return say(place)


def _before_the_start(place: Place) -> NextAction:
    if place.nothing_taken:
        return NextAction(place.nothing_taken)
    if not place.entry.required:
        return NextAction(_("Nothing is asked of you in this round."))
    if place.round.is_past:
        return NextAction(_("This round was before Pledge Tracker. The Synergi team enters what was sent then."))
    if place.is_closed:
        return NextAction(_("This round has closed, and no update was started. The Synergi team can extend it."))
    if place.may_write:
        return NextAction(_("Nobody has started your update yet."), _("Start your update"), place.url("task_list"))
    return NextAction(_("Nobody has started your update yet. Your coordinator or a contributor writes it."))


def _with_the_team(place: Place) -> NextAction:
    words = _("The Synergi team enters your update from the document that you sent. You need not do anything.")
    return NextAction(words, _("Read what is entered so far"), place.url("read"), quiet=True)


def _writing(place: Place) -> NextAction:
    if place.is_with_the_team:
        return _with_the_team(place)
    total, done = _completed(place.update)
    words = _("%(done)s of %(total)s sections are completed.") % {"done": done, "total": total}
    if place.is_correction:
        words = _("You are correcting what was published. %(progress)s") % {"progress": words}
    if returned := return_in_force(place.update):
        words = _("%(who)s sent it back with a reason. %(progress)s") % {"who": returned.who, "progress": words}
    if not place.may_write:
        return NextAction(words, _("Read the draft"), place.url("read"), quiet=True)
    if done == total and not place.may_write_all:
        return NextAction(_("%(progress)s Somebody who writes all of it asks for the signature.") % {"progress": words})
    if done == total:
        return NextAction(words, _("Check your answers and ask for the signature"), place.url("check"))
    return NextAction(words, _("Go on with your update"), place.url("task_list"))


def _completed(update: ProgressUpdate) -> tuple[int, int]:
    answers = update.answers.values_list("completed", flat=True)
    return len(answers), sum(answers)


def _awaiting(place: Place) -> NextAction:
    asked_by = place.update.asked_by
    name = asked_by.name if asked_by else ""
    if "sign" in place.open_steps:
        words = _("%(name)s asks for your signature. Signing sends the update to the Synergi team.")
        return NextAction(words % {"name": name}, _("Read and sign"), place.url("sign"))
    words = _("The update waits for the leader’s signature. %(name)s asked for it.") % {"name": name}
    if not somebody_leads(place.maker):
        words = _("%(name)s asked for the signature, and no leader is in office. It waits for the next one.")
        words = words % {"name": name}
    return NextAction(words, _("Read the update"), place.url("read"), quiet=True)


def _sent(place: Place) -> NextAction:
    leader, at = place.update.signed_by, place.update.signed_at
    words = _("%(leader)s signed it on %(when)s. The Synergi team has it now.") % {
        "leader": leader.name if leader else "",
        "when": moment(at) if at else "",
    }
    return NextAction(words, _("Read what was sent"), place.url("read"), quiet=True)


def _accepted(place: Place) -> NextAction:
    words = _("The Synergi team accepted it. It is planned to be published on %(day)s.") % {
        "day": london_day(place.update.publish_at or place.round.publishes_at)
    }
    return NextAction(words, _("Read what was sent"), place.url("read"), quiet=True)


def _published(place: Place) -> NextAction:
    url = f"/pledge-makers/{place.maker.slug}/{place.round.slug}/"
    return NextAction(_("It is published."), _("See the public page"), url, quiet=True)


def london_day(instant: datetime) -> str:
    return date_format(instant.astimezone(LONDON), "j F Y")


def timeline_of(update: ProgressUpdate) -> list[Happened]:
    """Who asked, signed, returned, with the reasons given; oldest first. Staff speak as a team."""
    if update.pk is None:
        return []
    return [_happened(change) for change in update.changes.select_related("by")]


def _happened(change: StatusChange) -> Happened:
    by = change.by
    staff = change.action in ("start_review", "return_by_staff", "accept", "publish", "undo_publication")
    staff = staff or bool(change.update.entered_by_id and by and by.is_synergi)
    who = _("The Synergi team") if staff or by is None else by.name
    return Happened(change.at, who, str(STEPS[change.action].past), change.note, change.respond_by)


def return_in_force(update: ProgressUpdate) -> Happened | None:
    """The return that the writers answer now: the latest step, if it was one."""
    if update.pk is None or not update.is_editable:
        return None
    last = update.changes.select_related("by").last()
    return _happened(last) if last and last.action in ("return_by_leader", "return_by_staff") else None


def tasks_of(place: Place) -> list[Task]:
    """A row for each section."""
    answers: dict[int, Answer] = {}
    if place.started:
        answers = {answer.question_id: answer for answer in place.update.answers.all()}
    return [_task(place, question, answers.get(question.pk)) for question in place.questions]


def _task(place: Place, question: Question, answer: Answer | None) -> Task:
    status = _status(answer)
    hints = [_("No change since last round")] if answer and answer.no_change else []
    if place.limit and not is_within_limit(place.membership, question):
        hints.append(_("You can read this"))
    return Task(question.title, status, place.url("section", question.key), ". ".join(hints))


def _status(answer: Answer | None) -> str:
    """Copied words do not count as a start: somebody must have saved."""
    if answer is None or not answer.version:
        return NOT_STARTED
    return COMPLETED if answer.completed else IN_PROGRESS


def last_tasks(place: Place, tasks: list[Task]) -> list[Task]:
    """What comes after the sections: check, then the signature."""
    update, done = place.update, bool(tasks) and all(task.status == COMPLETED for task in tasks)
    asked = place.started and not update.is_editable
    check = Task(
        _("Check your answers and ask for the signature"),
        COMPLETED if asked else NOT_STARTED if done else CANNOT_START,
        place.url("check") if done and place.can_write_now and place.may_write_all else "",
        "" if asked or done else _("When all sections are completed"),
    )
    if update.state == State.AWAITING_SIGN_OFF:
        url = place.url("sign") if place.is_leader else ""
        return [check, Task(_("The leader reads and signs"), NOT_STARTED, url, _("Signing sends the update"))]
    status = COMPLETED if asked else CANNOT_START
    return [check, Task(_("The leader reads and signs"), status, "", _("Signing sends the update"))]
