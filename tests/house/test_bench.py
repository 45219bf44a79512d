"""`make bench` in its smallest form: it runs, and every row is there. No seconds are asserted."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from bench import __main__ as bench
from bench import words

ROOT = Path(settings.BASE_DIR)
# The most queries that a page may take, however many Pledge Makers there are.
PUBLIC = {"Home": 15, "Public list": 5, "Public list, a name mistyped and three filters": 5, "Profile": 10,
          "National report": 10}  # fmt: skip
MOST = {**dict.fromkeys(PUBLIC, 1), **{f"{name}: first in its minute": most for name, most in PUBLIC.items()},
        "Staff: dashboard of the round": 8}  # fmt: skip
PAGES = ["A view that does nothing", *PUBLIC, "Published update", *(f"{name}: first in its minute" for name in PUBLIC),
         "Staff: what waits", "Staff: dashboard of the round", "Workspace: tasks",
         "Workspace: one objective"]  # fmt: skip


@pytest.mark.servers
def test_the_smallest_bench_measures_everything(db, tmp_path):
    env = os.environ | {"BENCH_DATABASE_URL": os.environ["DATABASE_URL"], "BENCH_REDIS_URL": os.environ["REDIS_URL"]}
    command = [sys.executable, "-m", "bench", "--sizes", "3", "--rounds", "2", "--seconds", "0.1", "--times", "1"]
    command += ["--asks", "3"]
    done = subprocess.run([*command, "--out", tmp_path], cwd=ROOT, env=env, capture_output=True, text=True, timeout=170)
    assert done.returncode == 0, done.stderr
    [file] = tmp_path.glob("*.json")
    result = json.loads(file.read_text())
    assert words.table(result) in done.stdout
    [size] = result["sizes"]
    assert [page["name"] for page in size["pages"]] == PAGES
    assert [page["name"] for page in size["pages"] if page["status"] != 200] == []
    assert [page["name"] for page in size["pages"] if page["queries"] > MOST.get(page["name"], 50)] == []
    assert [one["name"] for one in size["reminders"]] == ["Plan all reminders of a day", "Plan again: nothing new"]
    assert size["reminders"][1]["mails"] == 0
    assert [(one["name"], one["asked"]) for one in result["sign_in"]] == [("An address that somebody has", 3),
                                                                         ("An address that nobody has", 3)]  # fmt: skip
    assert "The second less the first" in done.stdout
    assert [one["name"].split(",")[0] for one in result["documents"]] == ["PDF of one update",
                                                                          "PDF of the national report"]  # fmt: skip


def size(makers: int, *milliseconds: float) -> dict:
    pages = [{"name": f"Page {n}", "status": 200, "queries": 1, "bytes": 1000, "p50": p50, "p95": p50, "per_second": 9}
             for n, p50 in enumerate(milliseconds)]  # fmt: skip
    reminders = [{"name": "Plan", "seconds": 0.5, "queries": 3, "mails": 2}]
    return {"makers": makers, "seed_seconds": 1, "updates": 2, "pages": pages, "reminders": reminders}


RESULT = {
    "date": "2026-11-22", "commit": "abc", "rounds": 20, "documents": [], "sign_in": [],
    "machine": {"cores": 2, "processor": "X", "memory": "8 GB", "python": "3", "django": "5", "postgresql": "15"},
    "sizes": [size(60, 1, 10), size(100, 1, 10), size(10_000, 1.2, 20)],
}  # fmt: skip


def test_growth_is_told_from_a_hundred_to_the_most():
    assert words.growth(RESULT["sizes"]) == (100, 10_000, [("Page 0", 1, 1.2), ("Page 1", 10, 20)])
    lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in words.table(RESULT).splitlines()]
    assert ["Page 0", "1.0", "1.2", "1.20 ×", "yes"] in lines
    assert ["Page 1", "10.0", "20.0", "2.00 ×", "no"] in lines


def test_the_page_keeps_what_people_wrote_around_the_table(tmp_path, monkeypatch):
    page = tmp_path / "performance.md"
    page.write_text(f"Before.\n{bench.INTRODUCTION}\nold\n{bench.MEASURED}\nAfter.\n")
    monkeypatch.setattr(bench, "PAGE", page)
    bench.write_page("| new |")
    assert page.read_text() == f"Before.\n{bench.INTRODUCTION}\n\n| new |\n{bench.MEASURED}\nAfter.\n"


def test_the_page_has_a_place_for_the_table():
    text = bench.PAGE.read_text()
    assert (text.count(bench.INTRODUCTION), text.count(bench.MEASURED)) == (1, 1)
