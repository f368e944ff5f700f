"""System checks for a project of others that has added our applications.

Each finds a mistake that makes pages or rights wrong, and that causes no error by itself.
"""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlsplit

from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.core import checks
from django.core.checks import CheckMessage
from django.db import DEFAULT_DB_ALIAS, router
from django.db.models import NOT_PROVIDED
from django.urls import NoReverseMatch, reverse
from django.utils.module_loading import import_string

from accounts.console.site import GatehouseAdminSite
from accounts.identity import adapter
from accounts.models.identity import has_own_user_model

# Every setting of ours that `accounts` and `api` read.
REQUIRED: Final = (
    "AUDIT_EVENT_BUS",
    "AWS_ENDPOINT_URL",
    "COGNITO_API_AUDIENCE",
    "COGNITO_API_CLIENT_IDS",
    "COGNITO_API_SCOPES",
    "COGNITO_API_TOKEN_USES",
    "COGNITO_AUDIENCE_CLIENTS",
    "COGNITO_AUTO_CONFIRM",
    "COGNITO_CLIENT_ID",
    "COGNITO_CLIENT_SECRET",
    "COGNITO_DOCS_CLIENT_ID",  # only with docs-page
    "COGNITO_DOCS_SCOPES",  # only with docs-page
    "COGNITO_DOMAIN",
    "COGNITO_FIRST_PARTY_CLIENT_IDS",
    "COGNITO_ISSUER",
    "COGNITO_JWKS",
    "COGNITO_JWKS_URL",
    "COGNITO_PASSWORD_MIN_LENGTH",
    "COGNITO_REFRESH_TOKEN_DAYS",
    "COGNITO_REGION",
    "COGNITO_RENEW_SECONDS",
    "COGNITO_REQUIRE_AUDIENCE",
    "COGNITO_SCOPES",
    "COGNITO_STAFF_GROUPS",
    "COGNITO_STAFF_REQUIRE_MFA",  # only with console
    "COGNITO_STEP_UP_ACR",
    "COGNITO_STEP_UP_SECONDS",
    "COGNITO_SUPERUSER_GROUPS",
    "COGNITO_USER_POOL_ID",
    "COOKIE_PATH",
    "COOKIE_PREFIX",
    "COOKIE_SECURE",
    "DOCS_CONTENT_SECURITY_POLICY",  # only with docs-page
    "GATEHOUSE_VERSION",  # only with console
    "PUBLIC_ORIGIN",
    "PUBLIC_URL",
    "SECRETS_CREATED",  # only with console
    "SESSION_ABSOLUTE_SECONDS",
    "SESSION_IDLE_SECONDS",
    "SITE_COLOR",
    "SITE_COLOR_DARK",
    "SITE_LOGO",
    "SITE_NAME",
    "SITE_SUPPORT",
    "TOKEN_ENCRYPTION_KEYS",
    "TRUSTED_PROXY",
)
ADD_SETTINGS: Final = (
    "End the settings with globals().update(gatehouse_settings(globals())): docs/adopt.md."
)
AUTHENTICATION: Final = "django.contrib.auth.middleware.AuthenticationMiddleware"
SESSIONS: Final = "accounts.sessions.middleware.BrowserSessionMiddleware"
BACKEND: Final = "accounts.backends.CognitoBackend"
CONTEXT_PROCESSOR: Final = "accounts.sessions.context.identity"
OUR_LABELS: Final = ("accounts", "gatehouse_identity")


def missing_settings() -> list[str]:
    return [name for name in REQUIRED if not hasattr(settings, name)]


def check_settings(**_: Any) -> list[CheckMessage]:
    """E014: every setting is there."""
    missing = missing_settings()
    if not missing:
        return []
    return [
        checks.Error(
            f"Settings of Gatehouse are missing: {', '.join(missing)}.",
            hint=ADD_SETTINGS,
            id="gatehouse.E014",
        )
    ]


def check_sign_in(**_: Any) -> list[CheckMessage]:
    """E015, E016: sessions are validated on each request, and their users are found."""
    messages: list[CheckMessage] = []
    middleware = list(settings.MIDDLEWARE)
    if SESSIONS not in middleware or not any(
        map(_authenticates, middleware[: middleware.index(SESSIONS)])
    ):
        messages.append(
            checks.Error(
                f"{SESSIONS} is not in MIDDLEWARE, after {AUTHENTICATION}. A user who was signed "
                "out would stay signed in.",
                hint=ADD_SETTINGS,
                id="gatehouse.E015",
            )
        )
    if BACKEND not in settings.AUTHENTICATION_BACKENDS:
        messages.append(
            checks.Error(
                f"{BACKEND} is not in AUTHENTICATION_BACKENDS. Every sign-in would be lost with "
                "the next request.",
                hint=ADD_SETTINGS,
                id="gatehouse.E016",
            )
        )
    return messages


def _authenticates(path: str) -> bool:
    """Whether a middleware is Django's own one that sets `request.user`, or a subclass of it."""
    if path == AUTHENTICATION:
        return True
    try:
        middleware = import_string(path)
    except ImportError:
        # Django names it when it loads the middleware.
        return False
    return isinstance(middleware, type) and issubclass(middleware, AuthenticationMiddleware)


def check_databases(**_: Any) -> list[CheckMessage]:
    """E020, E021: moments have a time zone, and our tables are in the database `default`."""
    messages: list[CheckMessage] = []
    if not settings.USE_TZ:
        messages.append(
            checks.Error(
                "USE_TZ is False. Sessions, limits and revocations need moments with a time zone.",
                hint="Set USE_TZ = True. Django's documentation has a migration guide: "
                "https://docs.djangoproject.com/en/5.2/topics/i18n/timezones/#migration-guide",
                id="gatehouse.E020",
            )
        )
    labels = [one.label for one in apps.get_app_configs() if one.label in OUR_LABELS]
    elsewhere = [label for label in labels if not _is_in_default(label)]
    if elsewhere:
        messages.append(
            checks.Error(
                f"DATABASE_ROUTERS do not keep the tables of {', '.join(elsewhere)} in the "
                f"database {DEFAULT_DB_ALIAS!r}.",
                hint="Let each router answer None for these labels, or the database 'default' for "
                "reads and writes, and allow their migrations there. A replica would answer too "
                "late for a session that was revoked.",
                id="gatehouse.E021",
            )
        )
    return messages


def _is_in_default(label: str) -> bool:
    models = [model for model in apps.get_app_config(label).get_models() if model._meta.managed]
    return all(
        router.db_for_read(model) == DEFAULT_DB_ALIAS
        and router.db_for_write(model) == DEFAULT_DB_ALIAS
        and router.allow_migrate_model(DEFAULT_DB_ALIAS, model)
        for model in models
    )


def check_templates(**_: Any) -> list[CheckMessage]:
    """E017: pages know who has signed in."""
    engines: list[Any] = list(settings.TEMPLATES)
    options = [engine.get("OPTIONS", {}) for engine in engines]
    if any(CONTEXT_PROCESSOR in one.get("context_processors", ()) for one in options):
        return []
    return [
        checks.Error(
            f"{CONTEXT_PROCESSOR} is not among the context processors of TEMPLATES. Our pages "
            "would show every user as a visitor.",
            hint=ADD_SETTINGS,
            id="gatehouse.E017",
        )
    ]


def check_addresses(**_: Any) -> list[CheckMessage]:
    """E018: our addresses are where PUBLIC_URL says."""
    expected = f"{urlsplit(settings.PUBLIC_URL).path}/accounts/login/"
    try:
        found = reverse("accounts:login")
    except NoReverseMatch:
        found = ""
    if found == expected:
        return []
    return [
        checks.Error(
            f"The sign-in is at {found or 'no address'}, but PUBLIC_URL says {expected}. Cognito "
            "would refuse the callback URL, or send users to a page that does not exist.",
            hint="Let PUBLIC_URL end with the prefix at which the URLconf includes "
            "project.adopted_urls, and use the namespace `accounts` for nothing else.",
            id="gatehouse.E018",
        )
    ]


# begin capability console
def check_console(**_: Any) -> list[CheckMessage]:
    """E019: the console shows rows of our own user model."""
    # Django looks for the site when it is first used, and needs the application for that.
    if has_own_user_model() or not apps.is_installed("django.contrib.admin"):
        return []
    if not isinstance(admin.site, GatehouseAdminSite):
        return []
    return [
        checks.Error(
            "The admin is GatehouseAdminSite, but AUTH_USER_MODEL is not accounts.User.",
            hint="Keep django.contrib.admin in INSTALLED_APPS. The admin of this project then "
            "stays as it is.",
            id="gatehouse.E019",
        )
    ]


# end capability console


def check_new_users(**_: Any) -> list[CheckMessage]:
    """W005: the adapter can create users of the project's model."""
    if type(adapter.adapter()) is not adapter.LinkedUsers:
        return []
    known = {"name", "password", get_user_model().USERNAME_FIELD}
    empty = [
        field.name
        for field in get_user_model()._meta.concrete_fields
        if not (field.null or field.primary_key or field.has_default())
        and field.name not in known
        and field.db_default is NOT_PROVIDED
        and not getattr(field, "auto_now", False)
        and not getattr(field, "auto_now_add", False)
        and field.get_default() is None
    ]
    if not empty:
        return []
    return [
        checks.Warning(
            f"New users of the user pool cannot sign in: {', '.join(empty)} of "
            f"{settings.AUTH_USER_MODEL} would have no value.",
            hint="Name a subclass of accounts.identity.adapter.LinkedUsers in "
            "GATEHOUSE_USER_ADAPTER whose new_user sets it.",
            id="gatehouse.W005",
        )
    ]


CHECKS = [
    check_sign_in,
    check_databases,
    check_templates,
    check_addresses,
    check_console,  # only with console
    check_new_users,
]
