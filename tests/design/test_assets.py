"""The built folder: small, whole, right under hashed names, and for both directions of writing."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from django.test import override_settings

ROOT = Path(__file__).parents[2]
DIST = ROOT / "static" / "dist"
# The system's, else the one that pip put beside Python.
NODE = shutil.which("node") or str(Path(sys.executable).parent / "node")
SIDES = re.compile(
    r"[;{](?:margin|padding|border)-(?:left|right)\b|[;{](?:left|right):|(?:text-align|float):(?:left|right)"
)


def css() -> str:
    return (DIST / "app.css").read_text()


def test_everything_that_pages_name_is_built() -> None:
    names = {str(path.relative_to(DIST)) for path in DIST.rglob("*") if path.is_file()}
    assert {"app.css", "app.js", "theme.js", "images/favicon.svg", "fonts/fraunces-latin.woff2"} <= names


def test_the_stylesheet_names_no_side() -> None:
    assert SIDES.findall(css()) == []


def test_sides_become_start_and_end() -> None:
    lines = [
        "  margin-left: 1px;", "  border-right-color: red;", "  left: 0;", "  text-align: right;", "  float: left;",
        "  padding: 1px 2px 3px 4px;", "  margin: 1px 2px 3px 2px;", "  margin: 0 calc(1px + 2px) 0 0;",
        "  border-top-left-radius: 1px;", "  margin: 0 0 10px;",
    ]  # fmt: skip
    script = 'import { logical } from "./scripts/logical.mjs"; console.log(logical(process.argv[1]));'
    done = subprocess.run(
        [NODE, "--input-type=module", "-e", script, "\n".join(lines)],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert [line.strip() for line in done.stdout.strip().split("\n")] == [
        "margin-inline-start: 1px;", "border-inline-end-color: red;", "inset-inline-start: 0;", "text-align: end;",
        "float: inline-start;", "padding-block: 1px 3px; padding-inline: 4px 2px;", "margin: 1px 2px 3px 2px;",
        "margin-block: 0 0; margin-inline: 0 calc(1px + 2px);", "border-start-start-radius: 1px;", "margin: 0 0 10px;",
    ]  # fmt: skip


def test_nothing_is_fetched_from_elsewhere() -> None:
    for name in ("app.css", "app.js", "theme.js"):
        text = (DIST / name).read_text()
        assert re.findall(r"url\((?!fonts/|\"?data:)", text) == []
        assert "sourceMappingURL" not in text


def test_a_second_build_does_nothing() -> None:
    before = (DIST / ".built").stat().st_mtime_ns
    done = subprocess.run([ROOT / "scripts" / "build-assets", "--with-test-tools"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")
    assert (DIST / ".built").stat().st_mtime_ns == before


def test_a_public_page_is_light_to_load() -> None:
    """All of it, compressed as it is sent, with the typefaces of a page in English."""
    import brotli

    texts = sum(len(brotli.compress((DIST / name).read_bytes())) for name in ("app.css", "app.js", "theme.js"))
    fonts = sum((DIST / "fonts" / f"{name}-latin.woff2").stat().st_size for name in ("fraunces", "atkinson"))
    assert texts + fonts < 105_000


@pytest.fixture
def hashed(tmp_path: Path, settings: Any) -> Path:
    settings.STATIC_ROOT = tmp_path
    backend = "whitenoise.storage.CompressedManifestStaticFilesStorage"
    storages = {**settings.STORAGES, "staticfiles": {"BACKEND": backend}}
    with override_settings(STORAGES=storages, STATIC_ROOT=tmp_path):
        call_command("collectstatic", interactive=False, verbosity=0)
        assert re.fullmatch(r"/static/app\.[0-9a-f]{12}\.css", staticfiles_storage.url("app.css"))
    return tmp_path


def test_hashed_names_hold(hashed: Path) -> None:
    """Collecting fails when a stylesheet names a file that is not there."""
    collected = next(hashed.glob("app.????????????.css")).read_text()
    assert re.search(r'url\("?fonts/fraunces-latin\.[0-9a-f]{12}\.woff2', collected)
    assert list(hashed.glob("app.????????????.css.br"))
    assert (hashed / "app.css").exists()
