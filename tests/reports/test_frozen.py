"""A stored report is cut into its figures and parts of a page each, and is one report again when read whole."""

import hashlib
import importlib
import json
from copy import deepcopy

import pytest
from django.apps import apps

from progress_updates.snapshots import canonical
from reports import frozen
from reports.frozen import hash_of, pieces_of
from reports.models import NationalReport
from tests.factories.national import make_national_report, told_once

cutting = importlib.import_module("reports.migrations.0003_parts_of_national_reports")


@pytest.fixture(scope="module")
def told(django_db_setup, django_db_blocker):
    yield from told_once(django_db_blocker)


@pytest.fixture
def scene(told, db):
    return deepcopy(told)


def content_of(makers: int) -> dict:
    return {"version": 1, "pledge_makers": [{"name": f"Maker {n}"} for n in range(makers)]}


@pytest.mark.parametrize(("makers", "parts"), [(0, 0), (1, 1), (100, 1), (101, 2), (1000, 10)])
def test_a_part_holds_a_hundred_and_none_is_empty(makers, parts):
    figures, found = pieces_of(content_of(makers))
    assert json.loads(figures) == {"version": 1, "makers": makers}
    assert len(found) == parts
    assert [maker for part in found for maker in json.loads(part)] == content_of(makers)["pledge_makers"]


def test_the_hash_speaks_of_figures_and_parts_in_their_order():
    assert hash_of(b"a", [b"b", b"c"]) == hashlib.sha256(b"abc").hexdigest()
    assert hash_of(b"a", [b"c", b"b"]) != hash_of(b"a", [b"b", b"c"])


def test_a_report_of_several_parts_reads_as_one_and_knows_when_a_part_was_changed(scene, monkeypatch):
    monkeypatch.setattr(frozen, "IN_A_PART", 2)
    report = make_national_report(scene)
    makers = report.content()["pledge_makers"]
    assert [maker["name"] for maker in makers] == sorted(maker["name"] for maker in makers)
    assert report.makers_of(2) == makers[2:4]
    assert report.makers_of(99) == []
    assert report.is_intact()
    report.parts.filter(number=2).update(body=b"[]")
    assert not report.is_intact()


def test_reports_stored_before_there_were_parts_are_cut_and_can_be_joined_again(scene):
    report = make_national_report(scene)
    now = report.content()
    whole = canonical({name: value for name, value in now.items() if name not in ("makers", "words_beside")})
    sha256 = hashlib.sha256(whole).hexdigest()
    report.parts.all().delete()
    NationalReport.objects.filter(pk=report.pk).update(body=whole, sha256=sha256)

    cutting.cut(apps, None)
    report.refresh_from_db()
    assert (report.content(), report.is_intact()) == (now, True)

    cutting.join(apps, None)
    report.refresh_from_db()
    assert (bytes(report.body), report.sha256) == (whole, sha256)
