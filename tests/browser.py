"""A real browser (the system's Chromium), axe in it, and the Nu checker for what the server sends."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as django_settings
from playwright.sync_api import Page

# Playwright's loop lives in this thread, and Django would refuse its own database there.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = ("--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--no-first-run", "--disable-quic", "--disable-dev-shm-usage")  # fmt: skip
WIDTHS = (1280, 320)
THEMES = ("light", "dark")
VNU = Path("node_modules/vnu-jar/build/dist/vnu.jar")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {**browser_type_launch_args, "executable_path": _chromium(), "args": [*QUIET, *sandbox]}


def _chromium() -> str:
    for name in CHROMIUM_NAMES:
        if path := shutil.which(name):
            return path
    pytest.fail("The tests need Chromium. Type: apt-get install -y --no-install-recommends chromium")


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {
        **browser_context_args,
        "locale": "en-GB",
        "timezone_id": "Europe/London",
        "viewport": {"width": 1280, "height": 900},
    }


@pytest.fixture
def live_site(live_server: Any, settings: Any) -> str:
    """The address of the site, served from this process for a browser; mails link to it."""
    settings.SITE_URL = live_server.url
    return str(live_server.url)


class AxeCheck:
    """axe(page) asserts no violation as the page stands; axe.everywhere(page) in both widths and themes."""

    def __init__(self) -> None:
        self._axe = Axe()

    def __call__(self, page: Page) -> None:
        violations = self._axe.run(page).response["violations"]
        assert not violations, f"axe on {page.url} ({page.title()}):\n{_told(violations)}"

    def everywhere(self, page: Page) -> None:
        """Also asserts that nothing needs scrolling sideways."""
        before = page.viewport_size or {"width": 1280, "height": 900}
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            assert overflow <= 0, f"{page.url} is {overflow} px too wide at {width} px"
            for theme in THEMES:
                page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
                self(page)
        page.emulate_media(color_scheme="light")
        page.set_viewport_size(before)


def _told(violations: Iterable[dict[str, Any]]) -> str:
    lines = []
    for violation in violations:
        lines.append(f"- {violation['id']} ({violation['impact']}): {violation['help']}")
        for node in violation["nodes"][:5]:
            lines.append(f"    {' '.join(map(str, node['target']))}: {node['html'][:160]}")
            lines += [f"      {part['message']}" for kind in ("any", "all", "none") for part in node[kind]]
    return "\n".join(lines)


@pytest.fixture(scope="session")
def axe() -> AxeCheck:
    return AxeCheck()


class NuCheck:
    """nu({"home": html, ...}) asserts that no page has an error: one Java start for all of them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, pages: dict[str, str]) -> None:
        assert pages, "No pages were given to the Nu checker."
        files = [self._write(number, html) for number, html in enumerate(pages.values())]
        names = dict(zip((file.name for file in files), pages, strict=True))
        told = [
            f"- {names.get(Path(message.get('url', '')).name, '?')}:{message.get('lastLine', '?')}: "
            f"{message['message']}\n    {message.get('extract', '')!r}"
            for message in self._run(files)
        ]
        assert not told, "The Nu checker found:\n" + "\n".join(told)

    def _write(self, number: int, html: str) -> Path:
        file = self._folder / f"page-{number}.html"
        file.write_text(html, encoding="utf-8")
        return file

    def _run(self, files: list[Path]) -> list[dict[str, Any]]:
        jar = django_settings.BASE_DIR / VNU
        if not jar.exists() or not shutil.which("java"):
            pytest.fail("The Nu checker needs Java and vnu-jar. Type: scripts/bootstrap --test")
        command = ["java", "-jar", str(jar), "--format", "json", "--errors-only", "--exit-zero-always"]
        done = subprocess.run([*command, *map(str, files)], capture_output=True, text=True, timeout=120)
        return list(json.loads(done.stderr)["messages"])


@pytest.fixture
def nu(tmp_path: Path) -> NuCheck:
    return NuCheck(tmp_path)
