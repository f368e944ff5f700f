"""The checks that name what a project of others lacks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import global_settings, settings
from django.contrib.auth import get_user_model
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.db.models import NOT_PROVIDED
from django.test import override_settings

from accounts import project_checks
from accounts.identity import adapter

ROOT = Path(__file__).parents[2]
PROCESSORS: list[dict[str, dict[str, list[str]]]] = [{"OPTIONS": {"context_processors": []}}]
BACKENDS = ["django.contrib.auth.backends.ModelBackend"]


class TheirMiddleware(AuthenticationMiddleware):
    """A subclass of a project."""


class Router:
    """A router of a project with these answers."""

    def __init__(
        self, reads: str | None = None, writes: str | None = None, allows: bool | None = None
    ) -> None:
        self.reads, self.writes, self.allows = reads, writes, allows

    def db_for_read(self, *_: object, **__: object) -> str | None:
        return self.reads

    def db_for_write(self, *_: object, **__: object) -> str | None:
        return self.writes

    def allow_migrate(self, *_: object, **__: object) -> bool | None:
        return self.allows


def found(**changed: object) -> set[str]:
    with override_settings(**changed):
        messages = [message for check in project_checks.CHECKS for message in check()]
    assert all(message.hint for message in messages)
    return {str(message.id).removeprefix("gatehouse.") for message in messages}


def read_settings() -> Iterator[str]:
    """Yield the settings that the applications read, without those of Django."""
    for application in ("accounts", "api"):
        for path in (ROOT / application).rglob("*.py"):
            for name in re.findall(r"\bsettings\.([A-Z][A-Z_]+)\b", path.read_text("utf-8")):
                if not hasattr(global_settings, name):
                    yield name


def test_our_own_project_passes() -> None:
    assert found() == set()
    assert project_checks.check_settings() == []


def test_every_setting_that_is_read_is_required() -> None:
    # Django REST framework has defaults. The middleware of CORS is not part of an adopted project.
    elsewhere = {"CORS_ALLOWED_ORIGINS", "CORS_ALLOW_HEADERS", "NON_FIELD_ERRORS_KEY"}
    elsewhere |= {"DEFAULT_SCHEMA_CLASS"}
    assert set(read_settings()) - elsewhere == set(project_checks.REQUIRED)


@pytest.mark.parametrize("name", ["SITE_NAME", "COGNITO_ISSUER"])
def test_missing_setting_is_named_and_stops_other_checks(name: str) -> None:
    with override_settings():
        delattr(settings, name)
        [message] = project_checks.check_settings()
        assert name in message.msg
        assert message.id == "gatehouse.E014"


@pytest.mark.parametrize(
    "middleware",
    [
        [],
        [project_checks.AUTHENTICATION],
        [project_checks.SESSIONS, project_checks.AUTHENTICATION],
    ],
    ids=["none", "not ours", "wrong order"],
)
def test_sessions_that_no_middleware_validates_are_reported(middleware: list[str]) -> None:
    assert found(MIDDLEWARE=middleware) == {"E015"}


def test_projects_own_authentication_middleware_counts() -> None:
    name = f"{__name__}.{TheirMiddleware.__name__}"
    assert found(MIDDLEWARE=[name, project_checks.SESSIONS]) == set()
    assert found(MIDDLEWARE=[f"{__name__}.gone", project_checks.SESSIONS]) == {"E015"}


def test_moments_without_a_time_zone_are_reported() -> None:
    assert found(USE_TZ=False) == {"E020"}


@pytest.mark.parametrize(
    ("reads", "writes", "allows"),
    [("other", None, None), (None, "other", None), (None, None, False)],
    ids=["a replica", "another database", "no migrations"],
)
def test_tables_outside_of_the_default_database_are_reported(
    reads: str | None, writes: str | None, allows: bool | None
) -> None:
    assert found(DATABASE_ROUTERS=[Router()]) == set()
    assert found(DATABASE_ROUTERS=[Router(reads, writes, allows)]) == {"E021"}


def test_missing_backend_is_reported() -> None:
    assert found(AUTHENTICATION_BACKENDS=BACKENDS) == {"E016"}


def test_missing_context_processor_is_reported() -> None:
    assert found(TEMPLATES=PROCESSORS) == {"E017"}


def test_other_prefix_than_that_of_the_public_url_is_reported() -> None:
    assert found(PUBLIC_URL="http://localhost:8000/elsewhere") == {"E018"}


# begin capability console
def test_console_without_our_own_user_model_is_reported() -> None:
    with override_settings(AUTH_USER_MODEL="auth.User"):
        [message] = project_checks.check_console()
    assert message.id == "gatehouse.E019"


def test_project_without_an_admin_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.apps.apps.is_installed", lambda _: False)
    with override_settings(AUTH_USER_MODEL="auth.User"):
        assert project_checks.check_console() == []


# end capability console


def test_field_without_a_value_for_new_users_is_reported() -> None:
    path = f"{adapter.__name__}.LinkedUsers"
    with override_settings(GATEHOUSE_USER_ADAPTER=path):
        assert project_checks.check_new_users() == []
        field = get_user_model()._meta.get_field("created_at")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(field, "has_default", lambda: False)
            patch.setattr(field, "db_default", NOT_PROVIDED)
            patch.setattr(field, "get_default", lambda: None)
            [message] = project_checks.check_new_users()
    assert message.id == "gatehouse.W005"
    assert "created_at" in message.msg
