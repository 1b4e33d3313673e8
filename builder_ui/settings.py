"""Django's settings of the site, made from the environment.

Decides: which apps stand together and how strict the surroundings are. Refuses to know how the environment
is written (environment.py), where the embedded database lies (postgres) and what `flows` does with `MULGIL`.
"""

import logging
import os
import secrets
import sys
from typing import Any

from builder_ui.data_folder import DataFolder, read_secret
from builder_ui.databases import database_settings
from builder_ui.environment import PROJECT, read_environment

ENVIRONMENT = read_environment()
DATA = DataFolder(ENVIRONMENT.data)

# Without a key of its own a process can still run the commands that sign nothing; a system check refuses the others.
CONFIGURED_SECRET_KEY = ENVIRONMENT.secret_key or read_secret(DATA.secret_key)
SECRET_KEY = CONFIGURED_SECRET_KEY or secrets.token_urlsafe(48)

_data_folder_key = read_secret(DATA.credential_key)

# What `flows` needs of its surroundings. It reads nothing else of ours.
MULGIL: dict[str, Any] = {
    "credential_keys": ENVIRONMENT.credential_keys or ((_data_folder_key,) if _data_folder_key else ()),
    "egress_allow": ENVIRONMENT.egress_allow,
    "public_url": ENVIRONMENT.public_url,
    "trusted_proxies": ENVIRONMENT.trusted_proxies,
    "log_level": ENVIRONMENT.log_level,
    # Microseconds, as the engine counts; 0 cuts at once.
    **({"cancel_grace": ENVIRONMENT.cancel_grace * 1_000_000} if ENVIRONMENT.cancel_grace is not None else {}),
    # Large values of ended runs go after so many days where their flow says nothing; None: with the run.
    "payload_days": ENVIRONMENT.payload_days,
    "data_folder": str(ENVIRONMENT.data),
}

DEBUG = False
ROOT_URLCONF = "builder_ui.urls"
ASGI_APPLICATION = "builder_ui.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Local names always answer; the public name and those asked for are added.
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", *ENVIRONMENT.allowed_hosts]
if ENVIRONMENT.public_host:
    ALLOWED_HOSTS.append(ENVIRONMENT.public_host)

INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "channels",
    "django_q",
    "flows",
    "builder_ui",
]

# Every one of these can run under async: a synchronous one would hold a thread for each waiting request.
MIDDLEWARE = [
    "builder_ui.policy.content_security_policy",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PROJECT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "builder_ui.policy.nonce",
            ],
        },
    },
]

DATABASES = {"default": database_settings(ENVIRONMENT, DATA)}

CACHES: dict[str, Any] = {
    "default": {"BACKEND": "builder_ui.redis_cache.ForgivingCache", "LOCATION": ENVIRONMENT.redis_url}
    if ENVIRONMENT.redis_url
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}

# A message of this layer is only a hint, so one process's memory is enough; Redis carries hints between processes.
CHANNEL_LAYERS: dict[str, Any] = {
    "default": {
        "BACKEND": "builder_ui.bridged_layer.BridgedLayer",
        "CONFIG": {"url": ENVIRONMENT.redis_url},
    }
    if ENVIRONMENT.redis_url
    else {"BACKEND": "channels.layers.InMemoryChannelLayer"}
}

WORKERS = ENVIRONMENT.workers or max(2, min(8, os.cpu_count() or 2))

# The queue is the run table; django-q2 carries turns and nothing else. checks.py refuses other values.
Q_CLUSTER = {
    "name": "mulgil",
    "label": "Turns",
    "broker_class": "flows.runtime.broker.Broker",
    "orm": "default",
    "workers": WORKERS,
    "queue_limit": WORKERS,
    "bulk": 1,
    "timeout": 10**8,
    "retry": 10**9,
    "recycle": 10**9,
    "ack_failures": True,
    "max_attempts": 1,
    "save_limit": -1,
    "catch_up": False,
    "scheduler": False,
    "log_level": "WARNING",
}

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTHENTICATION_BACKENDS = ["builder_ui.guessing.SlowedBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "sign-in"

_secure = bool(ENVIRONMENT.public_url and ENVIRONMENT.public_url.startswith("https://"))
SESSION_COOKIE_NAME = "mulgil_session"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _secure
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [ENVIRONMENT.public_url] if ENVIRONMENT.public_url else []
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if _secure else 0
X_FRAME_OPTIONS = "DENY"

DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("ko", "한국어")]
LANGUAGE_COOKIE_NAME = "mulgil_language"
LOCALE_PATHS = [PROJECT / "builder_ui" / "locale"]
FORMAT_MODULE_PATH = "builder_ui.formats"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATICFILES_DIRS = [PROJECT / "static"]

if ENVIRONMENT.mail:
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST = ENVIRONMENT.mail.host
    EMAIL_PORT = ENVIRONMENT.mail.port
    EMAIL_HOST_USER = ENVIRONMENT.mail.user
    EMAIL_HOST_PASSWORD = ENVIRONMENT.mail.password
    EMAIL_USE_TLS = ENVIRONMENT.mail.use_tls
    EMAIL_USE_SSL = ENVIRONMENT.mail.use_ssl
    DEFAULT_FROM_EMAIL = ENVIRONMENT.mail.sender
else:
    EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"


def is_news(record: logging.LogRecord) -> bool:
    """Whether a log record says anything new: a site that isn't ready yet answers so to whoever asks."""
    return getattr(record, "status_code", None) != 503


LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"},
        "json": {"()": "flows.observe.logs.JsonLines"},
    },
    "filters": {"told": {"()": "django.utils.log.CallbackFilter", "callback": is_news}},
    # A person reads a terminal; whatever else takes the lines is a program.
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "line" if sys.stderr.isatty() else "json",
            "filters": ["told"],
        }
    },
    "root": {"handlers": ["stderr"], "level": ENVIRONMENT.log_level.upper()},
    "loggers": {
        "daphne": {"level": "WARNING"},
        "django-q": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},
        "asyncio": {"level": "WARNING"},
    },
}

REST_FRAMEWORK: dict[str, Any] = {"DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema"}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Mulgil",
    "DESCRIPTION": "Flows drawn in a browser, run durably, watched live, rolled back with a click.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
}

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Mulgil",
    "SITE_HEADER": "Mulgil",
    "SITE_SYMBOL": "water",
    "SITE_URL": "/",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "/static/brand/mark.svg"}],
    "DASHBOARD_CALLBACK": "flows.admin.dashboard.fill",
    "SIDEBAR": {"show_search": False, "show_all_applications": False, "navigation": "builder_ui.navigation.navigation"},
    # The accent of the editor's tokens, lighter and darker.
    "COLORS": {
        "primary": {
            "50": "#f0fafa",
            "100": "#e0f2f3",
            "200": "#bfe3e6",
            "300": "#8ccdd3",
            "400": "#5ac9d3",
            "500": "#3bb8c3",
            "600": "#0b7480",
            "700": "#09616b",
            "800": "#0a4d55",
            "900": "#123338",
            "950": "#06262a",
        },
    },
}
