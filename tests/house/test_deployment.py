"""What stands in Dockerfile, docker-compose.yml, .env.example and docs/deployment.md, held against the code."""

import ast
import json
import os
import re
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.management import get_commands

from deploy import compose, dockerfile
from pledge_tracker import demo
from pledge_tracker.production import REQUIRED as REQUIRED_IN_PRODUCTION

ROOT = Path(settings.BASE_DIR)
BUILD, FINAL = dockerfile.read(ROOT / "Dockerfile")
GUIDE = (ROOT / "docs/deployment.md").read_text()
SECRETS = ("SECRET_KEY", "POSTGRES_PASSWORD", "APPLICATION_PASSWORD", "REDIS_PASSWORD")
ENV = {"SITE_HOST": "pledge.example", "CONTACT_EMAIL": "team@pledge.example"} | dict.fromkeys(SECRETS, "0123")
SERVICES = compose.read(ROOT / "docker-compose.yml", ENV)["services"]
OURS = {name: one for name, one in SERVICES.items() if one["image"].startswith("pledge-tracker:")}


def command(name: str) -> list[str]:
    return OURS[name].get("command") or FINAL.last("CMD").as_list()


# --- The image ---------------------------------------------------------------------------------------------


def test_the_image_runs_as_nobody_of_importance():
    assert FINAL.last("USER").text == "10001:10001"
    assert "--uid 10001" in FINAL.last("RUN").text


def test_the_last_stage_has_no_build_tools():
    [run] = FINAL.all("RUN")
    installed = re.findall(r"apt-get install ([^&]*)&&", run.text)
    [packages] = [[word for word in line.split() if not word.startswith("-")] for line in installed]
    assert packages == ["fonts-dejavu-core", "libharfbuzz-subset0", "libpango-1.0-0", "libpangoft2-1.0-0"]
    assert "pip uninstall --yes pip setuptools wheel" in run.text
    copied = [one.text for one in FINAL.all("COPY")]
    assert copied == ["--from=build /opt/venv /opt/venv", "--from=build /app /app"]  # Node stays in /opt/node


def test_bootstrap_and_image_install_the_same_libraries_for_pdfs():
    needed = set(re.findall(r"^need (lib\S+|fonts\S+)", (ROOT / "scripts/bootstrap").read_text(), re.MULTILINE))
    assert needed == {"fonts-dejavu-core", "libharfbuzz-subset0", "libpango-1.0-0", "libpangoft2-1.0-0"}


def test_packages_come_from_the_locks_only():
    installs = re.findall(r"pip --python \S+ install (.*?)(?:&&|$)", " && ".join(one.text for one in BUILD.all("RUN")))
    assert [line.split() for line in installs] == [
        ["--require-hashes", "--only-binary", ":all:", "-r", f"requirements/{name}.txt"] for name in ("run", "build")
    ]


def test_both_stages_stand_on_the_same_debian():
    assert {BUILD.base, FINAL.base} == {"python:3.11-slim-bookworm"}


def test_the_image_gets_the_rooms_and_nothing_of_ours_besides():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    sent = dockerfile.context([name for name in listed if name], ROOT / ".dockerignore")
    rooms = {path.parent.name for path in ROOT.glob("*/apps.py")}
    assert {name.split("/")[0] for name in sent} == rooms | {
        "templates", "static", "scripts", "requirements", "manage.py", "package.json", "package-lock.json", ".npmrc"
    }  # fmt: skip
    assert dockerfile.context([".env", "static/dist/app.css", "mail/__pycache__/x.pyc", "locale/x.po"],
                              ROOT / ".dockerignore") == ["locale/x.po"]  # fmt: skip


def test_a_line_that_the_rehearsal_does_not_know_is_refused(tmp_path):
    (tmp_path / "Dockerfile").write_text("FROM x\nADD y z\n")
    with pytest.raises(ValueError, match="ADD is not known here"):
        dockerfile.read(tmp_path / "Dockerfile")


# --- The services ------------------------------------------------------------------------------------------


def test_hadolint_finds_nothing():
    done = subprocess.run([ROOT / ".venv/bin/hadolint", "Dockerfile"], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_services_are_those_of_the_demonstration_and_what_they_need():
    assert set(OURS) == {"prepare", "web", "worker", "beat"}
    assert set(SERVICES) - set(OURS) == {"postgres", "redis", "mail", "proxy"}


def test_web_serves_as_the_demonstration_does():
    [web] = [child for child in demo.children(8000) if child.name == "web"]
    for option, value in (("--worker-class", "gthread"), ("--workers", "2"), ("--threads", "4")):
        for words in (command("web"), web.command):
            assert words[words.index(option) + 1] == value


def queues(words: list[str]) -> set[str]:
    """The queues that a worker hears; "celery" is what Celery calls its only one."""
    named = [word.partition("=")[2] or words[place + 1] for place, word in enumerate(words)
             if re.fullmatch(r"(--queues|-Q)(=.*)?", word)]  # fmt: skip
    return set(",".join(named).split(",")) if named else {"celery"}


def test_workers_hear_every_queue_that_the_demonstration_hears():
    workers = [child.command for child in demo.children(8000) if "worker" in child.command]
    ours = [command(name) for name in OURS if "worker" in command(name)]
    assert set.union(*map(queues, ours)) == set.union(*map(queues, workers))


def test_beat_runs_once_and_keeps_nothing_on_disk():
    assert [name for name in OURS if "beat" in command(name)] == ["beat"]
    assert "--pidfile=" in command("beat")
    assert settings.CELERY_BEAT_SCHEDULER == "django_celery_beat.schedulers:DatabaseScheduler"


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_nobody_has_rights_or_a_disk_beyond_what_is_needed(name):
    service = SERVICES[name]
    assert (service["cap_drop"], service["security_opt"]) == (["ALL"], ["no-new-privileges:true"])
    assert service["read_only"] is True
    assert service.get("cap_add", []) == (["NET_BIND_SERVICE"] if name == "proxy" else [])


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"prepare"}))
def test_everybody_starts_again_and_says_how_they_are(name):
    assert SERVICES[name]["restart"] == "unless-stopped"
    assert name == "web" or SERVICES[name]["healthcheck"]["test"]  # web's stands in the Dockerfile
    assert "/health/ready" in FINAL.last("HEALTHCHECK").text


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_nobody_starts_before_the_tables_are_there(name):
    assert OURS[name]["depends_on"]["prepare"] == {"condition": "service_completed_successfully"}
    assert OURS["prepare"]["depends_on"]["postgres"] == {"condition": "service_healthy"}


def test_only_what_migrates_owns_the_tables():
    users = {name: urlsplit(one["environment"]["DATABASE_URL"]).username for name, one in OURS.items()}
    role = "pledge_application"
    assert users == {"prepare": "pledge", "web": role, "worker": role, "beat": role}
    migrated, granted, _imported = command("prepare")[2].split(" && ")
    granting = f"python manage.py grant_application_role {role}"
    assert (migrated, granted) == ("python manage.py migrate --noinput", granting)
    assert [name for name, one in OURS.items() if "APPLICATION_ROLE_PASSWORD" in one["environment"]] == ["prepare"]


def test_only_the_proxy_is_open_to_the_world():
    ports = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert ports == {"mail": ["127.0.0.1:8025:8025"], "proxy": ["80:80", "443:443"]}
    assert [name for name, one in SERVICES.items() if one["networks"] == ["data"]] == ["postgres", "redis"]


@pytest.mark.parametrize("name", ["prepare", "web", "worker", "beat"])
def test_the_services_have_every_setting_that_production_requires(name):
    assert [one for one in ("ENVIRONMENT", *REQUIRED_IN_PRODUCTION) if not OURS[name]["environment"].get(one)] == []


# --- .env --------------------------------------------------------------------------------------------------


def test_env_example_has_every_variable_of_the_services_and_no_other():
    known = compose.read_env(ROOT / ".env.example")
    assert set(known) == compose.names(ROOT / "docker-compose.yml") - {"VERSION", "MAIL_PORT"}


def test_env_example_names_every_setting_that_production_requires():
    text = (ROOT / ".env.example").read_text()
    assert [name for name in REQUIRED_IN_PRODUCTION if name not in text] == []


def test_env_example_explains_each_and_holds_no_secret():
    blocks = (ROOT / ".env.example").read_text().strip().split("\n\n")[1:]
    assert [block for block in blocks if not block.startswith("# ")] == []
    known = compose.read_env(ROOT / ".env.example")
    assert [known[name] for name in SECRETS] == [""] * 4


def new_env(target: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([ROOT / "scripts/new-env", *words], env={**os.environ, "ENV_FILE": str(target)},
                          capture_output=True, text=True)  # fmt: skip


def test_new_env_makes_fresh_secrets_that_only_you_can_read(tmp_path):
    assert [new_env(tmp_path / name, "pledge.example").returncode for name in ("one", "two")] == [0, 0]
    one, two = (compose.read_env(tmp_path / name) for name in ("one", "two"))
    assert one["SITE_HOST"] == "pledge.example"
    assert [len(one[name]) for name in SECRETS] == [128, 64, 64, 64]
    assert len({one[name] for name in one if name.endswith(("KEY", "WORD"))} & set(two.values())) == 0
    assert (tmp_path / "one").stat().st_mode & 0o077 == 0
    compose.read(ROOT / "docker-compose.yml", one)


def test_new_env_never_throws_secrets_away(tmp_path):
    (tmp_path / ".env").write_text("SECRET_KEY=kept\n")
    assert new_env(tmp_path / ".env").returncode == 1
    assert (tmp_path / ".env").read_text() == "SECRET_KEY=kept\n"


def test_compose_refuses_to_start_without_secrets():
    with pytest.raises(ValueError, match="SECRET_KEY: Run scripts/new-env first"):
        compose.read(ROOT / "docker-compose.yml", {"SITE_HOST": "x"})


def test_env_is_never_tracked():
    done = subprocess.run(["git", "check-ignore", ".env"], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == ".env\n"


# --- The guide ---------------------------------------------------------------------------------------------


def asked_of_the_environment() -> set[str]:
    """Every name that settings.py reads: env.str("NAME", ...), env.int(...) and the like."""
    calls = [node for node in ast.walk(ast.parse((ROOT / "pledge_tracker/settings.py").read_text()))
             if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
             and isinstance(node.func.value, ast.Name) and node.func.value.id == "env"]  # fmt: skip
    return {node.args[0].value for node in calls if isinstance(node.args[0], ast.Constant)}


def test_the_table_of_settings_is_complete_and_says_what_is_required():
    told = dict(re.findall(r"^\| `([A-Z_]+)` \| (yes|no) \|", GUIDE, re.MULTILINE))
    assert set(told) == asked_of_the_environment()
    assert {name for name, required in told.items() if required == "yes"} == {"ENVIRONMENT", *REQUIRED_IN_PRODUCTION}


def test_every_command_of_the_guide_exists():
    named = set(re.findall(r"manage\.py ([a-z_]+)", GUIDE))
    assert len(named) > 8
    assert named - set(get_commands()) == set()
    scripts = set(re.findall(r"scripts/([a-z-]+)", GUIDE))
    assert [name for name in scripts if not os.access(ROOT / "scripts" / name, os.X_OK)] == []


def test_every_figure_that_the_guide_watches_is_on_the_status_page(db, client):
    shown = json.loads(client.get("/status?format=json").content)
    watched = set(re.findall(r"`((?:mail|documents|planner|worker)_\w+)`", GUIDE))
    assert len(watched) > 4
    assert watched - set(shown) == set()
