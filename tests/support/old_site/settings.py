"""The settings of the old site. It is a project of its own: nothing here is Gatehouse's."""

from __future__ import annotations

import json
import os

SECRET_KEY = "the old site's"
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
ROOT_URLCONF = "tests.support.old_site.urls"
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "migration"]
# As in most projects. The endpoint must work behind them.
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ["OLD_SITE_DATABASE"],
        "ATOMIC_REQUESTS": True,
        # Nothing has to survive a power failure.
        "OPTIONS": {"timeout": 20, "init_command": "PRAGMA synchronous=OFF"},
    }
}
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
# The first one is fast, because tests check many passwords.
PASSWORD_HASHERS = [
    "tests.support.old_site.hashers.FastHasher",
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.MD5PasswordHasher",
]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "INFO"},
}
GATEHOUSE_MIGRATION = json.loads(os.environ["OLD_SITE_MIGRATION"])
