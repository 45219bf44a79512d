"""Finding Pledge Makers by what somebody typed: names now and before, of organisations too, and ODS codes."""

from collections import defaultdict
from collections.abc import Iterable

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import CharField, Lookup, Q
from django.db.models.sql.compiler import SQLCompiler

from signatories.models import (
    Organisation,
    OrganisationName,
    PledgeMaker,
    PledgeMakerAddress,
    PledgeMakerOrganisation,
    PledgeMakerWord,
)
from signatories.words import forms_of, near, words_of

MOST_WORDS = 8  # of what somebody typed; the rest is not looked at
CHUNK = 500  # Pledge Makers whose words are written at once


Sql = tuple[str, tuple[str | int, ...]]


@CharField.register_lookup
class BeginsWith(Lookup):
    """`form__begins`: letters and digits at the beginning, found in the index on both databases."""

    lookup_name = "begins"

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Sql:
        return self._as("LIKE", "%", compiler, connection)

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_more: object) -> Sql:
        """LIKE looks through the whole table on SQLite; GLOB does not."""
        return self._as("GLOB", "*", compiler, connection)

    def _as(self, operator: str, anything: str, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Sql:
        column, params = self.process_lhs(compiler, connection)
        return f"{column} {operator} %s", (*params, f"{self.rhs}{anything}")


def matching(typed: str) -> Q | None:
    """Pledge Makers for which every typed word begins one of their words, or is one typo away from it.

    To be used in `PledgeMaker.objects.filter(...)`; no query of its own. None when no word was typed."""
    words = words_of(typed)[:MOST_WORDS]
    if not words:
        return None
    found = Q()
    for word in words:
        whole, with_a_gap = near(word)
        forms = Q(is_whole=True, form__begins=word) | Q(is_whole=True, form__in=whole)
        forms |= Q(is_whole=False, form__in=with_a_gap)
        found &= Q(pk__in=PledgeMakerWord.objects.filter(forms).values("pledge_maker"))
    return found


def index(pledge_makers: Iterable[PledgeMaker | int]) -> int:
    """Writes anew the words by which these are found. To be called after every change of a name or organisation.

    Returns how many Pledge Makers there were. A few queries for each 500."""
    keys = [each if isinstance(each, int) else each.pk for each in pledge_makers]
    for first in range(0, len(keys), CHUNK):
        _index(keys[first : first + CHUNK])
    return len(keys)


def index_those_of(organisations: Iterable[Organisation]) -> int:
    """The same for all that have or had one of these organisations."""
    parts = PledgeMakerOrganisation.objects.filter(organisation__in=list(organisations))
    return index(parts.order_by().values_list("pledge_maker", flat=True).distinct())


def _index(keys: list[int]) -> None:
    names, codes = _names(keys)
    wanted = {(key, *form) for key in keys for form in forms_of(names[key], codes[key])}
    rows = PledgeMakerWord.objects.filter(pledge_maker__in=keys)
    stored = {(key, form, whole): pk for pk, key, form, whole in rows.values_list(*COLUMNS)}
    PledgeMakerWord.objects.filter(pk__in=[pk for form, pk in stored.items() if form not in wanted]).delete()
    PledgeMakerWord.objects.bulk_create(
        (PledgeMakerWord(pledge_maker_id=k, form=f, is_whole=w) for k, f, w in sorted(wanted - set(stored))),
        ignore_conflicts=True,
        batch_size=2000,
    )


COLUMNS = ("pk", "pledge_maker", "form", "is_whole")


def _names(keys: list[int]) -> tuple[dict[int, list[str]], dict[int, list[str]]]:
    """Every name and ODS code by which each is known, those of the past too. Four queries."""
    names: dict[int, list[str]] = defaultdict(list)
    codes: dict[int, list[str]] = defaultdict(list)
    parts = PledgeMakerOrganisation.objects.filter(pledge_maker__in=keys)
    former = OrganisationName.objects.filter(organisation__parts__pledge_maker__in=keys)
    for key, name in [
        *PledgeMaker.objects.filter(pk__in=keys).values_list("pk", "name"),
        *PledgeMakerAddress.objects.filter(pledge_maker__in=keys).values_list("pledge_maker", "name"),
        *former.order_by().values_list("organisation__parts__pledge_maker", "name"),
    ]:
        names[key].append(name)
    for key, name, code in parts.values_list("pledge_maker", "organisation__name", "organisation__ods_code"):
        names[key].append(name)
        codes[key] += [code] if code else []
    return names, codes
