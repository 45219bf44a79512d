"""What must always hold of a document, each broken once."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from reports.models import Document
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
