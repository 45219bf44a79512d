"""A Pledge Maker with a published round behind it and an open one before it, and its people."""

import html
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from accounts.models import User
from progress_updates import drafting
from progress_updates.models import Answer, NextStep, ProgressUpdate, Question, Round, RoundEntry, State
from signatories.models import PledgeMaker, Role
from tests.factories.accounts import sign_in
from tests.factories.progress_updates import leader_of, make_entry, make_round, make_update, writer_of
from tests.factories.signatories import make_member, make_public_pledge_maker


@dataclass
class Scene:
    now: datetime
    maker: PledgeMaker
    last_round: Round
    round: Round
    entry: RoundEntry
    writer: User
    leader: User

    def url(self, *parts: str, round_: Round | None = None) -> str:
        return "/".join([f"/workspace/{self.maker.slug}", (round_ or self.round).slug, *parts, ""])

    @property
    def home(self) -> str:
        return f"/workspace/{self.maker.slug}/"

    def member(self, role: str) -> User:
        if role == Role.LEADER:
            return self.leader
        if role == Role.COORDINATOR:
            return self.writer
        return make_member(pledge_maker=self.maker, role=role, now=self.now).user

    def update(self) -> ProgressUpdate:
        return ProgressUpdate.objects.get(entry=self.entry)

    def start(self, state: str = State.DRAFT, *, complete: bool = False, text: str | None = None) -> ProgressUpdate:
        complete = complete or state != State.DRAFT
        return make_update(entry=self.entry, state=state, complete=complete, now=self.now, text=text)

    def question(self, key: str) -> Question:
        return self.round.questions.get(key=key)

    def answer(self, key: str) -> Answer:
        return self.update().answers.select_related("question", "update").get(question__key=key)

    def content(self, key: str) -> drafting.AnswerInput:
        return drafting.as_input(self.answer(key))


def make_scene(*, last: bool = True) -> Scene:
    now = timezone.now()
    maker = make_public_pledge_maker(name="Northtown Mental Health NHS Trust", now=now - timedelta(days=300))
    before = make_round(
        label="Spring", due_on=timezone.localdate(now) - timedelta(days=170), now=now - timedelta(days=200)
    )
    if last:
        make_update(
            entry=make_entry(pledge_maker=maker, round_=before), state=State.PUBLISHED, now=now - timedelta(days=180)
        )
    round_ = make_round(label="Autumn", now=now)
    entry = make_entry(pledge_maker=maker, round_=round_)
    return Scene(now, maker, before, round_, entry, writer_of(maker), leader_of(maker))


def as_(user: User, *, fresh: bool = True) -> Client:
    return sign_in(Client(), user, fresh=fresh)


def words_of(response: HttpResponse) -> str:
    """What a person reads in <main>, with single spaces."""
    body = re.search(r"<main.*?</main>", response.content.decode(), re.DOTALL)
    assert body, response.content.decode()[:500]
    text = re.sub(r"<[^>]+>", " ", re.sub(r"<(script|style).*?</\1>", " ", body.group(), flags=re.DOTALL))
    return re.sub(r"\s+", " ", html.unescape(text)).strip()


def input_value(response: HttpResponse, name: str) -> str:
    found = re.search(rf'<input[^>]*name="{name}"[^>]*>', response.content.decode())
    assert found, f"no input {name}"
    value = re.search(r'value="([^"]*)"', found.group())
    return html.unescape(value.group(1)) if value else ""


def box(response: HttpResponse, name: str) -> str:
    """What stands in a textarea."""
    found = re.search(rf'<textarea name="{name}".*?>(.*?)</textarea>', response.content.decode(), re.DOTALL)
    assert found, f"no textarea {name}"
    return html.unescape(found.group(1).removeprefix("\r\n").removeprefix("\n"))


def errors_of(response: HttpResponse) -> list[tuple[str, str]]:
    """The summary of errors: address and words."""
    summary = re.search(r'govuk-error-summary__list">(.*?)</ul>', response.content.decode(), re.DOTALL)
    links = re.findall(r'<li><a href="([^"]*)">(.*?)</a></li>', summary.group(1)) if summary else []
    return [(href, html.unescape(text)) for href, text in links]


def objective_post(scene: Scene, edit: int = 0, **changed: str) -> dict[str, str]:
    """A complete answer to an objective as a browser sends it; the one open step of last round is done."""
    step = NextStep.objects.filter(update__entry__pledge_maker=scene.maker, question__key="objective-1")
    step = step.filter(update__entry__round=scene.last_round)
    typed = {
        "edit": str(edit),
        "rating": "delivered",
        "text": "We opened a second clinic.",
        "involved": "Northtown Carers chose the place.",
        "evidence": "https://northtown.example/clinic",
        "barriers": "Rent.",
        "steps": "1",
        "step_1_what": "Open on Sundays",
        "step_1_who": "Director of operations",
        "step_1_by_day": "31",
        "step_1_by_month": "3",
        "step_1_by_year": "2027",
        "completed": "yes",
        "next": "1",
    }
    if (found := step.first()) is not None:
        typed[f"outcome_{found.pk}"] = "done"
    return typed | changed
