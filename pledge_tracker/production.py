"""What production refuses to start with. Every sentence at once, so that nobody mends one thing at a time."""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http.request import validate_host
from environs import Env

REQUIRED = (
    "SECRET_KEY",
    "ALLOWED_HOSTS",
    "DATABASE_URL",
    "REDIS_URL",
    "EMAIL_URL",
    "MEDIA_ROOT",
    "SITE_URL",
    "CONTACT_EMAIL",
)
# The key of a developer's machine, which everybody can read here.
LOCAL_SECRET_KEY = "local-only-secret-key-never-used-in-production-0123456789"
# Letters in all, and different ones. Random ones have far more.
SECRET_LENGTH, SECRET_VARIETY = 50, 10
# Whoever reads a log or a folder could sign in with the codes in it; or nothing would leave at all.
MAIL_SERVERS = {"smtp", "smtps", "submission", "submit"}
EMAIL_URL_FORMS = "submission://user:password@host:587 or smtp://user:password@host:465?ssl=True"
UNKNOWN_MAIL_SERVER = f"EMAIL_URL is {EMAIL_URL_FORMS}."


def refusals(env: Env) -> list[str]:
    """A sentence for each setting that is missing, weak or dangerous; empty when the site may start."""
    missing = [name for name in REQUIRED if not env.str(name, "")]
    said = [f"ENVIRONMENT=production needs: {', '.join(missing)}."] if missing else []
    return said + [why for name, check in CHECKS.items() if name not in missing and (why := check(env, name))]


def _secret_key(env: Env, name: str) -> str:
    return _weakness(name, env.str(name))


def _keys_before(env: Env, name: str) -> str:
    """A key that was in use before opens as much as the one of now."""
    keys: list[str] = env.list(name, [])
    return next((said for key in keys if (said := _weakness(name, key))), "")


def _weakness(name: str, key: str) -> str:
    if key == LOCAL_SECRET_KEY or key.startswith("django-insecure-"):
        return f"{name} is a default that everybody can read. Take 50 random letters or more."
    if len(key) < SECRET_LENGTH or len(set(key)) < SECRET_VARIETY:
        return f"{name} is weak: whoever guesses it signs in as anybody. Take 50 random letters or more."
    return ""


def _hosts(env: Env, name: str) -> str:
    hosts = _own_names(env)
    if "*" in hosts:
        return "ALLOWED_HOSTS takes any name, so a page could be had by another. Write the site's own names."
    return "" if hosts else "ALLOWED_HOSTS has no name in it. Write the site's own names."


def _own_names(env: Env) -> list[str]:
    hosts: list[str] = env.list("ALLOWED_HOSTS", [])
    return [host.strip() for host in hosts if host.strip()]


def _database(env: Env, name: str) -> str:
    if urlsplit(env.str(name)).scheme in {"postgres", "postgresql"}:
        return ""
    return "DATABASE_URL is not PostgreSQL (postgres://user:password@host:5432/name). SQLite is for trying out only."


def _broker(env: Env, name: str) -> str:
    address = urlsplit(env.str(name))
    if address.scheme not in {"redis", "rediss"}:
        return "REDIS_URL is redis://:password@host:6379/0, or rediss:// with TLS."
    if not address.password:
        return "REDIS_URL has no password: whoever reaches the broker could start any task. Give Redis one."
    return ""


def _site(env: Env, name: str) -> str:
    """Every mailed link begins with it, and a form from it is believed."""
    address = urlsplit(env.str(name))
    if address.scheme != "https":
        return "SITE_URL begins with https://."
    if not address.hostname or address.path.strip("/") or address.query or address.fragment:
        return "SITE_URL is https:// and the name of the site, like https://pledge.example.org."
    names = _own_names(env)
    if names and "*" not in names and not validate_host(address.hostname, names):
        return "SITE_URL has a name that is not in ALLOWED_HOSTS: every link that we mail would be refused."
    return ""


def _proxies(env: Env, name: str) -> str:
    """Counted from the wrong end, a visitor could say where they come from."""
    count = env.str(name, "") or "1"
    return "" if count.isascii() and count.isdigit() else "TRUSTED_PROXY_COUNT is a whole number, 0 or more."


def _contact(env: Env, name: str) -> str:
    try:
        validate_email(env.str(name))
    except ValidationError:
        return "CONTACT_EMAIL is not an e-mail address."
    return ""


def _mail_server(env: Env, name: str) -> str:
    """An unknown scheme would send in clear, silently; a password must not travel so either."""
    if urlsplit(env.str(name)).scheme not in MAIL_SERVERS:
        return UNKNOWN_MAIL_SERVER
    server = env.dj_email_url(name)
    in_clear = not (server["EMAIL_USE_TLS"] or server["EMAIL_USE_SSL"])
    if in_clear and server["EMAIL_HOST_PASSWORD"]:
        return f"EMAIL_URL has a password that would travel in clear. Write {EMAIL_URL_FORMS}."
    return ""


CHECKS: dict[str, Callable[[Env, str], str]] = {
    "SECRET_KEY": _secret_key,
    "ALLOWED_HOSTS": _hosts,
    "DATABASE_URL": _database,
    "REDIS_URL": _broker,
    "EMAIL_URL": _mail_server,
    "SITE_URL": _site,
    "CONTACT_EMAIL": _contact,
    "SECRET_KEY_FALLBACKS": _keys_before,
    "TRUSTED_PROXY_COUNT": _proxies,
}
