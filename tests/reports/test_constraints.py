"""What must always hold of a document and of a national report, each broken once."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from reports.models import Document, Kind, NationalReport
from tests.factories.accounts import make_publisher
from tests.factories.progress_updates import make_round
from tests.factories.reports import make_document

pytestmark = pytest.mark.django_db


def assert_breaks(name: str, **changes) -> None:
    document = make_document()
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Document.objects.filter(pk=document.pk).update(**changes)


def test_a_snapshot_has_one_document_of_a_kind():
    document = make_document()
    now = timezone.now()
    with pytest.raises(IntegrityError, match="document_once_for_a_snapshot"), transaction.atomic():
        Document.objects.create(snapshot=document.snapshot, created_at=now, next_attempt_at=now)


def test_a_kind_is_one_of_the_list():
    assert_breaks("document_kind_known", kind="poster")


def test_a_state_is_one_of_the_list():
    assert_breaks("document_state_known", state="lost")


def test_building_has_a_lease():
    assert_breaks("document_leased_exactly_while_building", state="building")


def test_only_building_has_a_lease():
    assert_breaks("document_leased_exactly_while_building", lease_until=timezone.now())


def test_ready_has_its_file():
    assert_breaks("document_ready_has_its_file", state="ready")


def test_ready_has_bytes():
    whole = {"file": "documents/aa/aa.pdf", "sha256": "a" * 64, "made_at": timezone.now()}
    assert_breaks("document_ready_has_its_file", state="ready", bytes=0, **whole)


def test_failed_says_why():
    assert_breaks("document_failed_says_why", state="failed")


# --- National reports -----------------------------------------------------------------------------------------


def make_bare_report() -> NationalReport:
    now = timezone.now()
    return NationalReport.objects.create(
        round=make_round(), version=1, schema=1, body=b"{}", sha256="0" * 64, as_at=now, built_at=now
    )


def assert_report_breaks(name: str, **changes) -> None:
    report = make_bare_report()
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        NationalReport.objects.filter(pk=report.pk).update(**changes)


def test_a_round_has_each_version_once():
    report = make_bare_report()
    report.pk = None
    with pytest.raises(IntegrityError, match="national_report_version_once"), transaction.atomic():
        report.save(force_insert=True)


def test_versions_begin_at_1():
    assert_report_breaks("national_report_version_from_1", version=0)


def test_figures_are_never_of_a_time_after_the_building():
    assert_report_breaks("national_report_as_at_known", as_at=timezone.now() + timedelta(days=1))


def test_nobody_publishes_without_a_time():
    assert_report_breaks("national_report_published_at", published_by=make_publisher())


def test_a_report_has_one_document_of_a_kind():
    now, about = timezone.now(), {"national_report": make_bare_report(), "kind": Kind.NATIONAL_REPORT}
    Document.objects.create(**about, created_at=now, next_attempt_at=now)
    with pytest.raises(IntegrityError, match="document_once_for_a_national_report"), transaction.atomic():
        Document.objects.create(**about, created_at=now, next_attempt_at=now)


@pytest.mark.parametrize("wrong", ["neither", "both", "the other kind"])
def test_a_document_is_of_exactly_one_thing(wrong):
    changes = {
        "neither": {"snapshot": None},
        "both": {"national_report": make_bare_report()},
        "the other kind": {"kind": Kind.NATIONAL_REPORT},
    }[wrong]
    assert_breaks("document_of_exactly_one_thing", **changes)
