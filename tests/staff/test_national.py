"""The team builds the national report, reads the preview, publishes it, and sees what became of the PDF."""

from copy import deepcopy

import pytest
from django.test import Client

from reports import national
from reports.models import Document, NationalReport, State
from tests.factories.accounts import make_administrator, make_caseworker, make_publisher, sign_in
from tests.factories.national import make_national_report, told_once


@pytest.fixture(scope="module")
def told(django_db_setup, django_db_blocker):
    yield from told_once(django_db_blocker)


@pytest.fixture
def scene(told, db):
    return deepcopy(told)


@pytest.fixture
def place(scene) -> str:
    return f"/staff/rounds/{scene.round.slug}/national/"


def as_(user, *, fresh: bool = True) -> Client:
    return sign_in(Client(), user, fresh=fresh)


@pytest.mark.parametrize("make_staff", [make_publisher, make_administrator])
def test_a_button_builds_a_preview_that_only_the_team_reads(client, scene, place, make_staff):
    staff = as_(make_staff())
    assert "Build the national report" in staff.get(place).content.decode()
    answer = staff.post(f"{place}build/")
    assert (answer.status_code, answer["Location"]) == (302, f"{place}v1/")
    page = staff.get(f"{place}v1/").content.decode()
    assert "Only the Synergi team can read this version." in page
    assert "A barber shop in Eastmere takes referrals." in page
    assert client.get(f"{scene.address}v1/").status_code == 404


def test_publishing_puts_it_before_everybody_once(client, scene, place):
    make_national_report(scene, public=False)
    staff = as_(make_publisher())
    assert staff.post(f"{place}v1/publish/")["Location"] == f"{place}v1/"
    assert client.get(f"{scene.address}v1/").status_code == 200
    page = staff.post(f"{place}v1/publish/", follow=True).content.decode()
    assert "This version is public already. Nothing was changed." in page
    assert "Publish this version" not in page


def test_publishing_needs_a_fresh_proof(scene, place):
    make_national_report(scene, public=False)
    answer = as_(make_publisher(), fresh=False).post(f"{place}v1/publish/")
    assert answer.status_code in (302, 403)
    assert not NationalReport.objects.public().exists()


def test_a_caseworker_reads_and_changes_nothing(scene, place):
    make_national_report(scene, public=False)
    staff = as_(make_caseworker())
    pages = [staff.get(address).content.decode() for address in (place, f"{place}v1/")]
    assert all("Build a new version" not in page and "Publish this version" not in page for page in pages)
    staff.post(f"{place}build/")
    staff.post(f"{place}v1/publish/")
    assert [(each.version, each.published_at) for each in NationalReport.objects.all()] == [(1, None)]


def test_nobody_else_finds_these_pages(client, scene, place):
    make_national_report(scene, public=False)
    member = scene.makers["early"].memberships.first().user
    for who in (client, as_(member)):
        for address in (place, f"{place}v1/", f"{place}v1.pdf"):
            assert who.get(address).status_code in (302, 404)
        assert who.post(f"{place}build/").status_code in (401, 404)
    assert NationalReport.objects.count() == 1


def test_reading_changes_nothing(scene, place):
    make_national_report(scene, public=False)
    staff = as_(make_publisher())
    for address in (f"{place}build/", f"{place}v1/publish/"):
        assert staff.get(address).status_code == 405


def test_a_failed_pdf_says_why_and_is_tried_again(scene, place):
    report = make_national_report(scene)
    national.plan_documents(now=scene.now)
    documents = Document.objects.filter(national_report=report)
    documents.update(state=State.FAILED, error="It took longer than 200 seconds.")
    staff = as_(make_caseworker())
    assert "It took longer than 200 seconds." in staff.get(place).content.decode()
    staff.post(f"/staff/documents/{documents.get().pk}/retry/")
    assert documents.get().state == State.WAITING


def test_a_pdf_that_is_not_ready_leads_back_with_a_word(scene, place):
    make_national_report(scene, public=False)
    page = as_(make_caseworker()).get(f"{place}v1.pdf", follow=True).content.decode()
    assert "The PDF is not ready yet." in page


def test_the_versions_take_the_same_queries(scene, place, django_assert_num_queries):
    staff = as_(make_publisher())
    make_national_report(scene)
    with django_assert_num_queries(5):
        staff.get(place)
    make_national_report(scene)
    with django_assert_num_queries(5):
        staff.get(place)
