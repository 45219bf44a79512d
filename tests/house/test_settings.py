"""Nothing set: it runs. Production: all or nothing, and everything that is missing is named at once."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from pledge_tracker.production import LOCAL_SECRET_KEY
from tests.production import PRODUCTION


def manage(*words: str, tmp_path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """manage.py in an environment where nothing is set but what is given."""
    bare = {"PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path / "var")}
    return subprocess.run(
        [sys.executable, "-W", "error::DeprecationWarning:pledge_tracker", "manage.py", *words],
        cwd=settings.BASE_DIR,
        env=bare | environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


def production(tmp_path: Path, without: str = "") -> dict[str, str]:
    whole = PRODUCTION | {"MEDIA_ROOT": str(tmp_path / "media")}
    return {name: value for name, value in whole.items() if name != without}


def test_with_nothing_set_it_runs(tmp_path):
    done = manage("check", "--fail-level", "WARNING", tmp_path=tmp_path)
    assert (done.returncode, done.stdout) == (0, "System check identified no issues (0 silenced).\n")


def test_production_names_everything_that_is_missing_at_once(tmp_path):
    done = manage("check", tmp_path=tmp_path, ENVIRONMENT="production")
    assert done.returncode != 0
    assert done.stderr.splitlines()[-1].endswith(
        "ENVIRONMENT=production needs: SECRET_KEY, ALLOWED_HOSTS, DATABASE_URL, REDIS_URL, EMAIL_URL, "
        "MEDIA_ROOT, SITE_URL, CONTACT_EMAIL."
    )


@pytest.mark.parametrize("name", [*sorted(set(PRODUCTION) - {"ENVIRONMENT"}), "MEDIA_ROOT"])
def test_production_does_not_start_without(name, tmp_path):
    done = manage("check", tmp_path=tmp_path, **production(tmp_path, without=name))
    assert done.returncode != 0
    assert done.stderr.splitlines()[-1].endswith(f"ENVIRONMENT=production needs: {name}.")


KNOWN_KEY = "SECRET_KEY is a default that everybody can read. Take 50 random letters or more."
WEAK_KEY = "SECRET_KEY is weak: whoever guesses it signs in as anybody. Take 50 random letters or more."
SITE_FORM = "SITE_URL is https:// and the name of the site, like https://pledge.example.org."
DANGEROUS = {
    "SECRET_KEY": {
        LOCAL_SECRET_KEY: KNOWN_KEY,
        f"django-insecure-{'x7k' * 20}": KNOWN_KEY,
        "short": WEAK_KEY,
        "ab" * 40: WEAK_KEY,
    },
    "ALLOWED_HOSTS": dict.fromkeys(
        ("*", "pledge.example,*"),
        "ALLOWED_HOSTS takes any name, so a page could be had by another. Write the site's own names.",
    )
    | {",": "ALLOWED_HOSTS has no name in it. Write the site's own names."},
    "DATABASE_URL": dict.fromkeys(
        ("sqlite:////tmp/pledge.sqlite3", "sqlite://:memory:", "mysql://pledge:word@db.example/pledge"),
        "DATABASE_URL is not PostgreSQL (postgres://user:password@host:5432/name). SQLite is for trying out only.",
    ),
    "REDIS_URL": {
        "redis://redis.example:6379/0": "REDIS_URL has no password: whoever reaches the broker could start any task. "
        "Give Redis one.",
        "filesystem://": "REDIS_URL is redis://:password@host:6379/0, or rediss:// with TLS.",
    },
    "SITE_URL": {
        "http://pledge.example": "SITE_URL begins with https://.",
        "https://": SITE_FORM,
        "https://pledge.example/tracker/": SITE_FORM,
        "https://other.example": "SITE_URL has a name that is not in ALLOWED_HOSTS: every link that we mail would be "
        "refused.",
    },
    "CONTACT_EMAIL": {"the team": "CONTACT_EMAIL is not an e-mail address."},
    "SECRET_KEY_FALLBACKS": {
        LOCAL_SECRET_KEY: KNOWN_KEY.replace("SECRET_KEY", "SECRET_KEY_FALLBACKS"),
        f"{'x7k9Qw2Lm5' * 6},short": WEAK_KEY.replace("SECRET_KEY", "SECRET_KEY_FALLBACKS"),
    },
    "TRUSTED_PROXY_COUNT": dict.fromkeys(("-1", "one", "1.5"), "TRUSTED_PROXY_COUNT is a whole number, 0 or more."),
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in DANGEROUS.items() for value in values])
def test_production_does_not_start_with_what_is_weak_or_dangerous(name, value, tmp_path):
    done = manage("check", tmp_path=tmp_path, **production(tmp_path) | {name: value})
    assert done.returncode != 0
    assert done.stderr.splitlines()[-1] == f"django.core.exceptions.ImproperlyConfigured: {DANGEROUS[name][value]}"


def test_production_says_everything_at_once(tmp_path):
    wrong = {name: next(iter(values)) for name, values in DANGEROUS.items()}
    wrong |= {"EMAIL_URL": "smtp://mailer:word@mail.example:25", "CONTACT_EMAIL": "", "MEDIA_ROOT": ""}
    done = manage("check", tmp_path=tmp_path, **production(tmp_path) | wrong)
    said = done.stderr.partition("ImproperlyConfigured: ")[2].splitlines()
    assert said == [
        "ENVIRONMENT=production needs: MEDIA_ROOT, CONTACT_EMAIL.",
        *(DANGEROUS[name][wrong[name]] for name in ("SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "REDIS_URL")),
        "EMAIL_URL has a password that would travel in clear. Write submission://user:password@host:587 or "
        "smtp://user:password@host:465?ssl=True.",
        *(DANGEROUS[name][wrong[name]] for name in ("SITE_URL", "SECRET_KEY_FALLBACKS", "TRUSTED_PROXY_COUNT")),
    ]


@pytest.mark.parametrize("name", ["pledge.example,www.pledge.example", ".example", " pledge.example "])
def test_the_name_of_the_site_is_one_of_those_that_it_answers_to(name, tmp_path):
    done = manage("check", tmp_path=tmp_path, **production(tmp_path) | {"ALLOWED_HOSTS": name})
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("start", ["gunicorn", "celery"])
def test_no_process_of_production_starts_half_configured(start, tmp_path):
    """Not a command only: what serves and what works ends by itself, with the sentence."""
    words = {
        "gunicorn": ["gunicorn", "pledge_tracker.wsgi", "--bind", "127.0.0.1:0", "--no-control-socket"],
        "celery": ["celery", "-A", "pledge_tracker", "worker"],
    }[start]
    env = {"PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path), **production(tmp_path) | {"ALLOWED_HOSTS": "*"}}
    command = [sys.executable, "-m", *words]
    done = subprocess.run(command, cwd=settings.BASE_DIR, env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode != 0
    assert "ALLOWED_HOSTS takes any name" in done.stdout + done.stderr


def test_make_check_asks_djangos_own_deployment_checks():
    assert "\tscripts/check-deploy\n" in (settings.BASE_DIR / "Makefile").read_text()
    done = subprocess.run([settings.BASE_DIR / "scripts/check-deploy"], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "System check identified no issues (0 silenced).\n"), done.stderr


def test_production_passes_djangos_own_deployment_checks(tmp_path):
    done = manage("check", "--deploy", "--fail-level", "WARNING", tmp_path=tmp_path, **production(tmp_path))
    assert (done.returncode, done.stdout) == (0, "System check identified no issues (0 silenced).\n"), done.stderr


def test_an_unknown_environment_is_refused(tmp_path):
    done = manage("check", tmp_path=tmp_path, ENVIRONMENT="prod")
    assert done.stderr.splitlines()[-1].endswith("ENVIRONMENT is one of: local, demo, test, production.")


def test_the_demo_exists_only_in_the_demo(tmp_path):
    asked = "from django.urls import resolve; resolve('/demo/mail/')"
    assert manage("shell", "-c", asked, tmp_path=tmp_path, ENVIRONMENT="demo").returncode == 0
    refused = manage("shell", "-c", asked, tmp_path=tmp_path, **production(tmp_path))
    assert "Resolver404" in refused.stderr


SHOWN = """
from allauth.account.adapter import get_adapter
from django.conf import settings
from django.test import RequestFactory
asked = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="6.6.6.6, 192.0.2.7, 192.0.2.8")
print(settings.DEFAULT_FROM_EMAIL, get_adapter().get_client_ip(asked), sep="|")
"""


@pytest.mark.parametrize(
    ("given", "sender", "visitor"),
    [
        ({}, "Pledge Tracker <no-reply@pledge.example>", "192.0.2.8"),
        ({"MAIL_FROM": "team@synergi.example"}, "team@synergi.example", "192.0.2.8"),
        ({"TRUSTED_PROXY_COUNT": "2"}, "Pledge Tracker <no-reply@pledge.example>", "192.0.2.7"),
    ],
)
def test_production_writes_from_its_own_host_and_knows_visitors_behind_a_proxy(given, sender, visitor, tmp_path):
    done = manage("shell", "-v0", "-c", SHOWN, tmp_path=tmp_path, **production(tmp_path), **given)
    assert done.stdout.strip() == f"{sender}|{visitor}", done.stderr


def test_elsewhere_nobody_can_claim_another_address(tmp_path):
    done = manage("shell", "-v0", "-c", SHOWN, tmp_path=tmp_path)
    assert done.stdout.strip().endswith("|10.0.0.1"), done.stderr


@pytest.mark.parametrize(
    ("address", "refused"),
    [
        ("submission://mailer:word@mail.example:587", ""),
        ("smtp://mailer:word@mail.example:465?ssl=True", ""),
        ("smtp://catcher.example:1025", ""),
        ("smtp+tls://mailer:word@mail.example:587", "EMAIL_URL is submission://"),
        # These write sign-in codes into a log or a folder, or send nothing.
        *((address, "EMAIL_URL is submission://") for address in ("console://", "file:///tmp/mail", "dummy://")),
        ("smtp://mailer:word@mail.example:25", "EMAIL_URL has a password that would travel in clear."),
    ],
)
def test_codes_leave_by_a_mail_server_and_its_password_never_travels_in_clear(address, refused, tmp_path):
    done = manage("check", tmp_path=tmp_path, **production(tmp_path) | {"EMAIL_URL": address})
    if refused:
        assert f"ImproperlyConfigured: {refused}" in done.stderr.splitlines()[-1]
    else:
        assert done.returncode == 0, done.stderr
