"""The public search: accents and one typo are forgiven, nothing is found by accident, an index answers."""

from datetime import UTC, date, datetime

import pytest
from django.core.management import call_command
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from signatories import search
from signatories.models import OrganisationName, PledgeMaker, PledgeMakerAddress, PledgeMakerWord
from signatories.words import forms_of, near, with_gaps, words_of
from tests.factories.signatories import make_organisation, make_pledge_maker

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def found(typed: str) -> list[str]:
    matching = search.matching(typed)
    assert matching is not None
    return sorted(PledgeMaker.objects.filter(matching).values_list("name", flat=True))


def distance(one: str, other: str) -> int:
    """Missing, extra, wrong and swapped letters between two words."""
    rows = [list(range(len(other) + 1))]
    for i, a in enumerate(one, 1):
        rows.append([i])
        for j, b in enumerate(other, 1):
            best = min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + (a != b))
            if i > 1 and j > 1 and (a, b) == (other[j - 2], one[i - 2]):
                best = min(best, rows[i - 2][j - 2] + 1)
            rows[i].append(best)
    return rows[-1][-1]


def meets(typed: str, stored: str) -> bool:
    """What the database is asked, without a database."""
    whole, with_a_gap = near(typed)
    forms = forms_of([stored])
    return any((form, True) in forms for form in [typed, *whole]) or any((form, False) in forms for form in with_a_gap)


# --- Words ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("St. George’s", ["st", "georges"]),
        ("st george's", ["st", "georges"]),
        ("Łódź Straße", ["lodz", "strasse"]),
        ("Ynys Môn", ["ynys", "mon"]),
        ("Ynys Mo\u0302n", ["ynys", "mon"]),
        ("Leeds & York, Leeds", ["leeds", "york"]),
        ("ＮＨＳ_trust", ["nhs", "trust"]),
        ("…", []),
        ("a" * 50, ["a" * 40]),
    ],
)
def test_words_have_no_accents_capitals_or_signs(text, words):
    assert words_of(text) == words


def test_a_short_word_has_no_typo():
    assert with_gaps("nhs") == []
    assert with_gaps("york") == ["-ork", "y-rk", "yo-k", "yor-"]


SMALL = st.text("abc", min_size=4, max_size=7)


@settings(max_examples=1500, deadline=None)
@given(SMALL, SMALL)
def test_a_word_is_met_exactly_when_it_is_at_most_one_typo_away(typed, stored):
    assert meets(typed, stored) == (distance(typed, stored) <= 1)


# --- In the database --------------------------------------------------------------------------------------

NAMES = ["Northtown Mental Health NHS Trust", "Saltby and Fen Partnership NHS Trust", "Ynys Môn Together"]


@st.composite
def typos(draw) -> tuple[str, str]:
    """A name, and the name with one typo in one of its words of four letters or more."""
    name = draw(st.sampled_from(NAMES))
    words = words_of(name)
    place = draw(st.sampled_from([n for n, word in enumerate(words) if len(word) >= 4]))
    words[place] = draw(typo_of(words[place]))
    return name, " ".join(words)


@st.composite
def typo_of(draw, word: str) -> str:
    kind = draw(st.sampled_from(["missing", "extra", "wrong", "swapped"]))
    at = draw(st.integers(0, len(word) - (2 if kind == "swapped" else 1)))
    letter = draw(st.sampled_from(LETTERS))
    return {
        "missing": word[:at] + word[at + 1 :],
        "extra": word[:at] + letter + word[at:],
        "wrong": word[:at] + letter + word[at + 1 :],
        "swapped": word[:at] + word[at : at + 2][::-1] + word[at + 2 :],
    }[kind]


@pytest.mark.django_db
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(typos())
def test_any_single_typo_of_any_word_finds_the_pledge_maker(db, typo):
    if not PledgeMaker.objects.exists():
        for name in NAMES:
            make_pledge_maker(name=name, now=NOW)
    name, typed = typo
    assert found(typed) == [name]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "typed",
    ["north", "NORTHTOWN", "northtwon", "nortthown", "trust northtown", "  nhs  north ", "northtown (x9a)", "x9a"],
)  # fmt: skip
def test_a_pledge_maker_is_found_by(typed):
    parts = [make_organisation(name="Northtown Mental Health NHS Trust", ods_code="X9A")]
    make_pledge_maker(name="Northtown Mental Health NHS Trust", organisations=parts, now=NOW)
    make_pledge_maker(name="Southmere Downs Group", now=NOW)
    assert found(typed) == ["Northtown Mental Health NHS Trust"]


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["northtown southmere", "x9b", "orthtow", "nrthtwn", "own", "nort%", "n*"])
def test_a_pledge_maker_is_not_found_by(typed):
    parts = [make_organisation(name="Northtown Trust", ods_code="X9A")]
    make_pledge_maker(name="Northtown Trust", organisations=parts, now=NOW)
    expected = ["Northtown Trust"] if typed in ("nort%", "n*") else []  # signs are no letters
    assert found(typed) == expected


@pytest.mark.django_db
def test_names_of_the_past_and_of_organisations_find_it():
    trust, council = make_organisation(name="Westmarsh Trust"), make_organisation(name="Marlstone Council")
    maker = make_pledge_maker(name="Better Together", organisations=[trust, council], now=NOW)
    PledgeMakerAddress.objects.create(pledge_maker=maker, name="Quernstead Alliance", slug="q", until=date(2026, 1, 1))
    OrganisationName.objects.create(organisation=council, name="Fenholme District", until=date(2020, 1, 1))
    maker.parts.filter(organisation=council).update(left_on=NOW.date())
    search.index([maker])
    for typed in ("better", "quernstead", "fenholme", "marlstone", "westmarsh", "westmarsh fenholme"):
        assert found(typed) == ["Better Together"], typed


@pytest.mark.django_db
def test_nothing_typed_asks_for_nothing():
    assert [search.matching(typed) for typed in ("", " … ", "’")] == [None, None, None]


@pytest.mark.django_db
def test_the_search_is_part_of_the_query_of_its_page(django_assert_num_queries):
    make_pledge_maker(name="Northtown", now=NOW)
    with django_assert_num_queries(1):
        assert found("northtwon nhs trust mental health of the town and more") == []


@pytest.mark.django_db
def test_an_index_answers_and_no_name_is_looked_through():
    """On SQLite the plan says SEARCH for each table of words; on PostgreSQL nothing is scanned in sequence."""
    make_pledge_maker(name="Northtown", now=NOW)
    matching = search.matching("northtwon")
    plan = PledgeMakerWord.objects.filter(pledge_maker__in=PledgeMaker.objects.filter(matching))
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
        assert "Seq Scan on signatories_pledgemakerword" not in plan.explain()
    else:
        assert "SCAN signatories_pledgemakerword" not in plan.explain()


# --- Kept right -------------------------------------------------------------------------------------------


def stored(maker: PledgeMaker) -> set[tuple[str, bool]]:
    return set(maker.words.values_list("form", "is_whole"))


@pytest.mark.django_db
def test_the_command_heals_what_is_missing_and_what_is_too_much(capsys):
    maker = make_pledge_maker(name="Northtown", now=NOW)
    right = stored(maker)
    assert ("northtown", True) in right
    maker.words.filter(is_whole=True).delete()
    PledgeMakerWord.objects.create(pledge_maker=maker, form="wrong", is_whole=True)
    call_command("index_pledge_makers")
    assert stored(maker) == right
    assert capsys.readouterr().out == "1 Pledge Makers can be found by their names.\n"


@pytest.mark.django_db
def test_many_take_as_many_queries_as_one(django_assert_num_queries):
    makers = [make_pledge_maker(name=f"Northtown {n}", now=NOW) for n in range(20)]
    PledgeMakerWord.objects.all().delete()
    with django_assert_num_queries(6):
        search.index(makers[:1])
    with django_assert_num_queries(6):
        search.index(makers)
