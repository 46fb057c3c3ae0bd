"""Settings of the clinic website, read from the environment (docs/running.md lists the names)."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.core.exceptions import ImproperlyConfigured
from environs import Env

from clinic.lib import file_modes
from clinic.lib.calendar import zone_data
from clinic.operations import installation_keys

zone_data.use_newest()  # before anything reads a zone

env = Env()
os.umask(file_modes.UMASK)  # every process reads this: database, mail, backups and logs are private

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.str("DATA_DIR", str(BASE_DIR / "var"))).resolve()
try:
    DATA_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
except OSError as error:
    raise ImproperlyConfigured(f"DATA_DIR cannot be used: {error}") from error

PORT = env.int("PORT", 8000)
SITE_URL = env.str("SITE_URL", f"http://127.0.0.1:{PORT}").rstrip("/")
if urlsplit(SITE_URL).scheme not in ("http", "https") or not urlsplit(SITE_URL).hostname:
    raise ImproperlyConfigured("SITE_URL must be an address such as https://clinic.example.")
SITE_IS_SECURE = SITE_URL.startswith("https://")
WEB_WORKERS = env.int("WEB_WORKERS", 2)
ACCESS_LOG = env.bool("ACCESS_LOG", True)
# For all who see enquiries; empty: required, but in a demo optional
# (clinic.accounts.second_factor).
SECOND_FACTOR = env.str("SECOND_FACTOR", "")
if SECOND_FACTOR not in ("", "required", "optional"):
    raise ImproperlyConfigured("SECOND_FACTOR is “required” or “optional”.")

# -- database -------------------------------------------------------------------------------
# SQLite keeps every committed request through a power cut: WAL with synchronous=FULL.
DATABASES = {
    "default": env.dj_db_url("DATABASE_URL", f"sqlite:///{DATA_DIR / 'db.sqlite3'}"),
}
_database = DATABASES["default"]
if _database["ENGINE"].rpartition(".")[2] not in ("sqlite3", "postgresql"):
    raise ImproperlyConfigured("DATABASE_URL must start with postgres:// or sqlite:///.")
if _database["ENGINE"] == "django.db.backends.sqlite3":
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # Recursive triggers: REPLACE then asks the guards, as every other deletion does.
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA recursive_triggers=ON; "
            "PRAGMA secure_delete=ON;"  # what is erased is overwritten
        ),
    }
else:
    _database["CONN_HEALTH_CHECKS"] = True
# To open SQLite costs as much as three queries: the statements above, and Django's 60 functions.
_database["CONN_MAX_AGE"] = 60
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# -- keys -----------------------------------------------------------------------------------
_keys = installation_keys.load(
    DATA_DIR,
    secret=env.str("SECRET_KEY", ""),
    health=env.list("HEALTH_DATA_KEYS", []),
    database=_database,
)
SECRET_KEY = _keys.secret
HEALTH_DATA_KEYS = _keys.health

# -- the application ------------------------------------------------------------------------
# For `make dev` alone: Django's error pages show settings and code.
DEBUG = env.bool("DEBUG", False)
if DEBUG and SITE_IS_SECURE:
    raise ImproperlyConfigured(
        "DEBUG is only for a site on this machine: do not set an https SITE_URL."
    )
ROOT_URLCONF = "clinic.urls"
WSGI_APPLICATION = "clinic.dev.application" if DEBUG else "clinic.wsgi.application"
FORCE_SCRIPT_NAME = ""  # the root of its host, whatever a server or a header says
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", [])
if not ALLOWED_HOSTS:
    _host = urlsplit(SITE_URL).hostname or "127.0.0.1"
    ALLOWED_HOSTS = ["127.0.0.1", "localhost"] if not SITE_IS_SECURE else [_host, "127.0.0.1"]

INSTALLED_APPS = [
    "clinic",
    "articles",
    "bookings",
    "markdownx",
    "clinic.admin_site.StaffAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
]

MIDDLEWARE = [
    "clinic.middleware.SecurityHeaders",
    "clinic.middleware.ReadableRequests",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "clinic.middleware.FairShare",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "clinic.middleware.SignedOut",
    "clinic.middleware.SecondFactor",
    "clinic.middleware.ConfirmedFirst",
]
if DEBUG:
    MIDDLEWARE.insert(0, "clinic.dev.QueryBar")

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "clinic.site.page_context.context",
            ],
        },
    },
]

if DEBUG:  # a changed template shows at the next request
    TEMPLATES[0]["APP_DIRS"] = False
    TEMPLATES[0]["OPTIONS"]["loaders"] = [
        "django.template.loaders.filesystem.Loader",
        "django.template.loaders.app_directories.Loader",
    ]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"  # our widgets' templates are found

# -- people who sign in ---------------------------------------------------------------------
AUTH_USER_MODEL = "clinic.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "clinic.accounts.own_words.OwnWordsValidator"},
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"

# -- cookies: none on public pages ----------------------------------------------------------
_prefix = "__Secure-" if SITE_IS_SECURE else ""
SESSION_COOKIE_NAME = f"{_prefix}sessionid"
SESSION_COOKIE_PATH = "/admin/"
SESSION_COOKIE_SECURE = SITE_IS_SECURE
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 60 * 60
CSRF_COOKIE_NAME = f"{_prefix}csrftoken"
CSRF_COOKIE_SECURE = SITE_IS_SECURE
CSRF_COOKIE_HTTPONLY = True
# Lax: a page opened from another site sends the cookie, so it does not replace the secret of
# forms that are open in other tabs.
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_AGE = None
CSRF_FAILURE_VIEW = "clinic.site.views.csrf_failure"
CSRF_TRUSTED_ORIGINS = [SITE_URL] if SITE_IS_SECURE else []
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# -- transport ------------------------------------------------------------------------------
if SITE_IS_SECURE:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
# What `check --deploy` asks for, and is done elsewhere or left to the operator:
SILENCED_SYSTEM_CHECKS = [
    "security.W002",  # X-Frame-Options comes from clinic.middleware.SecurityHeaders
    "security.W005",  # other sites below the same domain need not have HTTPS
    "security.W008",  # the proxy redirects to HTTPS (deploy/), before a request arrives here
    "security.W021",  # to be in browsers' lists for good is the operator's decision
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

# -- language, files, mail ------------------------------------------------------------------
# One English, and four ways to write dates and times in it (clinic.formats); requests, emails and
# duties use the clinic's own (Clinic.locale).
LANGUAGES = [
    ("en-CA", "English (Canada)"),
    ("en-US", "English (United States)"),
    ("en-GB", "English (United Kingdom)"),
    ("en-AU", "English (Australia)"),
]
LANGUAGE_CODE = "en-CA"
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
FORMAT_MODULE_PATH = ["clinic.formats"]
USE_TZ = True
TIME_ZONE = "UTC"  # views activate the clinic's zone

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
FILE_UPLOAD_PERMISSIONS = 0o600  # this process serves them itself
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
MEDIA_URL = "/media/"
MEDIA_ROOT = DATA_DIR / "media"
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "clinic.staticfiles.OneSheetStorage"},
}
if _media := env.str("MEDIA_STORAGE", ""):
    _bucket = urlsplit(_media)
    if _bucket.scheme != "s3" or not _bucket.netloc:
        raise ImproperlyConfigured("MEDIA_STORAGE is s3://bucket?endpoint=https://….")
    STORAGES["default"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": _bucket.netloc,
            "endpoint_url": dict(parse_qsl(_bucket.query)).get("endpoint"),
            "default_acl": None,
            "file_overwrite": False,
            "querystring_auth": False,
        },
    }

# Without EMAIL_URL a demo writes its mail to files; anything else refuses to start (serve).
EMAIL_IS_SET = bool(env.str("EMAIL_URL", ""))
if EMAIL_IS_SET:
    _mail = env.dj_email_url("EMAIL_URL")
    if "EMAIL_BACKEND" not in _mail:
        raise ImproperlyConfigured(
            "EMAIL_URL must start with submission:// (STARTTLS) or smtp:// (unencrypted, or "
            "implicit TLS with ?ssl=true at its end)."
        )
    EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
    EMAIL_HOST = _mail["EMAIL_HOST"]
    EMAIL_PORT = _mail["EMAIL_PORT"]
    EMAIL_HOST_USER = _mail["EMAIL_HOST_USER"]
    EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_PASSWORD"]
    EMAIL_USE_TLS = _mail["EMAIL_USE_TLS"]
    EMAIL_USE_SSL = _mail["EMAIL_USE_SSL"]
else:
    EMAIL_BACKEND = "clinic.mail.file_backend.EmailBackend"
EMAIL_FILE_PATH = DATA_DIR / "mail"
EMAIL_TIMEOUT = 20

# Where the worker, the email queue and backups report to (clinic.operations.pings).
CHECK_URLS = {
    name: env.str(f"CHECK_URL_{name.upper()}", "").rstrip("/")
    for name in ("worker", "mail", "backup")
}
for _name, _url in CHECK_URLS.items():
    if _url and not _url.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
        raise ImproperlyConfigured(f"CHECK_URL_{_name.upper()} must be an https address.")

# The nightly backup (clinic.operations.backups.nightly): where it is stored, and the file with the
# public key that it is encrypted for.
BACKUP_TO: list[str] = env.list("BACKUP_TO", default=[])
for _place in BACKUP_TO:
    if not _place.startswith(("/", "s3://")):
        raise ImproperlyConfigured(
            "BACKUP_TO must be full paths of folders, or s3://bucket/folder, separated by commas."
        )
BACKUP_COMMAND = env.str("BACKUP_COMMAND", "")
BACKUP_RECIPIENT = env.str("BACKUP_RECIPIENT", "")
# Who gets alarms and reports of errors by email (clinic.operations.operator_mail).
OPERATOR_EMAIL = env.str("OPERATOR_EMAIL", "")

# -- the editor -----------------------------------------------------------------------------
MARKDOWNX_MARKDOWNIFY_FUNCTION = "articles.manuscript.content_hash.preview_html"
MARKDOWNX_URLS_PATH = "/admin/markdownx/markdownify/"
MARKDOWNX_UPLOAD_URLS_PATH = "/admin/markdownx/upload/"

# Whether a pasted DOI or PMID may be looked up, at Crossref and NCBI.
REFERENCE_LOOKUPS = env.bool("REFERENCE_LOOKUPS", True)
# Where the worker looks every night for retractions and corrections: "crossref", and files as
# `manage.py watch_references` reads them, separated by commas. Empty: nowhere.
REFERENCE_WATCH: list[str] = env.list("REFERENCE_WATCH", default=[])

# Hosts on private networks from which practitioners' calendars may be read.
PRIVATE_CALENDAR_HOSTS: list[str] = env.list("PRIVATE_CALENDAR_HOSTS", default=[])

# -- log: to standard error, without addresses, query strings and private links ---------------
LOG_FORMAT = env.str("LOG_FORMAT", "line")
if LOG_FORMAT not in ("line", "json"):
    raise ImproperlyConfigured("LOG_FORMAT is “line” or “json”.")
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"private_links": {"()": "clinic.lib.web.link_masking.MaskPrivateLinks"}},
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"},
        "json": {"()": "clinic.lib.json_log.JSONFormatter"},
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": LOG_FORMAT,
            "filters": ["private_links"],
        }
    },
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.request": {"level": "ERROR"},
        "httpx": {"level": "WARNING"},  # the addresses that are pinged are secrets
        "django.server": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        "django.security.DisallowedHost": {"level": "CRITICAL"},
    },
}
if OPERATOR_EMAIL:
    LOGGING["handlers"]["operator"] = {
        "class": "clinic.operations.operator_mail.ErrorReports",
        "level": "ERROR",
    }
    LOGGING["root"]["handlers"].append("operator")
# For operators who have Django email errors to them (ADMINS, AdminEmailHandler).
DEFAULT_EXCEPTION_REPORTER = "clinic.lib.web.link_masking.DiscreetReporter"
DEFAULT_EXCEPTION_REPORTER_FILTER = "clinic.lib.web.link_masking.DiscreetFilter"
