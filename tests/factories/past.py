"""Documents that trusts sent, past rounds, and updates entered from documents, for tests."""

import io
import zipfile
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from django.utils import timezone

from accounts.models import User
from progress_updates import drafting, on_behalf, past_rounds, workflow
from progress_updates.drafting import AnswerInput
from progress_updates.models import ProgressUpdate, Round, RoundEntry, State
from progress_updates.on_behalf import Sent
from progress_updates.snapshots import fingerprint
from signatories import leaders
from signatories.models import Leader, PledgeMaker, Statement
from tests.factories.accounts import make_caseworker, make_publisher
from tests.factories.signatories import make_public_pledge_maker

TYPES = """<?xml version="1.0" encoding="UTF-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/word/document.xml"
 ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>"""
RELATIONS = """<?xml version="1.0" encoding="UTF-8"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1"
 Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
 Target="word/document.xml"/></Relationships>"""
WORD = """<?xml version="1.0" encoding="UTF-8"?>
<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>{}</w:body></w:document>"""


def make_archive(**members: str | bytes) -> bytes:
    """A ZIP file; the names of its members have / for __."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/"), content)
    return out.getvalue()


def make_docx(*paragraphs: str, **more: str | bytes) -> bytes:
    """A Word document of a few paragraphs, in markup as Word writes it."""
    body = "".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in paragraphs)
    return make_archive(
        **{"[Content_Types].xml": TYPES, "_rels/.rels": RELATIONS, "word/document.xml": WORD.format(body)}, **more
    )


def make_past_round(
    *,
    label: str = "Round 1, spring 2021",
    due_on: date = date(2021, 4, 30),
    makers: Sequence[PledgeMaker] | None = None,
    by: User | None = None,
    now: datetime | None = None,
    had_signed: bool = True,
    **more: object,
) -> Round:
    """A round published in May 2021, opened as history with these Pledge Makers; None: not opened yet.

    They had signed before it, unless told otherwise."""
    now, by = now or timezone.now(), by or make_caseworker()
    round_ = past_rounds.create_past_round(
        label=label,
        period_from=due_on - timedelta(days=210),
        period_to=due_on - timedelta(days=30),
        asked_on=due_on - timedelta(days=60),
        due_on=due_on,
        published_on=due_on + timedelta(days=25),
        by=by,
        now=now,
        **more,  # type: ignore[arg-type]
    )
    if had_signed:
        signed_at = datetime.combine(due_on - timedelta(days=200), time(12), tzinfo=UTC)
        Statement.objects.filter(pledge_maker__in=makers or ()).update(signed_at=signed_at)
    if makers is not None:
        past_rounds.open_past_round(round_=round_, makers=makers, by=by, now=now)
    return round_


def make_past_entry(maker: PledgeMaker | None = None, **more: object) -> RoundEntry:
    maker = maker or make_public_pledge_maker()
    return make_past_round(makers=[maker], **more).entries.get()  # type: ignore[arg-type]


def make_past_leader(maker: PledgeMaker, *, name: str = "Dr Ifeoma Asante", by: User | None = None) -> Leader:
    """A leader of 2020 to 2022, without an account."""
    return leaders.add_from_history(
        pledge_maker=maker,
        name=name,
        role_title="Chief executive",
        organisation=maker.organisations.first(),
        from_on=date(2020, 8, 5),
        until_on=date(2022, 6, 30),
        by=by or make_caseworker(),
        now=timezone.now(),
    )


def make_sent(
    *,
    name: str = "Northtown progress report.docx",
    content: bytes | None = None,
    received_on: date = date(2021, 4, 29),
    signed_on: date | None = date(2021, 4, 28),
) -> Sent:
    content = make_docx("We met local people.", "And changed the rota.") if content is None else content
    return Sent(name=name, content=content, received_on=received_on, signed_on=signed_on)


def make_entered(
    *,
    entry: RoundEntry | None = None,
    sent: Sent | None = None,
    state: str = State.DRAFT,
    leader: Leader | None = None,
    by: User | None = None,
    now: datetime | None = None,
) -> ProgressUpdate:
    """An update that the team enters from a document, in a past round unless `entry` is given."""
    now, by = now or timezone.now(), by or make_caseworker()
    entry = entry or make_past_entry()
    update = on_behalf.start(entry=entry, sent=sent or make_sent(), by=by, now=now)
    for answer in update.answers.select_related("question"):
        content = AnswerInput(text=f"{answer.question.title}: as the document says.", completed=True)
        drafting.save_answer(
            update=update, question=answer.question, content=content, version=answer.version, by=by, now=now
        )
    if state == State.DRAFT:
        return update
    leader = leader or make_past_leader(entry.pledge_maker, by=by)
    submit(update, leader, by, now)
    reviewer = make_caseworker()
    if state in (State.IN_REVIEW, State.RETURNED, State.ACCEPTED, State.PUBLISHED):
        workflow.start_review(update=update, by=reviewer, now=now)
    if state == State.RETURNED:
        workflow.return_by_staff(update=update, by=reviewer, now=now, reason="One page is missing.")
    if state in (State.ACCEPTED, State.PUBLISHED):
        workflow.accept(update=update, by=reviewer, now=now)
    if state == State.PUBLISHED:
        workflow.publish(update=update, by=make_publisher(), now=now)
    return update


def submit(update: ProgressUpdate, leader: Leader, by: User, now: datetime) -> None:
    document = update.sources.exclude(signed_on=None)[0]
    workflow.sign_by_document(update=update, by=by, now=now, document=document, leader=leader, read=fingerprint(update))
