"""The settings of the old site. It is a project of its own: nothing here is shared."""

from __future__ import annotations

import json
import os

from psycopg.conninfo import conninfo_to_dict


def database(name: str) -> dict[str, object]:
    """Return the database of a URL of PostgreSQL, or of the path of an SQLite file."""
    if "://" not in name:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": name,
            # Nothing has to survive a power failure.
            "OPTIONS": {"timeout": 20, "init_command": "PRAGMA synchronous=OFF"},
        }
    parts = conninfo_to_dict(name)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts["dbname"],
        "USER": parts.get("user"),
        "HOST": parts.get("host"),
    }


SECRET_KEY = "the old site's"
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
ROOT_URLCONF = "tests.support.old_site.urls"
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "migration",
]
# As in most projects. The endpoint must work behind them.
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
STATIC_URL = "static/"
DATABASES = {"default": {**database(os.environ["OLD_SITE_DATABASE"]), "ATOMIC_REQUESTS": True}}
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
# The first one is fast, because tests check many passwords.
PASSWORD_HASHERS = [
    "tests.support.old_site.hashers.FastHasher",
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.MD5PasswordHasher",
    "migration.firebase.FirebaseScryptPasswordHasher",
]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "INFO"},
}
GATEHOUSE_MIGRATION = json.loads(os.environ["OLD_SITE_MIGRATION"])
