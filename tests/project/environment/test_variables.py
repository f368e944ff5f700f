from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from project.environment import reader, values
from project.environment.reader import EnvironmentProblems
from project.environment.trusted_proxy import parse
from project.environment.variables import Environment

ROOT = Path(__file__).resolve().parents[3]
FERNET_KEY = "dGVzdHMtb25seTotLS0tLS0tLS0tLS0tLS0tLS0tLS0="
REQUIRED = {
    "DJANGO_SECRET_KEY": "s" * 50,
    "COGNITO_REGION": "eu-west-1",
    "COGNITO_USER_POOL_ID": "eu-west-1_AbCdEfGhI",
    "COGNITO_CLIENT_ID": "1example23456789",
    "COGNITO_DOMAIN": "https://example.auth.eu-west-1.amazoncognito.com",
    "PUBLIC_URL": "https://app.example.com",
    "TOKEN_ENCRYPTION_KEYS": FERNET_KEY,
}


def read(**changes: str) -> Environment:
    return reader.read(REQUIRED | changes)


def problems_of(**changes: str) -> dict[str, str]:
    with pytest.raises(EnvironmentProblems) as raised:
        read(**changes)
    return raised.value.problems


def test_issuer_and_key_set_url_follow_from_the_pool() -> None:
    settings = read()
    assert (
        settings.COGNITO_ISSUER == "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI"
    )
    assert settings.COGNITO_JWKS_URL == f"{settings.COGNITO_ISSUER}/.well-known/jwks.json"


def test_issuer_of_a_pool_in_china_has_its_own_suffix() -> None:
    settings = read(COGNITO_REGION="cn-north-1", COGNITO_USER_POOL_ID="cn-north-1_AbCdEfGhI")
    assert (
        settings.COGNITO_ISSUER
        == "https://cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_AbCdEfGhI"
    )


def test_defaults_are_those_of_the_contract() -> None:
    settings = read()
    assert settings.DJANGO_DEBUG is False
    assert settings.DATABASE_URL == f"sqlite:///{ROOT}/db.sqlite3"
    assert settings.COGNITO_SCOPES == (
        "openid",
        "email",
        "profile",
        "aws.cognito.signin.user.admin",
    )
    assert settings.COGNITO_API_TOKEN_USES == {"access"}
    assert settings.COGNITO_API_CLIENT_IDS == frozenset()
    assert settings.COGNITO_FIRST_PARTY_CLIENT_IDS == {"1example23456789"}
    assert settings.COGNITO_REQUIRE_AUDIENCE is False
    assert settings.COGNITO_AUDIENCE_CLIENTS == "listed"
    assert settings.COGNITO_STAFF_GROUPS == {"operators"}
    assert settings.COGNITO_SUPERUSER_GROUPS == frozenset()
    assert settings.COGNITO_RENEW_SECONDS == 300
    assert settings.SESSION_IDLE_SECONDS == 28_800
    assert settings.SESSION_ABSOLUTE_SECONDS == 604_800
    assert settings.LOG_LEVEL == "INFO"


@pytest.mark.parametrize("url", ["https://app.example.com", "https://app.example.com/dev/"])
def test_audience_follows_from_the_public_url(url: str) -> None:
    assert read(PUBLIC_URL=url).COGNITO_API_AUDIENCE == url.removesuffix("/") + "/api"
    assert read(PUBLIC_URL=url, COGNITO_API_AUDIENCE="notes").COGNITO_API_AUDIENCE == "notes"


LISTS = [
    "COGNITO_API_CLIENT_IDS",
    "COGNITO_API_TOKEN_USES",
    "COGNITO_FIRST_PARTY_CLIENT_IDS",
    "COGNITO_STAFF_GROUPS",
    "COGNITO_SUPERUSER_GROUPS",
    "CORS_ALLOWED_ORIGINS",
    "DJANGO_SECRET_KEY_FALLBACKS",
    "SECRETS_CREATED",
    "TOKEN_ENCRYPTION_KEYS",
]


@pytest.mark.parametrize("value", [",", ",,", " , , "])
@pytest.mark.parametrize("name", LISTS)
def test_list_of_commas_alone_is_refused(name: str, value: str) -> None:
    with pytest.raises(EnvironmentProblems) as caught:
        read(**{name: value})
    assert list(caught.value.problems) == [name]
    assert caught.value.problems[name].startswith("expected ")


def test_every_list_is_among_those_tried() -> None:
    lists = {each.name for each in fields(Environment) if "[str" in str(each.type)}
    separated_by_spaces = {
        "COGNITO_SCOPES",
        "COGNITO_DOCS_SCOPES",  # only with docs-page
        "COGNITO_STEP_UP_ACR",
    }
    assert lists - separated_by_spaces == set(LISTS)


@pytest.mark.parametrize("name", sorted(REQUIRED.keys() - {"PUBLIC_URL"}))
def test_missing_variable_is_named(name: str) -> None:
    assert problems_of(**{name: ""})[name] == "is required"


def test_every_problem_is_named_at_once() -> None:
    with pytest.raises(EnvironmentProblems) as raised:
        reader.read({})
    assert set(raised.value.problems) == set(REQUIRED) - {"PUBLIC_URL"}
    for name in raised.value.problems:
        assert name in str(raised.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DJANGO_DEBUG", "yes please"),
        ("DJANGO_SECRET_KEY", "too short"),
        ("DJANGO_SECRET_KEY_FALLBACKS", "too short"),
        ("SECRETS_CREATED", "unnamed"),
        ("SECRETS_CREATED", "signing=yesterday"),
        ("SECRETS_CREATED", "database=2026-11-28T12:00Z"),
        ("PUBLIC_URL", "app.example.com"),
        ("PUBLIC_URL", "http://app.example.com"),
        ("PUBLIC_URL", "https://app.example.com/?stage=dev"),
        ("PUBLIC_URL", "https://user@app.example.com"),
        ("PUBLIC_URL", "https://app.example.com/../dev"),
        ("SITE_NAME", "Acme: notes"),
        ("SITE_NAME", "a" * 61),
        ("SITE_LOGO", "gatehouse/style.css"),
        ("SITE_LOGO", "brand/none.svg"),
        ("SITE_LOGO", "../../docs/images/sign-in.svg"),
        ("SITE_LOGO", "https://cdn.example.com/logo.svg"),
        ("SITE_COLOR", "blue"),
        ("SITE_COLOR", "#ffcc00"),
        ("SITE_COLOR_DARK", "#000"),
        ("SITE_SUPPORT", "ask us"),
        ("SITE_SUPPORT", "http://example.com/help"),
        ("SITE_SUPPORT", "javascript:alert(1)"),
        ("SITE_SUPPORT", "a@example.com?cc=b@example.com"),
        ("SITE_SUPPORT", "two words@example.com"),
        ("DATABASE_URL", "garbage"),
        ("DATABASE_URL", "mysql://gatehouse:secret@db/gatehouse"),
        ("DATABASE_URL", "postgis://gatehouse:secret@db/gatehouse"),
        ("DATABASE_URL", "Postgres://gatehouse:secret@db/gatehouse"),
        ("DATABASE_URL", "postgres://gatehouse:secret@db:port/gatehouse"),
        ("DATABASE_URL", "postgres://gatehouse:se[cret@db/gatehouse"),
        ("DATABASE_URL", "postgres://gatehouse:secret@db"),
        ("DATABASE_URL", "sqlite://db.sqlite3"),
        ("DATABASE_URL", "postgres://u:secret@db/x?sslmode=require&sslrootcert=system"),
        ("DATABASE_URL", "postgres://u:secret@db/x?sslmode=verify-full&sslrootcert=no/such.pem"),
        ("COGNITO_REGION", "Europe"),
        ("COGNITO_USER_POOL_ID", "us-east-1_AbCdEfGhI"),
        ("COGNITO_USER_POOL_ID", "eu-west-1_Ab/../x"),
        ("COGNITO_CLIENT_ID", "two words"),
        ("COGNITO_DOMAIN", "http://example.com"),
        ("COGNITO_DOMAIN", "javascript:alert(1)"),
        ("COGNITO_DOCS_CLIENT_ID", "one,two"),  # only with docs-page
        ("COGNITO_DOCS_SCOPES", "api/read"),  # only with docs-page
        ("COGNITO_API_CLIENT_IDS", "one;two"),
        ("COGNITO_FIRST_PARTY_CLIENT_IDS", "one two"),
        ("COGNITO_STAFF_GROUPS", "two words"),
        ("COGNITO_STAFF_GROUPS", '["operators"]'),
        ("COGNITO_STAFF_GROUPS", "'operators'"),
        ("COGNITO_STAFF_GROUPS", "operators;admins"),
        ("COGNITO_SUPERUSER_GROUPS", '"admins","owners"'),
        ("COGNITO_SUPERUSER_GROUPS", "a" * 129),
        ("COGNITO_STAFF_REQUIRE_MFA", "on"),  # only with console
        ("COGNITO_ISSUER", "http://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI"),
        ("COGNITO_JWKS_URL", "ftp://example.com/keys"),
        ("COGNITO_JWKS", "{not json"),
        ("COGNITO_JWKS", '{"message": "not found"}'),
        ("COGNITO_API_TOKEN_USES", "refresh"),
        ("COGNITO_API_AUDIENCE", "two words"),
        ("COGNITO_API_AUDIENCE", "a" * 257),
        ("COGNITO_REQUIRE_AUDIENCE", "on"),
        ("COGNITO_AUDIENCE_CLIENTS", "all"),
        ("COGNITO_SCOPES", "email profile"),
        ("COGNITO_STEP_UP_ACR", 'urn:cognito:loa:2 "'),
        ("COGNITO_STEP_UP_ACR", "a b c d"),
        ("COGNITO_RENEW_SECONDS", "soon"),
        ("COGNITO_RENEW_SECONDS", "9"),
        ("COGNITO_RENEW_SECONDS", "-1"),
        ("SESSION_IDLE_SECONDS", "1e9"),
        ("SESSION_ABSOLUTE_SECONDS", "²"),
        ("TOKEN_ENCRYPTION_KEYS", "not-a-fernet-key"),
        ("LOG_LEVEL", "LOUD"),
        ("CORS_ALLOWED_ORIGINS", "*"),
        ("CORS_ALLOWED_ORIGINS", "null"),
        ("CORS_ALLOWED_ORIGINS", "https://*.example.com"),
        ("CORS_ALLOWED_ORIGINS", "http://spa.example.com"),
        ("CORS_ALLOWED_ORIGINS", "https://spa.example.com/app"),
        ("CORS_ALLOWED_ORIGINS", "https://spa.example.com, spa.example.com"),
        ("AWS_ENDPOINT_URL", "http://aws.example.com"),
    ],
)
def test_variable_with_invalid_value_is_named_without_its_value(name: str, value: str) -> None:
    with pytest.raises(EnvironmentProblems) as raised:
        read(**{name: value})
    assert list(raised.value.problems) == [name]
    assert f"{name}: " in str(raised.value)
    assert value not in raised.value.problems[name]


@pytest.mark.parametrize(
    "url",
    [
        "postgres://gatehouse:se%5Bcret@db.example.com:5432/gatehouse?sslmode=require",
        "postgresql://gatehouse@/gatehouse?host=/run/postgresql",
        "sqlite:////srv/gatehouse.sqlite3",
        "sqlite://:memory:",
    ],
)
def test_database_url_is_accepted(url: str) -> None:
    assert read(DATABASE_URL=url).DATABASE_URL == url


@pytest.mark.parametrize(
    "address",
    [
        "",
        "help@example.com",
        "a.b+c@mail.example.co.uk",
        "https://example.com",
        "https://example.com:8443/help?a=b#c",
    ],
)
def test_support_address_is_accepted(address: str) -> None:
    assert read(SITE_SUPPORT=address).SITE_SUPPORT == address


def test_support_address_may_be_a_link() -> None:
    assert read(SITE_SUPPORT="mailto:help@example.com").SITE_SUPPORT == "help@example.com"


def test_color_of_dark_pages_follows_from_the_other() -> None:
    settings = read(SITE_COLOR="4F46E5")
    assert (settings.SITE_COLOR, settings.SITE_COLOR_DARK) == ("#4f46e5", "#ada8f3")
    assert read(SITE_COLOR_DARK="#F0F").SITE_COLOR_DARK == "#ff00ff"


def test_logo_is_a_static_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(values, "STATIC_FILES", tmp_path)
    (tmp_path / "brand").mkdir()
    (tmp_path / "brand/logo-2.v1.svg").write_text("<svg/>")
    assert read(SITE_LOGO="brand/logo-2.v1.svg").SITE_LOGO == "brand/logo-2.v1.svg"
    assert problems_of(SITE_LOGO="brand/logo.svg") == {
        "SITE_LOGO": "expected the path of a file below accounts/static/; there is none"
    }


@pytest.mark.slow
def test_invalid_database_url_stops_the_start_without_a_traceback() -> None:
    finished = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env=REQUIRED | {"DATABASE_URL": "oracle://app:the-password@db/app"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert finished.returncode != 0
    assert "DATABASE_URL: expected postgres://" in finished.stderr
    assert "Traceback" not in finished.stderr
    assert "the-password" not in finished.stdout + finished.stderr


@pytest.mark.parametrize(
    "url",
    ["http://localhost:8000", "http://127.0.0.1", "http://[::1]:8000", "http://app.localhost/dev"],
)
def test_plain_http_is_accepted_for_this_machine(url: str) -> None:
    assert str(read(PUBLIC_URL=url).PUBLIC_URL) == url


def test_trailing_slash_and_letter_case_of_the_host_do_not_matter() -> None:
    assert str(read(PUBLIC_URL="https://App.Example.com/dev/").PUBLIC_URL) == (
        "https://app.example.com/dev"
    )


def test_debug_mode_is_refused_unless_on_this_machine() -> None:
    assert "DJANGO_DEBUG" in problems_of(DJANGO_DEBUG="true")
    local = read(DJANGO_DEBUG="true", PUBLIC_URL="http://localhost:8000")
    assert local.DJANGO_DEBUG is True


def test_debug_mode_has_default_secrets() -> None:
    local = read(
        DJANGO_DEBUG="true",
        PUBLIC_URL="http://localhost:8000",
        DJANGO_SECRET_KEY="",
        TOKEN_ENCRYPTION_KEYS="",
    )
    assert len(local.DJANGO_SECRET_KEY) >= 50
    assert len(local.TOKEN_ENCRYPTION_KEYS) == 1


def test_lists_are_split_and_trimmed() -> None:
    settings = read(
        COGNITO_STAFF_GROUPS="operators, support ,",
        COGNITO_API_CLIENT_IDS="one,two",
        COGNITO_API_TOKEN_USES="access, id",
        COGNITO_SCOPES="openid  email",
        TOKEN_ENCRYPTION_KEYS=f"{FERNET_KEY},{FERNET_KEY}",
    )
    assert settings.COGNITO_STAFF_GROUPS == {"operators", "support"}
    assert settings.COGNITO_API_CLIENT_IDS == {"one", "two"}
    assert settings.COGNITO_API_TOKEN_USES == {"access", "id"}
    assert settings.COGNITO_SCOPES == ("openid", "email")
    assert len(settings.TOKEN_ENCRYPTION_KEYS) == 2


def test_origins_are_normalized_as_browsers_write_them() -> None:
    assert read().CORS_ALLOWED_ORIGINS == ()
    origins = "https://SPA.example.com:443/, http://localhost:3000"
    assert read(CORS_ALLOWED_ORIGINS=origins).CORS_ALLOWED_ORIGINS == (
        "https://spa.example.com",
        "http://localhost:3000",
    )


def test_no_secret_is_in_the_repr() -> None:
    shown = repr(
        read(
            COGNITO_CLIENT_SECRET="the-client-secret",
            DATABASE_URL="postgres://u:the-password@h/db",
            DJANGO_SECRET_KEY_FALLBACKS="f" * 50,
        )
    )
    for secret in ("the-client-secret", "the-password", "s" * 50, "f" * 50, FERNET_KEY):
        assert secret not in shown


@pytest.mark.slow
@pytest.mark.parametrize("command", [["check"], ["runserver"], ["migrate"]])
def test_manage_py_stops_with_the_reason_and_without_a_traceback(command: list[str]) -> None:
    finished = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        env={"COGNITO_REGION": "nowhere", "PATH": ""},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert finished.returncode != 0
    assert "COGNITO_REGION: expected an AWS region" in finished.stderr
    assert "COGNITO_CLIENT_ID: is required" in finished.stderr
    assert "Traceback" not in finished.stderr


def test_trusted_proxy_is_none_unless_it_is_named() -> None:
    assert read().TRUSTED_PROXY is None
    assert read(TRUSTED_PROXY="2 10.0.0.0/8, fd00::/8").TRUSTED_PROXY is not None
    expected = problems_of(TRUSTED_PROXY="true")["TRUSTED_PROXY"]
    assert expected.startswith("expected none, or the number of proxies")


def test_every_documented_trusted_proxy_is_accepted() -> None:
    page = (ROOT / "docs/proxies.md").read_text().replace("NETWORKS", "130.176.0.0/17")
    values = re.findall(r"TRUSTED_PROXY(?:=|: | = \")(\d [^`\"\n]+)", page)
    values += re.findall(r"^\| CloudFront, .*\| `(.*)` \|$", page, re.MULTILINE)
    assert len(values) >= 9
    assert all(parse(value) for value in values)
