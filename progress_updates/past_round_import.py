"""A whole past round from a CSV file (its columns: past_round_file.py): everything is entered or nothing is.

Each line is checked before the first is entered. Each Pledge Maker's update is entered on its behalf, as by hand:
with its document, and submitted where the document carries the leader's signature. The others stay to be finished.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import User
from progress_updates import documents, drafting, on_behalf, workflow
from progress_updates.completeness import too_long
from progress_updates.drafting import AnswerInput
from progress_updates.models import ProgressUpdate, Question, Round, SourceDocument
from progress_updates.on_behalf import Sent
from progress_updates.past_round_file import Line, Sheet, read
from progress_updates.past_rounds import add_to_past_round, open_past_round, was_there
from progress_updates.permissions import check_can_run_rounds
from progress_updates.questions import parts_of
from progress_updates.snapshots import fingerprint
from signatories.models import Leader, PledgeMaker
from signatories.organisation_file import BadFile

TEXTS = ("text", "involved", "evidence", "barriers")


@dataclass(frozen=True)
class Outcome:
    """How many updates were entered, and how many of them are submitted because their document is signed."""

    entered: int
    submitted: int


@dataclass(frozen=True)
class Checked:
    """One update, ready to be entered."""

    maker: PledgeMaker
    sent: Sent
    leader: Leader | None
    answers: list[tuple[Question, AnswerInput]]


@transaction.atomic
def import_file(
    *, round_: Round, content: bytes, name: str, files: Mapping[str, bytes], by: User, now: datetime
) -> Outcome:
    """Enters every update in the file, or nothing. `files` are the documents that it names. Raises BadFile."""
    check_can_run_rounds(by=by)
    if not round_.is_past:
        raise BadFile([f"{round_.label} is not a past round."])
    sheets = read(content)
    checked = _check(round_, sheets, Sent(name, content, timezone.localdate(now)), files, now)
    open_past_round(round_=round_, makers=[], by=by, now=now)
    submitted = sum(_enter(round_, each, by, now) for each in checked)
    audit.record(action="round.imported", by=by, about=round_, now=now, entered=len(checked), submitted=submitted)
    return Outcome(len(checked), submitted)


def _check(round_: Round, sheets: list[Sheet], table: Sent, files: Mapping[str, bytes], now: datetime) -> list[Checked]:
    questions = {question.key: question for question in round_.questions.all()}
    problems: list[str] = []
    found = [_check_sheet(round_, sheet, questions, table, files, now, problems) for sheet in sheets]
    makers = [each.maker.pk for each in found if each]
    problems += [f"{each.maker.name}: twice in the file." for each in found if each and makers.count(each.maker.pk) > 1]
    if problems:
        raise BadFile(list(dict.fromkeys(problems)))
    return [each for each in found if each]


def _check_sheet(
    round_: Round,
    sheet: Sheet,
    questions: Mapping[str, Question],
    table: Sent,
    files: Mapping[str, bytes],
    now: datetime,
    problems: list[str],
) -> Checked | None:
    at = f"line {sheet.number}, column"
    answers = [answer for line in sheet.lines if (answer := _answer(line, questions, problems))]
    maker = _maker(sheet)
    if maker is None:
        problems.append(f"{at} pledge_maker: “{sheet.maker}” is not known. Use its name or its address.")
        return None
    if not was_there(round_, maker):
        problems.append(f"{at} pledge_maker: {maker.name} was not a Pledge Maker on the public list then.")
    if ProgressUpdate.objects.filter(entry__round=round_, entry__pledge_maker=maker).exists():
        problems.append(f"{at} pledge_maker: {maker.name} has an update in this round already.")
    leader = _leader(sheet, maker, problems)
    sent = _sent(sheet, table, files, now, problems)
    return Checked(maker, sent, leader, answers)


def _maker(sheet: Sheet) -> PledgeMaker | None:
    by_address = PledgeMaker.objects.filter(slug=sheet.maker).first()
    named = list(PledgeMaker.objects.filter(name__iexact=sheet.maker)[:2])
    return by_address or (named[0] if len(named) == 1 else None)


def _answer(line: Line, questions: Mapping[str, Question], problems: list[str]) -> tuple[Question, AnswerInput] | None:
    question = questions.get(line.values["question"])
    if question is None:
        known = ", ".join(questions)
        problems.append(f"line {line.number}, column question: “{line.values['question']}” is not one of {known}.")
        return None
    boxes = {part.name for part in parts_of(question)}
    texts = {name: line.values.get(name, "") for name in TEXTS}
    for name in (name for name, text in texts.items() if text and name not in boxes):
        problems.append(f"line {line.number}, column {name}: “{question.title}” has no such box.")
    if line.values.get("rating") and not question.number:
        problems.append(f"line {line.number}, column rating: only objectives have a rating.")
    content = AnswerInput(rating=line.values.get("rating", ""), completed=True, **texts)
    problems += [f"line {line.number}, column {each.field}: {each.words}" for each in too_long(question, content)]
    return question, content


def _leader(sheet: Sheet, maker: PledgeMaker, problems: list[str]) -> Leader | None:
    name, signed_on = sheet.fact("leader"), sheet.fact("signed_on")
    if not name or not signed_on:
        return None
    leader = Leader.objects.on(signed_on).filter(pledge_maker=maker, name__iexact=name).first()
    if leader is None:
        words = f"{name} was not a leader of {maker.name} on {signed_on}. Add them, or correct their days, first."
        problems.append(f"line {sheet.number}, column leader: {words}")
    return leader


def _sent(sheet: Sheet, table: Sent, files: Mapping[str, bytes], now: datetime, problems: list[str]) -> Sent:
    """The document, checked as it would be when it is uploaded; else the table itself."""
    at = f"line {sheet.number}, column"
    received_on, name = sheet.fact("received_on"), sheet.fact("document")
    sent = Sent(table.name, table.content, received_on)
    if name and name not in files:
        problems.append(f"{at} document: the file “{name}” is not there.")
    elif name:
        sent = Sent(name, files[name], received_on, sheet.fact("signed_on"))
    try:
        documents.recognise(sent.content, sent.name)
        on_behalf.check_days(sent, now)
    except documents.NotKept as refusal:
        problems.append(f"{at} document: {refusal}")
    except on_behalf.Refused as refusal:
        problems.append(f"{at} received_on: {refusal}")
    return sent


def _enter(round_: Round, checked: Checked, by: User, now: datetime) -> bool:
    """Whether it is submitted."""
    entry = add_to_past_round(round_=round_, maker=checked.maker, by=by, now=now)
    update = on_behalf.start(entry=entry, sent=checked.sent, by=by, now=now)
    for question, content in checked.answers:
        drafting.save_answer(update=update, question=question, content=content, version=0, by=by, now=now)
    if checked.leader is None:
        return False
    document: SourceDocument = update.sources.get()
    workflow.sign_by_document(
        update=update, by=by, now=now, document=document, leader=checked.leader, read=fingerprint(update)
    )
    return True
