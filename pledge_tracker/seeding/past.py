"""A round from before Pledge Tracker, for the demonstration: documents that trusts sent, entered by the team."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from accounts.models import User
from pledge_tracker.seeding.dates import APART, SEASONS, RoundDates, at
from progress_updates import drafting, on_behalf, past_rounds, workflow
from progress_updates.drafting import AnswerInput
from progress_updates.models import ProgressUpdate, Round
from progress_updates.on_behalf import Sent
from progress_updates.snapshots import fingerprint
from signatories.models import Leader, PledgeMaker

SOURCES = Path(__file__).parent / "sources"
NORTHTOWN, GREYHAVEN, WESTMARSH = (
    "Northtown Mental Health NHS Trust",
    "Greyhaven Mental Health NHS Trust",
    "Westmarsh Partnership NHS Trust",
)
LEADERS = {NORTHTOWN: "Dr Miriam Hallworth", GREYHAVEN: "Tobias Renwick", WESTMARSH: "Dr Adaeze Lorne"}


@dataclass(frozen=True)
class Days:
    """The days of then, and the days on which the team entered it."""

    due: date
    entered: date
    first_round_opens: date

    @property
    def published(self) -> date:
        return self.due + timedelta(days=25)


def fill(*, first: RoundDates, today: date, by: User, publisher: User) -> None:
    """One update signed and published, one being entered, one that never came."""
    days = Days(first.due - timedelta(days=APART), today - timedelta(days=12), first.opens)
    leaders = {maker: _leader_of_then(maker, name, days, by) for maker, name in LEADERS.items()}
    round_ = _round(days, by)
    northtown = _entered(round_, NORTHTOWN, "Northtown first progress report.docx", days, by, signed=True)
    _publish(northtown, leaders[NORTHTOWN], days, by, publisher)
    _entered(round_, GREYHAVEN, "Greyhaven update.txt", days, by, signed=False)


def _round(days: Days, by: User) -> Round:
    now = at(days.entered - timedelta(days=3), 10)
    round_ = past_rounds.create_past_round(
        label=f"First reports, {SEASONS[days.due.month]} {days.due.year}",
        period_from=days.due - timedelta(days=210),
        period_to=days.due - timedelta(days=30),
        asked_on=days.due - timedelta(days=45),
        due_on=days.due,
        published_on=days.published,
        by=by,
        now=now,
    )
    makers = PledgeMaker.objects.filter(name__in=(NORTHTOWN, GREYHAVEN, WESTMARSH))
    past_rounds.open_past_round(round_=round_, makers=makers, by=by, now=now)
    return round_


def _entered(round_: Round, maker: str, file: str, days: Days, by: User, *, signed: bool) -> ProgressUpdate:
    """Each paragraph after a heading of the document becomes the answer of that section."""
    received = days.due - timedelta(days=2)
    sent = Sent(file, (SOURCES / file).read_bytes(), received, received - timedelta(days=1) if signed else None)
    entry = round_.entries.select_related("round", "pledge_maker").get(pledge_maker__name=maker)
    update = on_behalf.start(entry=entry, sent=sent, by=by, now=at(days.entered, 9, 30))
    words = sections_of((SOURCES / "words.txt").read_text(encoding="utf-8") if signed else sent.content.decode())
    for minute, answer in enumerate(update.answers.select_related("question")):
        if text := words.get(answer.question.key):
            _save(update, answer, text, by, at(days.entered, 9, 32 + minute))
    return update


def _save(update: ProgressUpdate, answer: drafting.Answer, text: str, by: User, now: datetime) -> None:
    content = AnswerInput(text=text, completed=True)
    drafting.save_answer(
        update=update, question=answer.question, content=content, version=answer.version, by=by, now=now
    )


def sections_of(text: str) -> dict[str, str]:
    """Lines like “# objective-1” begin a section."""
    found: dict[str, list[str]] = {}
    key = ""
    for line in text.splitlines():
        if line.startswith("# "):
            key = line[2:].strip()
        elif key:
            found.setdefault(key, []).append(line)
    return {key: "\n".join(lines).strip() for key, lines in found.items()}


def _leader_of_then(name_of_maker: str, name: str, days: Days, by: User) -> Leader:
    """Who led before the Statement in Pledge Tracker was signed: so it was a Pledge Maker in that round."""
    maker = PledgeMaker.objects.get(name=name_of_maker)
    return past_rounds.add_leader_of_then(
        pledge_maker=maker,
        name=name,
        role_title="Chief executive",
        organisation=maker.organisations.first(),
        from_on=days.due - timedelta(days=400),
        until_on=days.first_round_opens - timedelta(days=130),
        by=by,
        now=at(days.entered - timedelta(days=3), 9),
    )


def _publish(update: ProgressUpdate, leader: Leader, days: Days, by: User, publisher: User) -> None:
    document = update.sources.get()
    workflow.sign_by_document(
        update=update, by=by, now=at(days.entered, 11), document=document, leader=leader, read=fingerprint(update)
    )
    workflow.start_review(update=update, by=publisher, now=at(days.entered + timedelta(days=1), 10))
    workflow.accept(update=update, by=publisher, now=at(days.entered + timedelta(days=1), 11))
    workflow.publish(update=update, by=publisher, now=at(days.entered + timedelta(days=2), 10))
