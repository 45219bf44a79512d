"""The addresses of rounds: the list, a round as it stands, its report in every version, PDF and data."""

import csv
import io
import json
from copy import deepcopy
from datetime import timedelta

import pytest
from django.utils import timezone

from progress_updates import beside
from progress_updates.models import ProgressUpdate, Round, RoundEntry
from progress_updates.snapshots import canonical
from reports import national
from reports.frozen import pieces_of
from reports.models import Document, Kind, NationalReport, State
from tests.factories.accounts import make_caseworker
from tests.factories.national import make_national_report, told_once
from tests.factories.progress_updates import make_round
from tests.progress_updates.scene import words_of


@pytest.fixture(scope="module")
def told(django_db_setup, django_db_blocker):
    yield from told_once(django_db_blocker)


@pytest.fixture
def scene(told, db):
    return deepcopy(told)


def rows_of(answer) -> list[list[str]]:
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


# --- Before there is a report ---------------------------------------------------------------------------------


def test_a_planned_round_is_nowhere(client, scene):
    planned = make_round(label="Round 9", opened=False)
    for address in (f"/rounds/{planned.slug}/", f"/rounds/{planned.slug}.pdf", f"/rounds/{planned.slug}.csv"):
        assert client.get(address).status_code == 404
    assert "Round 9" not in client.get("/rounds/").content.decode()


def test_without_a_report_the_page_shows_the_round_as_it_stands(client, scene):
    page = words_of(client.get(scene.address))
    assert "2 of 5 reported on time. One reported late. One has more time. One has not reported." in page
    assert "It is being prepared, and will be at this address." in page
    assert "Our lead left." in page
    for address in ("v1/", "v1.pdf", "v1.csv"):
        assert client.get(f"{scene.address}{address}").status_code == 404
    assert client.get(f"/rounds/{scene.round.slug}.pdf").status_code == 404
    assert client.get(f"/rounds/{scene.round.slug}.csv").status_code == 404


def test_an_open_round_says_when_its_report_comes(client, scene):
    day = timezone.localdate(scene.now)
    open_round = make_round(label="Round 3", due_on=day + timedelta(days=20), now=scene.now)
    page = words_of(client.get(f"/rounds/{open_round.slug}/"))
    comes = timezone.localtime(open_round.publishes_at)
    assert f"The national progress report comes on {comes.day} {comes:%B %Y}, at this address." in page


def test_a_round_of_the_past_promises_no_report(client, scene):
    Round.objects.filter(pk=scene.round.pk).update(is_past=True)
    assert "It has no national report here." in words_of(client.get(scene.address))
    assert "It has no national report here." in words_of(client.get("/rounds/"))


def test_a_preview_is_not_public(client, scene):
    make_national_report(scene, public=False)
    assert "It is being prepared" in words_of(client.get(scene.address))
    assert client.get(f"{scene.address}v1/").status_code == 404
    assert client.get(f"/rounds/{scene.round.slug}/v1.pdf").status_code == 404


# --- The report ------------------------------------------------------------------------------------------------


def test_every_version_keeps_its_address(client, scene):
    make_national_report(scene)
    RoundEntry.objects.filter(pk=scene.entry("silent").pk).update(right_of_reply="Said later.")
    make_national_report(scene)
    newest, first = words_of(client.get(scene.address)), words_of(client.get(f"{scene.address}v1/"))
    assert ("Version 2." in newest, "Said later." in newest) == (True, True)
    assert ("Version 1." in first, "We report again in spring." in first) == (True, False)
    assert f'href="{scene.address}v2/"' in client.get(f"{scene.address}v1/").content.decode()
    assert client.get(f"{scene.address}v3/").status_code == 404


def test_the_page_says_the_same_as_the_public_list_about_everybody(client, scene):
    make_national_report(scene)
    report = words_of(client.get(scene.address))
    for words in ("Received on time", "Received 3 days late", "Not received", "Reported with Early", "Not required",
                  "Withdrawn from the pledge"):  # fmt: skip
        assert words in report
        assert words in words_of(client.get("/pledge-makers/"))


def test_what_is_withheld_since_is_gone_from_page_pdf_and_data(client, scene, media):
    report = make_national_report(scene)
    national.plan_documents(now=scene.now)
    media.joinpath("documents").mkdir(parents=True)
    media.joinpath("documents/x.pdf").write_bytes(b"%PDF-1.7")
    ready = {"file": "documents/x.pdf", "sha256": "a" * 64, "bytes": 8, "made_at": scene.now}
    Document.objects.filter(national_report=report).update(state=State.READY, **ready)
    pdf = f"/rounds/{scene.round.slug}.pdf"
    assert b"".join(client.get(pdf).streaming_content) == b"%PDF-1.7"
    ProgressUpdate.objects.filter(pk=scene.updates["early"].pk).update(withheld_at=scene.now)
    page = words_of(client.get(scene.address))
    assert "barber" not in page
    assert "Withheld since this report was made" in page
    answer = client.get(pdf)
    assert (answer.status_code, answer["Retry-After"]) == (503, "20")
    early = next(row for row in rows_of(client.get(f"/rounds/{scene.round.slug}.csv")) if row[0] == "Early")
    assert early[7:15] == [""] * 8


def test_words_that_were_taken_away_are_gone_from_page_pdf_and_data(client, scene, media):
    report = make_national_report(scene)
    national.plan_documents(now=scene.now)
    media.joinpath("documents").mkdir(parents=True)
    media.joinpath("documents/x.pdf").write_bytes(b"%PDF-1.7")
    ready = {"file": "documents/x.pdf", "sha256": "a" * 64, "bytes": 8, "made_at": scene.now}
    Document.objects.filter(national_report=report).update(state=State.READY, **ready)
    pdf, csv = f"/rounds/{scene.round.slug}.pdf", f"/rounds/{scene.round.slug}.csv"
    assert "We report again in spring." in words_of(client.get(scene.address))
    beside.take_away(
        entry=scene.entry("silent"), part="right_of_reply", reason="A name.", by=make_caseworker(), now=scene.now
    )
    assert "We report again in spring." not in words_of(client.get(scene.address))
    assert client.get(pdf).status_code == 503
    silent = next(row for row in rows_of(client.get(csv)) if row[0] == "Silent")
    assert silent[5:7] == ["Our lead left.", ""]


def test_a_failed_pdf_is_said_and_the_page_is_whole(client, scene):
    report = make_national_report(scene)
    national.plan_documents(now=scene.now)
    Document.objects.filter(national_report=report).update(state=State.FAILED, error="It took too long.")
    assert b"The PDF could not be made." in client.get(scene.address).content
    answer = client.get(f"/rounds/{scene.round.slug}.pdf")
    assert (answer.status_code, "Retry-After" in answer, b"too long" in answer.content) == (503, False, False)


def test_the_list_of_rounds_says_how_each_stands_and_where_its_report_is(client, scene):
    make_national_report(scene)
    page = client.get("/rounds/").content.decode()
    assert f'href="{scene.address}"' in page
    assert f'href="/rounds/{scene.round.slug}.pdf"' in page
    assert f'href="/rounds/{scene.before.slug}.pdf"' not in page


def test_data_holds_every_pledge_maker_and_no_formula(client, scene):
    RoundEntry.objects.filter(pk=scene.entry("silent").pk).update(late_reason='=HYPERLINK("http://x.example")')
    make_national_report(scene)
    answer = client.get(f"/rounds/{scene.round.slug}.csv")
    day = timezone.localdate(scene.now).isoformat()
    assert answer["Content-Disposition"] == f'attachment; filename="round-2-autumn-v1-{day}.csv"'
    header, *rows = rows_of(answer)
    assert [row[0] for row in rows] == [
        "Covered", "Early", "Extended", "Joined", "Late", "Silent", "Waiting", "Withdrawn",
    ]  # fmt: skip
    early, silent = (dict(zip(header, rows[place], strict=True)) for place in (1, 5))
    assert (early["status"], early["objective_7_rating"], early["promises_done"]) == ("on_time", "prioritised", "3")
    assert silent["late_reason"].startswith("'=")
    assert silent["promises_nothing_said"] == "8"
    assert client.get(f"/rounds/{scene.round.slug}/v1.csv").status_code == 200


def test_promises_of_an_update_that_is_not_published_are_not_called_unanswered(client, scene):
    RoundEntry.objects.filter(pk=scene.entry("silent").pk).update(received_at=scene.now)
    make_national_report(scene)
    page = words_of(client.get(scene.address))
    assert page.count("Answer not published") == 8 + len(("key", "table", "method"))
    assert "The answer about 8 is not published." in page
    header, *rows = rows_of(client.get(f"/rounds/{scene.round.slug}.csv"))
    silent = dict(zip(header, rows[5], strict=True))
    assert (silent["promises_not_published"], silent["promises_nothing_said"]) == ("8", "0")


def test_addresses_without_their_slash_lead_on(client, scene):
    answer = client.get(scene.address.rstrip("/"))
    assert (answer.status_code, answer["Location"]) == (301, scene.address)


def test_no_page_of_a_round_sets_a_cookie(client, scene):
    make_national_report(scene)
    for address in ("/rounds/", scene.address, f"/rounds/{scene.before.slug}/"):
        answer = client.get(address)
        assert (answer.status_code, answer.cookies, "Cookie" in answer.get("Vary", "")) == (200, {}, False)


# --- How much they cost ----------------------------------------------------------------------------------------


def with_many(report: NationalReport, count: int) -> None:
    """The stored report as it would be with so many Pledge Makers."""
    content = report.content()
    one = next(maker for maker in content["pledge_makers"] if maker["name"] == "Early")
    content["pledge_makers"] = [one | {"name": f"Maker {n:04}", "slug": f"maker-{n:04}"} for n in range(count)]
    figures, parts = pieces_of(content)
    NationalReport.objects.filter(pk=report.pk).update(body=figures)
    report.parts.all().delete()
    for number, part in enumerate(parts, start=1):
        report.parts.create(number=number, body=part)


@pytest.mark.parametrize("count", [1, 3, 100, 1000])
def test_the_report_takes_seven_queries_however_many_pledge_makers(client, scene, django_assert_num_queries, count):
    with_many(make_national_report(scene), count)
    with django_assert_num_queries(7):
        answer = client.get(scene.address)
    assert answer.content.count(b'id="pledge-makers"') == 1
    assert answer.content.count(b"/v1/") >= min(count, 100)


def test_a_report_that_has_not_changed_costs_one_query(client, scene, django_assert_num_queries):
    make_national_report(scene)
    etag = client.get(scene.address)["ETag"]
    with django_assert_num_queries(1):
        assert client.get(scene.address, headers={"If-None-Match": etag}).status_code == 304


def test_a_thousand_pledge_makers_stand_on_ten_pages_with_the_same_figures(client, scene):
    with_many(make_national_report(scene), 1000)
    first, last = (words_of(client.get(f"{scene.address}{query}")) for query in ("", "?page=10"))
    assert ("Maker 0099" in first, "Maker 0100" in first) == (True, False)
    assert ("Maker 0900" in last, "Maker 0999" in last) == (True, True)
    assert "those of Pledge Makers 901 to 1000 of 1,000, by name" in last
    assert "There is no such page; this is the nearest." in words_of(client.get(f"{scene.address}?page=99"))
    assert "There is no such page; this is the nearest." in words_of(client.get(f"{scene.address}?page=x"))


@pytest.mark.parametrize("more", [0, 3])
def test_a_round_as_it_stands_takes_the_same_queries(client, scene, django_assert_num_queries, more):
    from tests.factories.signatories import make_public_pledge_maker

    for _ in range(more):
        maker = make_public_pledge_maker(now=scene.now)
        scene.round.entries.create(pledge_maker=maker, due_at=scene.round.due_at)
    with django_assert_num_queries(4):
        client.get(scene.address)
    with django_assert_num_queries(4):
        client.get("/rounds/")


def test_the_stored_bytes_are_canonical_and_their_hash_stands_on_the_page(client, scene):
    report = make_national_report(scene)
    assert bytes(report.body) == canonical(json.loads(bytes(report.body)))
    assert report.sha256 in words_of(client.get(scene.address))
    assert Document.objects.filter(kind=Kind.NATIONAL_REPORT).count() == 0
