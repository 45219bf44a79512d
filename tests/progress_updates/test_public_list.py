"""The public list: whatever is asked for, five queries; every number leads to its rows; the address keeps it all."""

import html
import re
from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest
import time_machine
from django.test import Client
from django.utils.text import slugify

from progress_updates import lateness, standing
from progress_updates.list_address import ORGANISATION_KINDS, REGIONS, SORTS, Wanted
from progress_updates.models import Extension, Round, RoundEntry, State, WhyNotRequired
from progress_updates.public_list import public_list
from signatories import changes, search
from signatories.models import PledgeMaker, PledgeMakerOrganisation, Statement, StatementState
from tests.factories.accounts import make_caseworker
from tests.factories.progress_updates import make_entry, make_round, make_update
from tests.factories.signatories import make_organisation, make_pledge_maker, make_public_pledge_maker, make_statement

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 9, 0, 30, tzinfo=UTC)
LIST = "/pledge-makers/"


@pytest.fixture(autouse=True)
def frozen_clock():
    with time_machine.travel(NOW, tick=False):
        yield


def page(typed: str = "") -> str:
    answer = Client().get(LIST + typed)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def names(typed: str = "") -> list[str]:
    """The names in the rows, in their order."""
    return [html.unescape(name) for name in re.findall(r'scope="row"><a [^>]*>([^<]*)</a>', page(typed))]


def public(name: str, **organisation: str) -> PledgeMaker:
    maker = make_pledge_maker(name=name, organisations=[make_organisation(name=name, **organisation)])
    make_statement(pledge_maker=maker, state=StatementState.PUBLISHED)
    return maker


def many(count: int) -> None:
    """One through the workflow and copies of its rows, with their words and entries in the round."""
    maker = make_public_pledge_maker(name="Quernstead 0000")
    statement, round_ = maker.statements.get(), make_round()
    copied = [f"Quernstead {number:04}" for number in range(1, count)]
    makers = PledgeMaker.objects.bulk_create(
        PledgeMaker(name=name, slug=slugify(name), created_at=NOW) for name in copied
    )
    organisation = maker.organisations.get()
    PledgeMakerOrganisation.objects.bulk_create(
        PledgeMakerOrganisation(pledge_maker=copy, organisation=organisation, joined_on=NOW.date()) for copy in makers
    )
    Statement.objects.bulk_create(
        Statement(
            pledge_maker=copy,
            version=1,
            wording=statement.wording,
            state=statement.state,
            joins_network=True,
            created_at=NOW,
            signed_at=NOW,
            published_at=NOW,
            published_by=statement.published_by,
        )
        for copy in makers
    )
    RoundEntry.objects.bulk_create(RoundEntry(round=round_, pledge_maker=m, due_at=round_.due_at) for m in makers)
    search.index(makers)


# --- Queries ----------------------------------------------------------------------------------------------

ASKED = [
    "",
    "?q=quernstaed",
    "?region=north_east_and_yorkshire&kind=nhs_mental_health_trust&status=not_due_yet&sort=status&q=quern",
    "?sort=recent&page=999&round=nowhere&region=atlantis",
]


@pytest.mark.parametrize("count", [1, 3, 100, 1000])
def test_the_list_takes_five_queries_for_any_number_and_whatever_is_asked(client, django_assert_num_queries, count):
    many(count)
    for typed in ASKED:
        with django_assert_num_queries(5):
            assert client.get(LIST + typed).status_code == 200


def test_no_combination_of_filters_takes_more_than_five_queries(client, django_assert_max_num_queries):
    many(3)
    for region, kind, sort, status, q in product(
        ("", "london"), ("", "partnership"), SORTS, ("", "late", "not_due_yet"), ("", "quern", "nothing")
    ):
        with django_assert_max_num_queries(5):
            client.get(f"{LIST}?region={region}&kind={kind}&sort={sort}&status={status}&q={q}")


# --- Search and filters -----------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["ynys mon", "YNYS MÔN", "yyns", "ynis", "together"])
def test_the_search_forgives_accents_and_one_typo(typed):
    public("Ynys Môn Together")
    public("Southmere Downs")
    assert names(f"?q={typed}") == ["Ynys Môn Together"]


def test_regions_and_kinds_are_those_of_today():
    public("One", region="Y56", kind="local_authority")
    public("Two", region="Y60")
    parts = [make_organisation(name="A", region="Y56"), make_organisation(name="B", region="Y62")]
    maker = make_pledge_maker(name="Three", organisations=parts)
    make_statement(pledge_maker=maker, state=StatementState.PUBLISHED)
    assert names("?region=london") == ["One", "Three"]
    assert names("?kind=local_authority") == ["One"]
    assert names("?kind=nhs_mental_health_trust") == ["Two"]
    assert names("?kind=partnership") == ["Three"]
    assert names("?kind=partnership&region=midlands") == []
    changes.remove_organisation(
        part=maker.parts.get(organisation=parts[0]), on=NOW.date(), by=make_caseworker(), now=NOW
    )
    assert names("?region=london") == ["One"]
    assert names("?kind=nhs_mental_health_trust") == ["Three", "Two"]


def test_each_number_of_a_status_is_that_of_the_list_it_leads_to():
    every_status()
    links = re.findall(r'<a href="(\?[^"]*status=[a-z_]+)"[^>]*><span[^>]*>.</span><span><b>(\d+)</b>', page())
    assert len(links) == 8
    for address, count in links:
        assert len(names(html.unescape(address))) == int(count), address


def every_status() -> Round:
    """One Pledge Maker in each status of a round that is due, and two that have no entry in it."""
    kinds = ("on time", "late", "silent", "extended", "covered", "withdrawn", "late joiner", "more time")
    makers = {name: public(name.title()) for name in kinds}
    round_ = make_round(due_on=date(2026, 11, 10), now=NOW - timedelta(days=60))
    entries = {name: round_.entries.get(pledge_maker=maker) for name, maker in makers.items()}
    for name, day in (("on time", 9), ("late", 12)):
        make_update(entry=entries[name], state=State.SUBMITTED, now=NOW.replace(day=day))

    def set_(name, **values):
        RoundEntry.objects.filter(pk=entries[name].pk).update(**values)

    set_("extended", extended_to=NOW + timedelta(days=9))
    set_("covered", why_not_required=WhyNotRequired.COVERED, covered_by=entries["on time"])
    set_("withdrawn", why_not_required=WhyNotRequired.WITHDRAWN)
    entries["late joiner"].delete()
    # Its due day is still to come.
    set_("more time", due_at=NOW + timedelta(days=3))
    return round_


def test_sql_and_python_say_the_same_of_everybody_with_and_without_an_entry():
    round_ = every_status()
    for name, left in (("Gone before", {"withdrawn_on": date(2026, 11, 1)}), ("Merged", {"merged_on": NOW.date()})):
        PledgeMaker.objects.filter(pk=public(name).pk).update(**left)
    makers = standing.with_standing(PledgeMaker.objects.published(), round_, NOW)
    entries = {entry.pledge_maker_id: entry for entry in round_.entries.select_related("covered_by__pledge_maker")}
    said = {m.name: (m.standing, standing.status_in(round_, m, entries.get(m.pk), NOW).kind) for m in makers}
    assert {name: sql for name, (sql, _) in said.items()} == {name: twin for name, (_, twin) in said.items()}
    assert {sql for sql, _ in said.values()} == set(lateness.KINDS)


def test_of_a_past_round_nothing_is_claimed_of_who_is_not_in_its_records():
    round_ = every_status()
    Round.objects.filter(pk=round_.pk).update(is_past=True)
    round_.refresh_from_db()
    without = PledgeMaker.objects.exclude(pk__in=round_.entries.values("pledge_maker"))
    maker = standing.with_standing(without, round_, NOW).get()
    status = standing.status_in(round_, maker, None, NOW)
    assert (maker.standing, status.kind) == (lateness.NOT_REQUIRED, lateness.NOT_REQUIRED)
    assert (status.words, status.fact) == ("No record of this round", "")


def test_the_finding_speaks_of_the_whole_round_whatever_is_filtered():
    every_status()
    finding = "1 of 5 reported on time. One reported late. Two have more time. One has not reported."
    assert finding in page()
    assert finding in page("?q=covered&status=reported_with")


def test_another_round_can_be_chosen():
    public("Northtown")
    make_round(label="Spring", due_on=date(2026, 3, 31), now=NOW - timedelta(days=300))
    make_round(label="Autumn", due_on=date(2026, 12, 1), now=NOW)
    assert "Not due yet" in page()
    assert "Not received</span>" in page("?round=spring")
    assert 'value="spring" selected' in page("?round=spring")


def test_it_is_sorted_by_name_by_status_or_by_the_last_update():
    every_status()
    before = make_round(label="Before", due_on=date(2026, 1, 10), now=NOW - timedelta(days=400))
    silent = make_entry(pledge_maker=PledgeMaker.objects.get(name="Silent"), round_=before)
    make_update(entry=silent, state=State.PUBLISHED, now=datetime(2026, 1, 2, 9, tzinfo=UTC))
    by_name = ["Covered", "Extended", "Late", "Late Joiner", "More Time", "On Time", "Silent", "Withdrawn"]
    assert names() == by_name
    assert names("?sort=status") == [
        "On Time", "Late", "Extended", "Silent", "More Time", "Covered", "Late Joiner", "Withdrawn"
    ]  # fmt: skip
    assert names("?sort=recent")[0] == "Silent"


# --- What we do not know ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("?region=atlantis", "We know no region “atlantis”, so Pledge Makers of every region are shown."),
        ("?kind=circus", "We know no kind “circus”, so Pledge Makers of every kind are shown."),
        ("?status=asleep", "We know no status “asleep”, so Pledge Makers of every status are shown."),
        ("?round=round-99", "We know no round “round-99”, so the current round is shown."),
        ("?sort=password", "We cannot sort by “password”, so the list is sorted by name."),
        ("?page=99", "There is no page “99”, so the list begins at its first page."),
        ("?page=-1", "There is no page “-1”, so the list begins at its first page."),
        ("?page=٣", "There is no page “٣”, so the list begins at its first page."),
        ("?q=…", "“…” holds no letter or digit to search for, so nothing was searched."),
        ("?region=<b>", "We know no region “&lt;b&gt;”, so Pledge Makers of every region are shown."),
        ("?region=%00", None),
    ],
)
def test_an_unknown_value_shows_the_full_list_and_says_so(typed, sentence):
    public("Northtown")
    make_round()
    assert names(typed) == ["Northtown"]
    assert re.findall(r'<p class="list-unknown">(.*?)</p>', page(typed)) == ([sentence] if sentence else [])


def test_known_values_and_unknown_names_say_nothing():
    public("Northtown", region="Y56")
    assert "list-unknown" not in page("?region=london&utm_source=letter&q=")


def test_nothing_found_says_so_and_leads_back():
    public("Northtown")
    found = page("?q=zzzz")
    assert "No Pledge Maker is all of this" in found
    assert f'<a class="govuk-link" href="{LIST}">Show everybody</a>' in found


# --- Pages and addresses ----------------------------------------------------------------------------------


def test_a_page_has_fifty_rows_and_the_pages_keep_what_was_asked():
    many(120)
    assert [len(names(f"?page={number}")) for number in (1, 2, 3)] == [50, 50, 20]
    found = page("?q=quern&page=2")
    assert "51 to 100 of 120 Pledge Makers" in found
    assert 'href="?q=quern&amp;page=3" aria-label="Page 3"' in found
    assert 'href="?q=quern" aria-label="Page 1"' in found
    assert names("?page=2")[0] == "Quernstead 0050"


def test_long_lists_of_pages_leave_some_out():
    many(600)
    assert re.findall(r'aria-label="Page (\d+)"', page("?page=6")) == ["1", "5", "6", "7", "12"]
    assert page("?page=6").count("ellipsis") == 2


def test_the_form_keeps_the_status_and_a_chip_takes_one_filter_away():
    public("Northtown", region="Y56")
    make_round()
    found = page("?region=london&status=not_due_yet")
    assert '<input type="hidden" name="status" value="not_due_yet">' in found
    assert 'href="?region=london"><span class="govuk-visually-hidden">Remove the filter </span>Not due yet' in found
    assert 'href="?status=not_due_yet"><span class="govuk-visually-hidden">Remove the filter </span>London' in found


def test_an_address_leaves_out_what_is_usual():
    assert Wanted().address() == "?"
    assert Wanted(q="a b", region="london", page=3).address(sort="recent") == "?q=a+b&region=london&sort=recent"


def test_every_region_and_kind_has_a_word_of_its_own_in_the_address():
    assert len(REGIONS) == 7
    assert list(ORGANISATION_KINDS)[-1] == "partnership"


# --- What stands beside a name ----------------------------------------------------------------------------


def test_former_names_withdrawals_and_mergers_are_said():
    renamed, gone, old, new = (public(name) for name in ("Renamed", "Gone", "Old", "New"))
    by = make_caseworker()
    changes.rename(pledge_maker=renamed, name="Bright", by=by, now=NOW)
    changes.withdraw(pledge_maker=gone, on=date(2026, 10, 1), note="N", by=by, now=NOW)
    changes.merge(pledge_maker=old, successors=[new], on=date(2026, 10, 2), by=by, now=NOW)
    found = page()
    assert "Formerly Renamed</span>" in found
    assert "Withdrew from the pledge on 1 October 2026" in found
    assert "Merged into New after 2 October 2026" in found
    assert names("?q=renamed") == ["Bright"]


def test_the_public_words_of_an_extension_stand_beside_it():
    maker = public("Northtown")
    entry = make_entry(pledge_maker=maker)
    extension = Extension.objects.create(
        round=entry.round, due_at=NOW + timedelta(days=60), reason="R", public_words="A flood.",
        granted_by=make_caseworker(), granted_at=NOW,
    )  # fmt: skip
    RoundEntry.objects.filter(pk=entry.pk).update(extended_to=extension.due_at, extension=extension)
    assert page().count("A flood.") == 1
    assert Client().get(f"{LIST}{maker.slug}/").content.decode().count("A flood.") == 1


def test_the_list_and_its_query_agree(client):
    public("Northtown")
    assert [row.maker.name for row in public_list({}, NOW).rows] == names()
