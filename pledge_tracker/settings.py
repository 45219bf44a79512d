"""Every setting, in one file.

Nothing set: it runs, on SQLite and a folder as broker. ENVIRONMENT=production: it refuses to start
half-configured and names all that is missing at once.
"""

from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from environs import Env

from pledge_tracker import production
from pledge_tracker.browser_features import SELF_ONLY, SWITCHED_OFF

env = Env()
BASE_DIR = Path(__file__).resolve().parent.parent

# --- Which environment -------------------------------------------------------------------------
ENVIRONMENT = env.str("ENVIRONMENT", "local")
if ENVIRONMENT not in {"local", "demo", "test", "production"}:
    raise ImproperlyConfigured("ENVIRONMENT is one of: local, demo, test, production.")
PRODUCTION = ENVIRONMENT == "production"
DEMO = ENVIRONMENT == "demo"

if PRODUCTION and (refused := production.refusals(env)):
    raise ImproperlyConfigured("\n".join(refused))

DEBUG = env.bool("DEBUG", False) and not PRODUCTION
SECRET_KEY = env.str("SECRET_KEY", production.LOCAL_SECRET_KEY)
# Keys that were in use before still open what they closed.
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", [])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
SITE_URL = env.str("SITE_URL", "http://127.0.0.1:8000").rstrip("/")
CSRF_TRUSTED_ORIGINS = [SITE_URL]

# Where the embedded defaults keep their data; nothing in it is tracked.
VAR_DIR = Path(env.str("VAR_DIR", str(BASE_DIR / "var" / "demo" if DEMO else BASE_DIR / "var")))
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", str(VAR_DIR / "media")))

# --- Rooms and parts -----------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "crispy_forms",
    "django_celery_beat",
    "pledge_tracker",
    "staff",
    "reports",
    "reminders",
    "progress_updates",
    "signatories",
    "accounts",
    "mail",
    "design",
    "jobs",
]

MIDDLEWARE = [
    # First, so that static files, redirects and refusals of those below carry them too.
    "pledge_tracker.middleware.EveryAnswerMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "pledge_tracker.middleware.HealthMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    # Whoever asks who it is gets nobody once the session has run out.
    "accounts.session_middleware.SessionLimitsMiddleware",
    # Forgery protection reads the body only when the view is called, so this comes first; it may ask who it is.
    "pledge_tracker.middleware.BodyLimitMiddleware",
    # Pages are private unless their view says @login_not_required.
    "accounts.middleware.PrivateUnlessPublicMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "accounts.middleware.NoStoreWhenSignedInMiddleware",
    "accounts.middleware.RefusalsMiddleware",
    "signatories.middleware.FollowRenamedMiddleware",
]

ROOT_URLCONF = "pledge_tracker.urls"
WSGI_APPLICATION = "pledge_tracker.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            # {% csrf_token %} also says, signed, whose page it is.
            "builtins": ["accounts.templatetags.written_by"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "design.context.page_furniture",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = ("pledge",)
CRISPY_TEMPLATE_PACK = "pledge"

# --- Database --------------------------------------------------------------------------------------
DATABASES = {"default": env.dj_db_url("DATABASE_URL", f"sqlite:///{VAR_DIR / 'pledge_tracker.sqlite3'}")}
DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", 60)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    VAR_DIR.mkdir(parents=True, exist_ok=True)
    DATABASES["default"]["OPTIONS"] = {
        # Writers queue instead of failing, readers never wait.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Shared by all processes, and still there when Redis is not.
CACHES: dict[str, dict[str, object]] = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "shared_cache"},
    # Public pages as they were made, in each process, for the minute: accounts/public_pages.py. At most 50 MB.
    "pages": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "pages",
        "TIMEOUT": 60,
        "OPTIONS": {"MAX_ENTRIES": 200},
    },
}
if ENVIRONMENT == "test":
    # Tests make the same page of other data within a minute.
    CACHES["pages"] = {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}

# --- Workers ---------------------------------------------------------------------------------------
# Rows in the database are the record of what is to be done; the broker only wakes a worker.
REDIS_URL = env.str("REDIS_URL", "")
BROKER_DIR = VAR_DIR / "broker"
CELERY_TIMEZONE = "Europe/London"
CELERY_TASK_SERIALIZER = CELERY_RESULT_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# One slot for documents of updates, one for national reports, one for mail and all else.
CELERY_WORKER_CONCURRENCY = env.int("WORKER_CONCURRENCY", 3)
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_TASK_EAGER_PROPAGATES = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
if REDIS_URL:
    CELERY_BROKER_URL = REDIS_URL
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = {
        # A hung Redis must not hang a page.
        "socket_connect_timeout": 1,
        "socket_timeout": 1,
        "retry_on_timeout": False,
        # Without it one publish tries to connect for four seconds or more.
        "max_retries": 0,
        "visibility_timeout": 3600,
    }
else:
    for folder in ("messages", "control", "processed"):
        (BROKER_DIR / folder).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_URL = "filesystem://"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(BROKER_DIR / "messages"),
        "data_folder_out": str(BROKER_DIR / "messages"),
        "control_folder": str(BROKER_DIR / "control"),
        "processed_folder": str(BROKER_DIR / "processed"),
        "polling_interval": 0.5,
    }

# --- Mail --------------------------------------------------------------------------------------------
DEMO_MAILBOX = VAR_DIR / "mailbox"
if env.str("EMAIL_URL", ""):
    mail_server = {k: v for k, v in env.dj_email_url("EMAIL_URL").items() if k.startswith("EMAIL_")}
    # An unknown scheme would send in clear, silently.
    if "EMAIL_BACKEND" not in mail_server:
        raise ImproperlyConfigured(production.UNKNOWN_MAIL_SERVER)
    vars().update(mail_server)
    EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", 10)
elif DEMO:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = DEMO_MAILBOX
else:
    EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
MAIL_HOST = urlsplit(SITE_URL).hostname if PRODUCTION else "pledge-tracker.example"
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("MAIL_FROM", "") or f"Pledge Tracker <no-reply@{MAIL_HOST}>"

# Where people write who want to see, mend or erase what is kept about them, or who cannot use a page.
CONTACT_EMAIL = env.str("CONTACT_EMAIL", "pledge-team@synergi.example")

# --- People -------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/workspace/"
ACCOUNT_ADAPTER = "accounts.adapter.InvitationOnlyAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 600
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_LOGOUT_ON_GET = False
# How often something may be tried is in accounts/limits.py.
ACCOUNT_RATE_LIMITS = False
# How many proxies stand before us: the visitor's address is the one that the outermost of them saw.
TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", 1) if PRODUCTION else 0
MFA_ADAPTER = "accounts.mfa_adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION
# How old the last proof of who you are may be to sign, publish or change roles. Seconds.
FRESH_SIGN_IN_SECONDS = 600
# Of a visitor who is signing in: what they sent too late waits a day (accounts/kept.py).
# How long people stay signed in is in accounts/sessions.py.
SESSION_COOKIE_AGE = 25 * 60 * 60
SESSION_ENGINE = "accounts.session_store"
SESSION_SAVE_EVERY_REQUEST = False

# --- Security ------------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {name: [] for name in SWITCHED_OFF} | {name: ["self"] for name in SELF_ONLY}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_HTTPONLY = True
# What one request may hold; how many bytes is in pledge_tracker/body_limits.py. A past round has about 70 documents.
DATA_UPLOAD_MAX_NUMBER_FILES = 100
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
CSRF_FAILURE_VIEW = "pledge_tracker.errors.csrf_failure"
if PRODUCTION:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
    MESSAGE_STORAGE = "pledge_tracker.messages.HostStorage"
    SECURE_SSL_REDIRECT = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_REDIRECT_EXEMPT = [r"^health/"]
    SECURE_HSTS_SECONDS = 63072000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True

# --- Words and time ------------------------------------------------------------------------------------
LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/London"

# --- Static files ----------------------------------------------------------------------------------------
STATIC_URL = "/static/"
# Built by `make assets` from static/scss and static/js; the built folder is not tracked.
STATICFILES_DIRS = [BASE_DIR / "static" / "dist"]
STATIC_ROOT = VAR_DIR / "static"
if not PRODUCTION:
    STATIC_ROOT.mkdir(parents=True, exist_ok=True)
HASHED_STATIC = PRODUCTION or DEMO
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "whitenoise.storage.CompressedManifestStaticFilesStorage"
            if HASHED_STATIC
            else "django.contrib.staticfiles.storage.StaticFilesStorage"
        )
    },
}
WHITENOISE_USE_FINDERS = not HASHED_STATIC
WHITENOISE_ALLOW_ALL_ORIGINS = False

# --- Logs: ids and events, never free text or addresses ---------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "filters": {"mask_tokens": {"()": "pledge_tracker.masking.MaskTokens"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["mask_tokens"]}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", "INFO")},
}
