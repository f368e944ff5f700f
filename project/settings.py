"""Django settings. Every choice of a deployer comes from the environment (environment/)."""

from __future__ import annotations

import os
import re
from pathlib import Path

import drf_spectacular_sidecar

from api.scopes import API_SCOPES
from api.wire.defaults import REST_FRAMEWORK, SPECTACULAR_SETTINGS  # noqa: F401 # settings, as below
from cognito.wire.base_url import BaseURL
from project.databases.configuration import database_configuration
from project.environment.reader import read
from project.logs.configuration import logging_configuration
from project.middleware.headers import content_security_policy
from project.version import version

BASE_DIR = Path(__file__).resolve().parent.parent
ENVIRONMENT = read(os.environ)
# Variables are settings of the same name, except those that are parts of other settings below.
globals().update(
    (name, value)
    for name, value in vars(ENVIRONMENT).items()
    if name not in {"DATABASE_URL", "PUBLIC_URL"} and not name.startswith("DJANGO_")
)

GATEHOUSE_VERSION = version()

# --- The application's address --------------------------------------------------------------------

PUBLIC_URL = str(ENVIRONMENT.PUBLIC_URL)
PUBLIC_ORIGIN = ENVIRONMENT.PUBLIC_URL.origin
_IS_HTTPS = ENVIRONMENT.PUBLIC_URL.is_https
_PREFIX = ENVIRONMENT.PUBLIC_URL.path
_HOSTED_UI = BaseURL.parse(ENVIRONMENT.COGNITO_DOMAIN).origin

DEBUG = ENVIRONMENT.DJANGO_DEBUG
ALLOWED_HOSTS = [ENVIRONMENT.PUBLIC_URL.host]
CSRF_TRUSTED_ORIGINS = [PUBLIC_ORIGIN]
# API Gateway removes the stage from the path, but browsers see it.
FORCE_SCRIPT_NAME = _PREFIX or None
ROOT_URLCONF = "project.urls"
WSGI_APPLICATION = "project.wsgi.application"

# --- Secrets --------------------------------------------------------------------------------------

SECRET_KEY = ENVIRONMENT.DJANGO_SECRET_KEY
SECRET_KEY_FALLBACKS = list(ENVIRONMENT.DJANGO_SECRET_KEY_FALLBACKS)

# --- Applications ---------------------------------------------------------------------------------

INSTALLED_APPS = [
    # Before staticfiles, whose development server answers requests for static files before any
    # middleware checks the Host header, and shows a debug page when a file is missing.
    *(["whitenoise.runserver_nostatic"] if DEBUG else []),
    "accounts",
    "api",
    "api.notes",  # only with notes
    "accounts.console.admin_config.GatehouseAdminConfig",  # only with console
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "corsheaders",
]

MIDDLEWARE = [
    # Outermost, so that the waits of every other middleware count.
    "project.middleware.request_deadline.RequestDeadlineMiddleware",
    "project.middleware.request_id.RequestIdMiddleware",
    "project.traces.middleware.TracesMiddleware",
    # Inside the request id, which its log lines contain, and outside everything that it times.
    "project.metrics.middleware.MetricsMiddleware",
    # Outside everything that may answer with a page.
    "accounts.language.middleware.LanguageMiddleware",
    "project.middleware.headers.ResponseHeadersMiddleware",
    "accounts.console.refusal_counts.RefusedRequestsMiddleware",  # only with console
    # Outside the errors, so that an application on another origin can read them.
    "api.wire.cors.ExactOriginsMiddleware",
    "project.middleware.front.FrontMiddleware",
    # Outside everything that may refuse a request, so that the API's errors have one shape.
    "api.wire.middleware.ApiContractMiddleware",
    # Outside everything that reads cookies, forms or the address.
    "project.middleware.request_bounds.RequestBoundsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    # Outside the static files, because a developer's server reads them uncompressed.
    "project.middleware.compression.CompressionMiddleware",
    "project.middleware.static_files.StaticFilesMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.sessions.middleware.BrowserSessionMiddleware",
    "accounts.sign_out.onward.OnwardMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    # Closest to the views, because it completes their answers.
    "project.middleware.empty_errors.EmptyErrorsMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # begin capability console
        # Not in an application's folder, because Django must find these before its own templates.
        "DIRS": [BASE_DIR / "accounts/console/templates"],
        # end capability console
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["accounts.branding.tags"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.language.switch.language_switch",
                "accounts.sessions.context.identity",
            ],
        },
    },
]

# --- Data -----------------------------------------------------------------------------------------

DATABASES = {"default": database_configuration(ENVIRONMENT.DATABASE_URL)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Users ----------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.CognitoBackend"]
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "home"

# --- Tokens ---------------------------------------------------------------------------------------

# With COGNITO_AUDIENCE_CLIENTS=any, a token with one of these may come from any client of the pool.
COGNITO_API_SCOPES = frozenset(API_SCOPES)

# --- Cookies and sessions -------------------------------------------------------------------------

# Browsers accept a `__Host-` cookie only from a secure origin, for all its paths and no other host,
# so another host of the same domain cannot plant one. Below a stage prefix a cookie is limited to
# that path, so only `__Secure-` is possible, which prevents planting over plain http.
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

# Not in a cookie, which would reveal the messages to operators.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}gatehouse-csrf"
CSRF_COOKIE_PATH = COOKIE_PATH
CSRF_COOKIE_SECURE = COOKIE_SECURE
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "project.error_pages.csrf_failure"

# --- Headers of every answer ----------------------------------------------------------------------

X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = _IS_HTTPS
SECURE_SSL_HOST = PUBLIC_ORIGIN.partition("://")[2]
# Django compares the path without its first slash, but with the stage that browsers see.
SECURE_REDIRECT_EXEMPT = [rf"^{re.escape(COOKIE_PATH[1:])}(healthz|metrics|readyz)$"]
SECURE_HSTS_SECONDS = 31_536_000 if _IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _IS_HTTPS
# Preloading affects every subdomain of the registered domain and takes months to undo. The owner of
# the domain decides about it, so the warning about its absence is silenced.
SECURE_HSTS_PRELOAD = False
SILENCED_SYSTEM_CHECKS = ["security.W021"]
# Sign-out posts a form that ends at the hosted UI, and browsers check the redirects of forms.
CONTENT_SECURITY_POLICY = content_security_policy(form_targets=[_HOSTED_UI])
# begin capability docs-page
# The page of the API's documentation exchanges the code of a sign-in itself, as a public client.
DOCS_CONTENT_SECURITY_POLICY = content_security_policy(connect_targets=[_HOSTED_UI])
# end capability docs-page

# --- Browser applications on other origins --------------------------------------------------------

CORS_URLS_REGEX = r"^/api/"
CORS_ALLOW_CREDENTIALS = False
CORS_ALLOW_METHODS = ["DELETE", "GET", "PATCH", "POST", "PUT"]
CORS_ALLOW_HEADERS = ["authorization", "content-type"]
# A client needs the address of what it created, when to try again, and which scope it lacks.
CORS_EXPOSE_HEADERS = ["location", "retry-after", "www-authenticate", "x-request-id"]
# Two hours, because Chromium does not remember a preflight longer.
CORS_PREFLIGHT_MAX_AGE = 7200

# --- Static files ---------------------------------------------------------------------------------

STATIC_URL = f"{_PREFIX}/static/"
STATIC_ROOT = BASE_DIR / "static-collected"
# begin capability docs-page
# One of the package's two viewers. As a Django application it would add both.
_SWAGGER_UI = (
    Path(drf_spectacular_sidecar.__file__).parent / "static/drf_spectacular_sidecar/swagger-ui-dist"
)
_SWAGGER_UI_URL = "gatehouse/swagger-ui"
# end capability docs-page
# begin capability notes
# A page of the same origin, which a developer can try at once: docs/own-pages.md.
_EXAMPLE = BASE_DIR / "docs/examples/spa"
# end capability notes
STATICFILES_DIRS = [
    # A bundle has the files that `collectstatic` made, and neither the package nor documentation.
    *([(_SWAGGER_UI_URL, _SWAGGER_UI)] if _SWAGGER_UI.is_dir() else []),  # only with docs-page
    *([("examples/spa", _EXAMPLE)] if DEBUG and _EXAMPLE.is_dir() else []),  # only with notes
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
# A developer gets styles without `collectstatic`.
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = DEBUG

# --- Language and time ----------------------------------------------------------------------------

LANGUAGE_CODE = "en"
# Each in its own words, as the footer shows them: docs/languages.md says how to add one.
LANGUAGES = [
    ("en", "English"),
    ("de", "Deutsch"),  # only with german
]
USE_I18N = True
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_NAME = f"{COOKIE_PREFIX}gatehouse-language"
LANGUAGE_COOKIE_PATH = COOKIE_PATH
LANGUAGE_COOKIE_SECURE = COOKIE_SECURE
LANGUAGE_COOKIE_AGE = 31_536_000
TIME_ZONE = "UTC"
# Django's formats of a language take precedence over DATETIME_FORMAT and similar settings.
FORMAT_MODULE_PATH = ["accounts.formats"]
USE_TZ = True

# --- Logs -----------------------------------------------------------------------------------------

LOGGING_CONFIG = "logging.config.dictConfig"
LOGGING = logging_configuration(level=ENVIRONMENT.LOG_LEVEL, as_json=not DEBUG)
