"""The addresses of a published update: page, versions, PDF; and what they say when there is nothing to see."""

import hashlib
from datetime import date, timedelta

import pytest
from django.utils import timezone

from progress_updates import drafting, workflow
from progress_updates.models import ProgressUpdate
from progress_updates.models import State as UpdateState
from reports import build
from reports.models import Document, State
from signatories.models import PledgeMakerAddress
from tests.factories.accounts import make_publisher
from tests.factories.progress_updates import leader_of, make_update, take, writer_of
from tests.factories.reports import make_document, make_published
from tests.factories.sections import fill

pytestmark = pytest.mark.django_db
NEXT_STEPS_TO_PUBLICATION = ("ask_for_signature", "sign", "start_review", "accept", "publish")


def page_of(update: ProgressUpdate, version: int | None = None) -> str:
    entry = update.entry
    return f"/pledge-makers/{entry.pledge_maker.slug}/{entry.round.slug}/{f'v{version}/' if version else ''}"


def pdf_of(update: ProgressUpdate, version: int | None = None) -> str:
    return page_of(update, version).rstrip("/") + ".pdf"


def etag_of(client, address: str) -> str:
    answer = client.get(address)
    assert b"".join(answer.streaming_content)
    return answer["ETag"]


def make_correction(update: ProgressUpdate) -> ProgressUpdate:
    """A second version with the same life, published."""
    now, writer = timezone.now(), writer_of(update.entry.pledge_maker)
    second = ProgressUpdate.objects.create(
        entry=update.entry, version=2, correction_note="The second figure was wrong.", created_at=now
    )
    drafting.Answer.objects.bulk_create(
        drafting.Answer(update=second, question=answer.question) for answer in update.answers.all()
    )
    fill(second, by=writer, now=now, text="The corrected words.")
    for step in NEXT_STEPS_TO_PUBLICATION:
        take(step, second, writer=writer, leader=leader_of(update.entry.pledge_maker), now=now)
    return second


@pytest.mark.parametrize("state", [s for s in UpdateState if s != UpdateState.PUBLISHED])
def test_what_is_not_published_has_neither_page_nor_pdf(client, state):
    update = make_update(state=state)
    assert client.get(page_of(update)).status_code == 404
    assert client.get(page_of(update, 1)).status_code == 404
    assert client.get(pdf_of(update)).status_code == 404


def test_a_published_update_is_a_page_of_the_signed_record(client):
    update = make_published(text="The words that were signed.")
    update.answers.update(text="Words changed afterwards in the tables.")
    page = client.get(page_of(update)).content.decode()
    assert "The words that were signed." in page
    assert "Words changed afterwards" not in page
    assert update.snapshots.latest().sha256 in page


def test_until_it_is_made_the_page_says_so_and_the_pdf_asks_to_come_back(client):
    update = make_published()
    assert b"The PDF is being prepared." in client.get(page_of(update)).content
    answer = client.get(pdf_of(update))
    assert (answer.status_code, answer["Retry-After"], answer["Content-Type"][:9]) == (503, "20", "text/html")
    assert b"The PDF is being prepared" in answer.content


def test_once_it_is_made_the_page_links_to_it_with_its_size(client):
    update = make_published()
    build.build_missing(now=timezone.now())
    page = client.get(page_of(update)).content.decode()
    assert f'href="{pdf_of(update)}"' in page
    assert "being prepared" not in page
    assert f'href="{pdf_of(update, 1)}"' in client.get(page_of(update, 1)).content.decode()


def test_the_pdf_comes_inline_with_its_name_length_and_hash(client):
    update = make_published()
    build.build_missing(now=timezone.now())
    document, answer = Document.objects.get(), client.get(pdf_of(update))
    body = b"".join(answer.streaming_content)
    name = f"{update.entry.pledge_maker.slug}-{update.entry.round.slug}-v1.pdf"
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == f'inline; filename="{name}"'
    assert answer["Content-Length"] == str(len(body)) == str(document.bytes)
    assert answer["ETag"] == f'"{document.sha256}"' == f'"{hashlib.sha256(body).hexdigest()}"'
    assert answer["Cache-Control"] == "public, no-cache"


def test_an_unchanged_pdf_is_not_sent_again(client):
    update = make_published()
    build.build_missing(now=timezone.now())
    etag = Document.objects.get().sha256
    assert client.get(pdf_of(update), headers={"If-None-Match": f'"{etag}"'}).status_code == 304


def test_a_failed_pdf_is_said_on_the_page_which_stays_whole(client):
    update = make_published()
    make_document(update=update, state=State.FAILED, error="It needed more memory than a document may have.")
    page, pdf = client.get(page_of(update)), client.get(pdf_of(update))
    assert (page.status_code, pdf.status_code) == (200, 503)
    assert b"The PDF could not be made." in page.content
    assert "Retry-After" not in pdf
    assert b"more memory" not in page.content + pdf.content


def test_a_cut_file_is_not_served(client):
    update = make_published()
    build.build_missing(now=timezone.now())
    path = Document.objects.get().path
    path.write_bytes(path.read_bytes()[:-1])
    assert client.get(pdf_of(update)).status_code == 503
    assert b"being prepared" in client.get(page_of(update)).content


def test_undoing_the_publication_hides_page_and_pdf_at_once(client):
    update = make_published()
    build.build_missing(now=timezone.now())
    seen = client.get(page_of(update))
    workflow.undo_publication(update=update, by=make_publisher(), now=timezone.now())
    assert client.get(page_of(update), headers={"If-None-Match": seen["ETag"]}).status_code == 404
    assert client.get(pdf_of(update)).status_code == 404


def test_the_newest_version_is_shown_and_the_older_keeps_its_address(client):
    update = make_published(text="The first words.")
    second = make_correction(update)
    build.build_missing(now=timezone.now())
    newest, older = client.get(page_of(update)).content.decode(), client.get(page_of(update, 1)).content.decode()
    assert "The corrected words." in newest
    assert "The second figure was wrong." in newest
    assert f'href="{page_of(update, 1)}"' in newest
    assert "The first words." in older
    assert f'href="{page_of(update, 2)}"' in older
    hashes = [etag_of(client, pdf_of(update, version)) for version in (None, 1, 2)]
    assert hashes[0] == hashes[2] != hashes[1]
    assert second.snapshots.count() == 1
    assert client.get(page_of(update, 3)).status_code == 404


def test_a_withheld_update_says_so_with_hash_and_note_and_without_its_words(client):
    update = make_published(text="Somebody’s name.")
    build.build_missing(now=timezone.now())
    ProgressUpdate.objects.filter(pk=update.pk).update(withheld_at=timezone.now(), withheld_note="It named a patient.")
    page = client.get(page_of(update)).content.decode()
    assert "This update is withheld" in page
    assert "It named a patient." in page
    assert update.snapshots.latest().sha256 in page
    assert "Somebody’s name." not in page
    assert client.get(pdf_of(update)).status_code == 404


def test_where_the_newest_is_withheld_the_one_before_is_shown(client):
    update = make_published(text="The first words.")
    second = make_correction(update)
    ProgressUpdate.objects.filter(pk=second.pk).update(withheld_at=timezone.now())
    assert "The first words." in client.get(page_of(update)).content.decode()
    assert "This update is withheld" in client.get(page_of(update, 2)).content.decode()


def test_an_old_address_leads_to_the_new_one_for_good(client):
    update = make_published()
    maker = update.entry.pledge_maker
    PledgeMakerAddress.objects.create(pledge_maker=maker, name="Old", slug="old-name", until=date(2026, 1, 1))
    for new in (page_of(update), pdf_of(update), page_of(update, 1)):
        answer = client.get(new.replace(maker.slug, "old-name"))
        assert (answer.status_code, answer["Location"]) == (301, new)


def test_the_page_sets_no_cookie_and_asks_for_none(client):
    answer = client.get(page_of(make_published()))
    assert not answer.cookies
    assert "Cookie" not in answer.get("Vary", "")


def test_evidence_passes_nothing_on(client):
    page = client.get(page_of(make_published())).content.decode()
    assert 'href="https://northtown.example/board" rel="nofollow noreferrer ugc"' in page


def test_the_page_takes_the_same_queries_however_many_versions(client, django_assert_num_queries):
    update = make_published(now=timezone.now() - timedelta(days=1))
    with django_assert_num_queries(3):
        client.get(page_of(update))
    make_correction(update)
    with django_assert_num_queries(3):
        client.get(page_of(update))
