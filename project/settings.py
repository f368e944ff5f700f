"""Django settings. Every choice of a deployment comes from the environment (environment.py)."""

from __future__ import annotations

import os
import re
from pathlib import Path

import drf_spectacular_sidecar

from api.wire.defaults import REST_FRAMEWORK, SPECTACULAR_SETTINGS  # noqa: F401 # settings, as below
from cognito.wire.base_url import BaseURL
from project.databases.configuration import database_configuration
from project.environment.reader import read
from project.logs.configuration import logging_configuration
from project.middleware.headers import content_security_policy
from project.version import version

BASE_DIR = Path(__file__).resolve().parent.parent
ENVIRONMENT = read(os.environ)
# Variables are settings of the same name, but for those that are parts of other settings below.
globals().update(
    (name, value)
    for name, value in vars(ENVIRONMENT).items()
    if name not in {"DATABASE_URL", "PUBLIC_URL"} and not name.startswith("DJANGO_")
)

GATEHOUSE_VERSION = version()

# --- Where the application is -------------------------------------------------------------------

PUBLIC_URL = str(ENVIRONMENT.PUBLIC_URL)
PUBLIC_ORIGIN = ENVIRONMENT.PUBLIC_URL.origin
_IS_HTTPS = ENVIRONMENT.PUBLIC_URL.is_https
_PREFIX = ENVIRONMENT.PUBLIC_URL.path
_HOSTED_UI = BaseURL.parse(ENVIRONMENT.COGNITO_DOMAIN).origin

DEBUG = ENVIRONMENT.DJANGO_DEBUG
ALLOWED_HOSTS = [ENVIRONMENT.PUBLIC_URL.host]
CSRF_TRUSTED_ORIGINS = [PUBLIC_ORIGIN]
# API Gateway strips the stage from the path but not from what browsers see.
FORCE_SCRIPT_NAME = _PREFIX or None
ROOT_URLCONF = "project.urls"
WSGI_APPLICATION = "project.wsgi.application"

# --- Secrets --------------------------------------------------------------------------------------

SECRET_KEY = ENVIRONMENT.DJANGO_SECRET_KEY
SECRET_KEY_FALLBACKS = list(ENVIRONMENT.DJANGO_SECRET_KEY_FALLBACKS)

# --- Applications ---------------------------------------------------------------------------------

INSTALLED_APPS = [
    # Before staticfiles, whose development server answers for static files before any middleware
    # has seen the Host header, with a debug page where there is no such file.
    *(["whitenoise.runserver_nostatic"] if DEBUG else []),
    "accounts",
    "api",
    "api.notes",
    "accounts.console.admin_config.GatehouseAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "corsheaders",
]

MIDDLEWARE = [
    # Outermost: what any other middleware waits for counts as well.
    "project.middleware.request_deadline.RequestDeadlineMiddleware",
    "project.middleware.request_id.RequestIdMiddleware",
    "project.middleware.headers.ResponseHeadersMiddleware",
    "accounts.console.refusal_counts.RefusedRequestsMiddleware",
    # Errors are answers, too: an application on another origin must be able to read them.
    "api.wire.cors.ExactOriginsMiddleware",
    "project.middleware.front.FrontMiddleware",
    # Outside of all that may refuse a request: the API's errors have one shape.
    "api.wire.middleware.ApiContractMiddleware",
    # Outside of all that reads cookies, forms or the address.
    "project.middleware.request_bounds.RequestBoundsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "project.middleware.static_files.StaticFilesMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.sessions.middleware.BrowserSessionMiddleware",
    "accounts.sign_out.onward.OnwardMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    # Closest to the views, whose answers it completes.
    "project.middleware.method_pages.MethodPagesMiddleware",
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
            ],
        },
    },
]

# --- Data -----------------------------------------------------------------------------------------

DATABASES = {"default": database_configuration(ENVIRONMENT.DATABASE_URL)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- People ---------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.CognitoBackend"]
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "home"

# --- Cookies and sessions -------------------------------------------------------------------------

# Browsers accept a `__Host-` cookie only from a secure origin, for all its paths and no other host:
# a neighbour on the same domain cannot plant one. Below a stage prefix a cookie is for that path
# alone, so that only `__Secure-` is left, which plain http cannot plant.
COOKIE_PREFIX = ("__Secure-" if _PREFIX else "__Host-") if _IS_HTTPS else ""
COOKIE_PATH = f"{_PREFIX}/"
COOKIE_SECURE = _IS_HTTPS

SESSION_ENGINE = "accounts.sessions.store"
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}gatehouse-session"
SESSION_COOKIE_PATH = COOKIE_PATH
SESSION_COOKIE_SECURE = COOKIE_SECURE
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = ENVIRONMENT.SESSION_ABSOLUTE_SECONDS

# Not in a cookie of their own, which would show what operators were told.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}gatehouse-csrf"
CSRF_COOKIE_PATH = COOKIE_PATH
CSRF_COOKIE_SECURE = COOKIE_SECURE
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "project.error_pages.csrf_failure"

# --- What every answer says to the browser --------------------------------------------------------

X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = _IS_HTTPS
SECURE_SSL_HOST = PUBLIC_ORIGIN.partition("://")[2]
# Django matches the path without its first slash, but with the stage that browsers see.
SECURE_REDIRECT_EXEMPT = [rf"^{re.escape(COOKIE_PATH[1:])}(healthz|readyz)$"]
SECURE_HSTS_SECONDS = 31_536_000 if _IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _IS_HTTPS
# Preloading binds every subdomain of the registered domain, and takes months to undo. That is the
# domain owner's decision, so that the warning about its absence is silenced.
SECURE_HSTS_PRELOAD = False
SILENCED_SYSTEM_CHECKS = ["security.W021"]
# Sign-out posts a form here that ends at the hosted UI: browsers check redirects of forms, too.
CONTENT_SECURITY_POLICY = content_security_policy(form_targets=[_HOSTED_UI])
# The page of the API's documentation redeems the code of a sign-in itself, as a public client.
DOCS_CONTENT_SECURITY_POLICY = content_security_policy(connect_targets=[_HOSTED_UI])

# --- Browser applications on other origins --------------------------------------------------------

CORS_URLS_REGEX = r"^/api/"
CORS_ALLOW_CREDENTIALS = False
CORS_ALLOW_METHODS = ["DELETE", "GET", "PATCH", "POST", "PUT"]
CORS_ALLOW_HEADERS = ["authorization", "content-type"]
# What a client acts on: where what it made is, when to try again, which scope it lacks.
CORS_EXPOSE_HEADERS = ["location", "retry-after", "www-authenticate", "x-request-id"]
# Two hours: Chromium remembers a preflight no longer.
CORS_PREFLIGHT_MAX_AGE = 7200

# --- Static files ---------------------------------------------------------------------------------

STATIC_URL = f"{_PREFIX}/static/"
STATIC_ROOT = BASE_DIR / "static-collected"
# One of the two viewers in that package, which as an application would bring both.
_SWAGGER_UI = (
    Path(drf_spectacular_sidecar.__file__).parent / "static/drf_spectacular_sidecar/swagger-ui-dist"
)
# The bundle has what `collectstatic` made of it, and not the source.
STATICFILES_DIRS = [("swagger-ui", _SWAGGER_UI)] if _SWAGGER_UI.is_dir() else []
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
# Without `collectstatic` a developer still gets styles.
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = DEBUG

# --- Language and time ----------------------------------------------------------------------------

LANGUAGE_CODE = "en"
USE_I18N = False
TIME_ZONE = "UTC"
# Django's own formats of a language go before DATETIME_FORMAT and its like.
FORMAT_MODULE_PATH = ["accounts.formats"]
USE_TZ = True

# --- Logs -----------------------------------------------------------------------------------------

LOGGING_CONFIG = "logging.config.dictConfig"
LOGGING = logging_configuration(level=ENVIRONMENT.LOG_LEVEL, as_json=not DEBUG)
