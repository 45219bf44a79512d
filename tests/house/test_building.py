"""The building itself: layers, locks, addresses, migrations."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.urls import URLPattern, URLResolver, get_resolver

ROOT = Path(settings.BASE_DIR)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
TEXT = {".py", ".html", ".txt", ".md", ".toml", ".json", ".mjs", ".js", ".scss", ".css", ".yml", ".csv", ".svg", ""}


def tracked() -> list[Path]:
    """What git would carry to the next machine."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def test_imports_only_point_down():
    done = subprocess.run([ROOT / ".venv/bin/lint-imports", "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_every_room_stands_in_the_layers():
    rooms = {path.parent.name for path in ROOT.glob("*/apps.py")}
    [contract] = PROJECT["tool"]["importlinter"]["contracts"]
    layers = {room for layer in contract["layers"] for room in layer.split(" | ")}
    assert layers == rooms == set(PROJECT["tool"]["importlinter"]["root_packages"])
    assert rooms <= {config.name for config in apps.get_app_configs()}


@pytest.mark.parametrize("lock", ["requirements/run.txt", "requirements/test.txt", "requirements/build.txt"])
def test_python_locks_carry_hashes_and_no_address(lock):
    text = (ROOT / lock).read_text()
    assert "--hash=sha256:" in text
    assert "://" not in text


def test_the_package_lock_carries_no_address():
    text = (ROOT / "package-lock.json").read_text()
    assert '"integrity"' in text
    assert '"resolved"' not in text


def test_every_dependency_says_what_it_is_for():
    lines = (ROOT / "pyproject.toml").read_text().splitlines()
    inside = lines[lines.index("dependencies = [") + 1 : lines.index("[tool.ruff]")]
    named = [number for number, line in enumerate(inside) if re.match(r'    "[A-Za-z]', line)]
    assert named
    groups = [inside[number - 1].strip() for number in named]
    assert [line for line in groups if not line.startswith(("#", '"'))] == []


def test_no_file_names_a_place_of_one_machine():
    places = re.compile(
        r"(?:^|[^\w.])/(?:home|root|Users|work)/|pythonhosted|registry\.npmjs|\.artifactory\.", re.MULTILINE
    )
    own = Path(__file__)
    found = [
        f"{path.relative_to(ROOT)}: {match[0].strip()}"
        for path in tracked()
        if path.suffix in TEXT and path != own
        for match in places.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_no_migration_is_missing(db):
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


# --- Who may open what -------------------------------------------------------------------------------------

PUBLIC = {
    "",
    "accessibility/",
    "account/inactive/",
    "account/login/",
    "account/login/code/",
    "account/login/passkey/",
    "account/logout/",
    "account/passkeys/options/",
    "account/second-factor/",
    "health/live",
    "health/ready",
    "invitation/<str:token>/",
    "pledge-makers/",
    "pledge-makers/<slug:slug>/",
    "pledge-makers/<slug:slug>/<slug:round_slug>.pdf",
    "pledge-makers/<slug:slug>/<slug:round_slug>/",
    "pledge-makers/<slug:slug>/<slug:round_slug>/v<int:version>.pdf",
    "pledge-makers/<slug:slug>/<slug:round_slug>/v<int:version>/",
    "pledge-makers/<slug:slug>/statement/v<int:version>/",
    "rounds/",
    "rounds/<slug:slug>.csv",
    "rounds/<slug:slug>.pdf",
    "rounds/<slug:slug>/",
    "rounds/<slug:slug>/v<int:version>.csv",
    "rounds/<slug:slug>/v<int:version>.pdf",
    "rounds/<slug:slug>/v<int:version>/",
    "privacy/",
    "sign-the-pledge/",
    "sign-the-pledge/received/",
    "status",
    "supporters/",
    "supporters/join/",
    "supporters/join/received/",
    "supporters/link/",
    "supporters/link/sent/",
    "supporters/manage/<str:token>/",
}


def routes(resolver: URLResolver, prefix: str = "") -> dict[str, URLPattern]:
    found = {}
    for pattern in resolver.url_patterns:
        address = prefix + str(pattern.pattern)
        found |= routes(pattern, address) if isinstance(pattern, URLResolver) else {address: pattern}
    return found


def methods_of(view: object) -> list[str]:
    """The methods that a view takes, read from its decorators; all of them where it names none."""
    while view is not None:
        for cell in getattr(view, "__closure__", None) or ():
            if isinstance(cell.cell_contents, list) and {"GET", "HEAD", "POST"} & set(map(str, cell.cell_contents)):
                return cell.cell_contents
        view = getattr(view, "__wrapped__", None)
    return ["GET", "POST"]


def test_every_page_is_private_unless_it_stands_in_the_list():
    every = routes(get_resolver())
    public = {address for address, route in every.items() if not getattr(route.callback, "login_required", True)}
    assert public == PUBLIC
    assert len(every) > len(public)


def test_the_demo_mailbox_is_no_address_of_other_environments():
    assert [address for address in routes(get_resolver()) if address.startswith("demo")] == []
