"""`python -m bench`: measures, prints one table, writes a JSON file."""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

import django

from bench import words
from bench.site import PROJECT, Servers, Site

PAGE = PROJECT / "docs" / "performance.md"
INTRODUCTION, MEASURED = "<!-- measured: written by make bench ARGS=--write -->", "<!-- end of what is measured -->"


def main() -> int:
    given = _arguments()
    began, folder = time.monotonic(), Path(tempfile.mkdtemp(prefix="pledge-bench-"))
    folder.chmod(0o711)
    try:
        result = measure(Servers(folder), given)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    result["seconds"] = round(time.monotonic() - began)
    file = given.out / f"{result['date']}-{result['commit']}.json"
    given.out.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(result, indent=1))
    sys.stdout.write(f"{words.table(result)}\nIn {file}. It took {result['seconds']} s.\n")
    if given.write:
        write_page(words.table(result))
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[60, 100, 1000, 10_000], metavar="N",
                        help="numbers of Pledge Makers, ascending; the documents are those of the first")  # fmt: skip
    parser.add_argument("--rounds", type=int, default=20, help="the last one is open")
    parser.add_argument("--seconds", type=float, default=4, help="for each page, twice")
    parser.add_argument("--times", type=int, default=5, help="for the PDF of one update; the middle one counts")
    parser.add_argument("--asks", type=int, default=200, help="sign-in codes asked for, with either kind of address")
    parser.add_argument("--out", type=Path, default=PROJECT / "var" / "bench")
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    return parser.parse_args()


def measure(servers: Servers, given: argparse.Namespace) -> dict[str, Any]:
    result: dict[str, Any] = {"date": f"{date.today()}", "commit": _commit(), "rounds": given.rounds,
                              "machine": _machine(servers), "sizes": [], "documents": [], "sign_in": []}  # fmt: skip
    for makers in given.sizes:
        with servers.new_database(f"pledge_bench_{os.getpid()}_{makers}") as database:
            site = Site(servers, database)
            if not result["sizes"]:
                site.manage("collectstatic", "--noinput", "--verbosity=0")
            seconds = site.fill(makers, given.rounds)
            _say(f"{makers} Pledge Makers invented in {seconds:.0f} s")
            size = {"makers": makers, "seed_seconds": seconds, "updates": site.count("progress_updates_progressupdate")}
            size["pages"] = site.measure_pages(given.seconds)
            if not result["documents"]:
                result["documents"] = site.inside("documents", str(given.times))
                result["sign_in"] = site.inside("sign_in", str(given.asks))
            size["reminders"] = site.inside("reminders")
            result["sizes"].append(size)
    return result


def _say(text: str) -> None:
    sys.stderr.write(f"bench: {text}\n")


def _commit() -> str:
    done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=PROJECT, capture_output=True, text=True)
    return done.stdout.strip() or "unknown"


def _machine(servers: Servers) -> dict[str, Any]:
    told = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    processor = next((line.partition(":")[2].strip() for line in told if line.startswith("model name")), "unknown")
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return {"cores": os.cpu_count(), "processor": processor, "memory": f"{gigabytes:.0f} GB",
            "python": platform.python_version(), "django": django.__version__,
            "postgresql": str(servers.sql("SHOW server_version")[0]).split()[0]}  # fmt: skip


def write_page(table: str) -> None:
    """Puts the table between its marks; what people wrote around it stays."""
    before, _, rest = PAGE.read_text().partition(INTRODUCTION)
    after = rest.partition(MEASURED)[2]
    PAGE.write_text(f"{before}{INTRODUCTION}\n\n{table}\n{MEASURED}{after}")


if __name__ == "__main__":
    sys.exit(main())
