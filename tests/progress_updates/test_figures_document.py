"""docs/figures.md is the queries of the national report, and nothing else."""

from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from progress_updates import figures

PAGE = Path(settings.BASE_DIR) / "docs" / "figures.md"


def test_the_page_about_figures_equals_the_queries() -> None:
    printed = StringIO()
    call_command("figures", stdout=printed)
    assert PAGE.read_text(encoding="utf-8") == printed.getvalue()


@pytest.mark.parametrize("figure", figures.FIGURES, ids=lambda figure: figure.title)
def test_every_printed_query_runs_as_it_stands(db, figure) -> None:
    """With a round, a moment and a day in place of their names."""
    values = {":round": "1", ":before": "2", ":due_at_of_round": "now()", ":moment": "now()", ":day": "current_date"}
    for _title, query in figure.queries:
        sql = figures.as_sql(query())
        for name, value in values.items():
            sql = sql.replace(name, value)
        assert ":" not in sql
        with connection.cursor() as cursor:
            cursor.execute(sql)
            assert cursor.fetchall() == []
