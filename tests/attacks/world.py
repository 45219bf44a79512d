"""The demonstration, every form of it, and what a request leaves in the database. Everything is taken back."""

import itertools
import os
import random
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

import pytest
from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, models, transaction
from django.db.models.functions import Cast
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from accounts.models import User
from pledge_tracker.seeding import demo
from pledge_tracker.seeding.counting import count_rows
from tests.attacks.found_forms import Browsers, FoundForm, distinct, filled, forms_on
from tests.attacks.prepared import prepared_pages
from tests.attacks.typed import before, on_no_page, special, told_now, words
from tests.factories.accounts import sign_in
from tests.house.test_building import methods_of, routes
from tests.journeys.named import NamedPage
from tests.journeys.pages import all_pages

WRITES = re.compile(r'^(?:INSERT INTO|UPDATE|DELETE FROM) "(\w+)"')
MODELS = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}


@dataclass
class World:
    """The demonstration as the journeys see it, at one moment."""

    now: datetime
    pages: list[NamedPage]
    browsers: Browsers
    forms: list[FoundForm]
    _at_rest: dict[str, list[str]] = field(default_factory=dict)

    def at_rest(self, table: str) -> list[str]:
        """The rows of a table between two requests: each request is taken back."""
        if table not in self._at_rest:
            self._at_rest[table] = rows_of(table)
        return self._at_rest[table]

    def send(self, form: FoundForm, data: dict[str, Any], **more: Any) -> Any:
        """Posts the form in the browser of whoever sees it, after what has to come before."""
        return self.browser_after(form).post(form.path, told_now(data), **more)

    def browser_after(self, form: FoundForm) -> Client:
        browser = self.browsers.of(form.email)
        before(form, browser)
        return browser

    @cached_property
    def posts(self) -> list[FoundForm]:
        """The forms that are posted: those of the pages, and those of the pages that they lead to."""
        first = [form for form in (*self.forms, *on_no_page()) if form.method == "post"]
        return distinct([*first, *(each for form in first for each in self._behind(form))])

    def _behind(self, form: FoundForm) -> list[FoundForm]:
        with taken_back():
            answer = self.send(form, filled(form, words, special(form)))
        html = answer.content.decode() if answer.status_code == 200 and not answer.streaming else ""
        return [each for each in forms_on(html, email=form.email, page=form.path) if each.method == "post"]


def told_once(blocker: Any) -> Iterator[World]:
    """The same for all tests of a module: each takes back only its own changes."""
    with blocker.unblock(), transaction.atomic():
        yield _tell()
        transaction.set_rollback(True)


def _tell() -> World:
    demo.fill(now=timezone.now())
    count_rows()
    named = [page for page in all_pages() if not page.submit]
    pages = [*prepared_pages(), *named]
    browsers = Browsers(lambda client, email: sign_in(client, User.objects.get(email=email)))
    html = {}
    for page in pages:
        answer = browsers.of(page.email).get(page.path)
        html[page.name] = answer.content.decode() if not answer.streaming else ""
    found = [form for page in pages for form in forms_on(html[page.name], email=page.email, page=page.path)]
    return World(timezone.now(), pages, browsers, distinct(found))


def post_routes() -> set[str]:
    """The addresses that take a POST."""
    every = routes(get_resolver())
    return {address for address, route in every.items() if "POST" in methods_of(route.callback)}


@contextmanager
def taken_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


# --- What is written ---------------------------------------------------------------------------------------------


class Written:
    """The tables that are written to meanwhile."""

    def __init__(self) -> None:
        self.tables: set[str] = set()

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if found := WRITES.match(sql):
            self.tables.add(found[1])
        return execute(sql, params, many, context)


@contextmanager
def watched() -> Iterator[Written]:
    written = Written()
    with connection.execute_wrapper(written):
        yield written


def rows_of(table: str) -> list[str]:
    """Every row of a table, in words that can be compared."""
    model = MODELS.get(table)
    if model is None:
        return []
    names = [column.attname for column in model._meta.concrete_fields]
    return sorted(repr(_plain(row)) for row in model._default_manager.values(*names))  # type: ignore[attr-defined]


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: bytes(value) if isinstance(value, memoryview) else value for name, value in row.items()}


@contextmanager
def same_dice(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Keys, tokens and codes come out the same each time, and so do the numbers of new rows."""
    dice = random.Random(7)
    with monkeypatch.context() as patch, connection.cursor() as cursor:
        for sql in connection.ops.sequence_reset_sql(no_style(), list(MODELS.values())):
            cursor.execute(sql)
        patch.setattr(os, "urandom", dice.randbytes)
        patch.setattr(random, "_urandom", dice.randbytes)
        yield


def text_columns(model: type[models.Model]) -> list[str]:
    """Where words can lie: no choices, no keys."""
    kinds = models.CharField | models.TextField | models.JSONField
    found = [each for each in model._meta.concrete_fields if isinstance(each, kinds)]
    return [each.attname for each in found if not each.choices and not each.primary_key]


def stored_where(marks: dict[str, str], tables: set[str]) -> dict[str, set[tuple[str, str]]]:
    """For each name of `marks`: the tables and columns in which its mark stands now."""
    found: dict[str, set[tuple[str, str]]] = {name: set() for name in marks}
    for table, (name, mark) in itertools.product(sorted(tables & MODELS.keys()), marks.items()):
        for column in text_columns(MODELS[table]):
            words = MODELS[table]._default_manager.annotate(as_words=Cast(column, models.TextField()))  # type: ignore[attr-defined]
            if words.filter(as_words__contains=mark).exists():
                found[name].add((table, column))
    return found
