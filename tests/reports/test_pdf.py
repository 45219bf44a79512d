"""The PDF of a published update: tagged, with the same words as its page, whatever somebody typed."""

import io
import subprocess
from datetime import timedelta

import pypdf
import pytest
from django.utils import timezone
from page import validate_pdf

from progress_updates import drafting
from progress_updates.models import ProgressUpdate
from reports import build, rendering
from reports.models import Document, State
from tests.factories.progress_updates import leader_of, make_entry, make_update, take, writer_of
from tests.factories.reports import make_published
from tests.reports.words import assert_same_words, words_of_page, words_of_pdf

pytestmark = pytest.mark.django_db

TEXT = """We moved £240,000 from in-patient beds to out-reach – and said so.

- a phone line in Somali, Urdu and Polish
- 14 peer workers: nine of them local, co-designed with service users & carers

“Detentions” fell from 92 to 71 (ﬁnal ﬁgures). See https://northtown.example/board/papers/2026/autumn/item-12-report."""


def address(update: ProgressUpdate) -> str:
    return f"/pledge-makers/{update.entry.pledge_maker.slug}/{update.entry.round.slug}/"


def made(update: ProgressUpdate) -> Document:
    build.build_missing(now=timezone.now() + timedelta(hours=1))
    return Document.objects.get(snapshot__update=update)


def furniture(update: ProgressUpdate) -> tuple[str, ...]:
    return (f"{update.entry.pledge_maker.name} · {update.entry.round.label}",)


def test_the_words_of_the_page_are_those_of_the_pdf_in_order(client):
    update = make_published(text=TEXT)
    of_page = words_of_page(client.get(address(update)).content.decode())
    assert {"£240,000", "co-designed", "Signature", update.snapshots.latest().sha256} <= set(of_page)
    assert len(of_page) > 500
    assert_same_words(of_page, words_of_pdf(made(update).path, furniture=furniture(update)))


def test_the_pdf_is_tagged_for_everybody():
    document = made(make_published(text=TEXT))
    verdict = validate_pdf(str(document.path), profile="ua1")
    assert [failure.rule_id for failure in verdict.failures] == []
    assert verdict.is_compliant


def test_the_pdf_says_what_it_is():
    update = make_published()
    maker, round_ = update.entry.pledge_maker.name, update.entry.round.label
    pdf = pypdf.PdfReader(made(update).path)
    assert pdf.metadata.title == f"{maker}, {round_} – Pledge Tracker"
    assert pdf.metadata.author == maker
    assert pdf.trailer["/Root"]["/Lang"] == "en-gb"
    titles = [each.title for each in pdf.outline[1] if not isinstance(each, list)]
    assert (pdf.outline[0].title, titles[0], titles[-1]) == (maker, "Why we are a Pledge Maker", "Signature")


def test_demonstration_data_is_marked_on_every_page(settings):
    settings.DEMO = True
    pdf = pypdf.PdfReader(made(make_published()).path)
    assert len(pdf.pages) > 2
    assert all("Demonstration data." in page.extract_text() for page in pdf.pages)


HOSTILE = {
    "emoji": "We danced 💃🏾 with 👨‍👩‍👧‍👦 and 🇬🇭 friends.",
    "Arabic": "عملنا مع المجتمعات المحلية في 12 مشروعًا.",
    "control characters": "before\x01\x02\x0b\x1b[31m\x7f\x85after\u202e\ufffe",
    "markup": "<script>alert(1)</script><img src=file:///etc/passwd><link rel=attachment href=http://127.0.0.1/>",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_whatever_somebody_typed_the_page_stands_and_the_pdf_is_made_or_says_why_not(client, text):
    entry = make_entry()
    update = make_update(entry=entry)
    write_good_practice(update, text)
    publish(update)
    document = made(update)
    page = client.get(address(update))
    assert page.status_code == 200
    assert b"Good practice to share" in page.content
    if document.state == State.READY:
        assert pypdf.PdfReader(io.BytesIO(document.path.read_bytes())).pages
    else:
        assert document.error


def test_a_word_of_50_000_characters_ends_at_the_limit_and_the_page_stands(client, monkeypatch):
    monkeypatch.setattr(rendering, "TIME_LIMIT", 3)
    update = make_update()
    write_good_practice(update, "w" * 50_000)
    publish(update)
    document = made(update)
    assert (document.state, document.error) == (State.WAITING, "It took longer than 3 seconds.")
    assert "w" * 50_000 in client.get(address(update)).content.decode()


def write_good_practice(update: ProgressUpdate, text: str) -> None:
    answer = update.answers.get(question__key="good-practice")
    drafting.save_answer(
        update=update,
        question=answer.question,
        content=drafting.AnswerInput(text=text, completed=True),
        version=answer.version,
        by=writer_of(update.entry.pledge_maker),
        now=timezone.now(),
    )


def publish(update: ProgressUpdate) -> None:
    maker = update.entry.pledge_maker
    for step in ("ask_for_signature", "sign", "start_review", "accept", "publish"):
        take(step, update, writer=writer_of(maker), leader=leader_of(maker), now=timezone.now())


def test_control_characters_reach_neither_page_nor_pdf(client):
    update = make_update()
    write_good_practice(update, HOSTILE["control characters"])
    publish(update)
    page = client.get(address(update)).content.decode()
    assert "before[31mafter" in page
    document = made(update)
    assert validate_pdf(str(document.path), profile="ua1").is_compliant
    text = subprocess.run(["pdftotext", str(document.path), "-"], capture_output=True, text=True, check=True).stdout
    assert "before[31mafter" in text
