"""Payloads through every box that people can fill, and what answers them."""

import re
import sys
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.apps import apps
from django.core.validators import MaxLengthValidator
from django.db import connection, models
from django.http import HttpResponse

from mail.models import Message
from tests.attacks import payloads
from tests.attacks.found_forms import Box, FoundForm, filled
from tests.attacks.typed import special, told_now, words
from tests.attacks.world import MODELS, World, stored_where, taken_back, watched

# Boxes for an organisation of the register.
NAMES_ONE_OF_OURS = re.compile(r"organisation(_\d)?")
ROOMS = {config.name for config in apps.get_app_configs() if "." not in config.name}
# Kept words that are no words of people: an index of single words, sessions.
NO_WORDS = {"django_session", "signatories_pledgemakerword"}


@dataclass
class Typed:
    """What became of the payloads: the pages that answered, and where each box's words were kept."""

    pages: dict[str, str] = field(default_factory=dict)
    boxes: set[tuple[str, str]] = field(default_factory=set)
    columns: set[tuple[str, str]] = field(default_factory=set)
    nowhere: set[tuple[str, str]] = field(default_factory=set)


def take_limits_away(patch: pytest.MonkeyPatch) -> None:
    """So that all payloads fit into every box at once: only escaping protects."""
    patch.setattr(MaxLengthValidator, "compare", lambda _self, _length, _limit: False)
    for name, module in list(sys.modules.items()):
        if hasattr(module, "count_words") and not name.startswith("tests."):
            patch.setattr(module, "count_words", lambda _text: 0)
    if connection.vendor == "postgresql":
        _widen_columns()


INDEXES = """SELECT DISTINCT i.relname, c.conname FROM pg_index x
    JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
    JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = ANY (x.indkey)
    LEFT JOIN pg_constraint c ON c.conindid = x.indexrelid AND c.contype = 'u'
    WHERE t.relname = %s AND a.attname = ANY (%s) AND NOT x.indisprimary"""


def _widen_columns() -> None:
    """Names and titles of any length. An index takes no long ones, so those on such columns go."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table, model in MODELS.items():
            fields = model._meta.concrete_fields
            short = [each.column for each in fields if isinstance(each, models.CharField) and not _keeps_length(each)]
            cursor.execute(INDEXES, [table, short])
            found = cursor.fetchall()
            gone = [f'DROP CONSTRAINT "{constraint}"' for _index, constraint in found if constraint]
            for index in (index for index, constraint in found if not constraint):
                cursor.execute(f'DROP INDEX "{index}"')
            actions = [*gone, *(f'ALTER COLUMN "{column}" TYPE text' for column in short)]
            if actions:
                cursor.execute(f'ALTER TABLE "{table}" {", ".join(actions)}')
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _keeps_length(column: Any) -> bool:
    ours = column.model.__module__.partition(".")[0] in ROOMS
    return column.primary_key or bool(column.choices) or isinstance(column, models.EmailField) or not ours


class Pen:
    """Types all payloads into a box, beginning with another each time, after a mark that tells the box."""

    def __init__(self) -> None:
        self.marks: dict[str, str] = {}
        self._number = 0

    def __call__(self, box: Box) -> str:
        plain = words(box)
        if box.name == "homepage" or NAMES_ONE_OF_OURS.fullmatch(box.name) or plain.isdigit():
            return plain
        self._number += 1
        if box.kind == "email" or box.name == "email" or box.name.endswith("_email"):
            self.marks[box.name] = f"{payloads.CALL}({10_000 + self._number})"
            return payloads.as_address(10_000 + self._number)
        self.marks[box.name] = f"zqx{self._number}z"
        every = payloads.all_lines if box.kind == "textarea" else payloads.in_one_line
        return f"{self.marks[box.name]} {every(self._number * 7)}"


def type_everywhere(world: World, forms: list[FoundForm]) -> Typed:
    """Each form with a box for words twice, right but for these, and with nothing chosen; each is taken back."""
    typed, pen = Typed(), Pen()
    for form in (form for form in forms if any(box.is_text for box in form.boxes)):
        for choose in (True, False):
            pen.marks = {}
            with taken_back(), watched() as written:
                last = Message.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
                data = filled(form, pen, special(form) if choose else {}, choose=choose)
                pages = {str(form): answer_to(world, form, data)}
                mails = Message.objects.filter(pk__gt=last)
                pages |= {f"mail {row.kind}, after {form}": row.html for row in mails}
                _keep(typed, form, choose, pages, pen.marks, stored_where(pen.marks, written.tables - NO_WORDS))
    return typed


def _keep(
    typed: Typed, form: FoundForm, choose: bool, pages: dict[str, str], marks: dict[str, str], kept: dict[str, Any]
) -> None:
    typed.pages |= {f"{name} ({'right' if choose else 'wrong'})": html for name, html in pages.items()}
    for name, mark in marks.items():
        typed.boxes.add((form.route, name))
        typed.columns |= kept[name]
        if choose and not kept[name] and not any(mark in html for html in pages.values()):
            typed.nowhere.add((form.route, name))


def answer_to(world: World, form: FoundForm, data: dict[str, Any]) -> str:
    """The page on which a person ends who sends this; empty where it is none."""
    browser = world.browser_after(form)
    answer: Any = browser.post(form.path, told_now(data))
    if answer.status_code == 302 and answer.headers["Location"].startswith("/"):
        answer = browser.get(answer.headers["Location"])
    return html_of(answer)


def html_of(answer: HttpResponse) -> str:
    is_page = not answer.streaming and "html" in answer.headers.get("Content-Type", "")
    return answer.content.decode() if is_page else ""
