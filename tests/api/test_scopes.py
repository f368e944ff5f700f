"""The access of every kind of token to every endpoint, among them tokens of third parties."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver
from pytest_django import Settings

from api.permissions import InSession
from api.urls import version_1
from tests.support.answers import body_of, challenge
from tests.support.caller import Caller
from tests.support.tokens import tokens_of

pytestmark = [pytest.mark.usefixtures("known_keys", "_unreachable_pool"), pytest.mark.django_db]

COGNITO_SCOPE = "aws.cognito.signin.user.admin"
PARTNER = "partner1"
METHODS = ("get", "post", "put", "patch", "delete")
SUB = "0b6ed9f2-6f0c-4c43-8f5a-3f2a1c9a7d10"

# The scope that a third party's client needs in addition to api/read and api/write, by the first
# segments of the path. Each new path must be listed here.
NEEDS = {
    "notes": None,  # only with notes
    "me": None,
    "me/profile": "api/account",
    "me/password": "api/account",
    "me/mfa": "api/account",
    "me/passkeys": "api/account",
    "me/sessions": "api/account",
    "auth/sign-out-everywhere": "api/account",
    "operators/audit-events": "api/audit",  # only with console
    "operators/users": "api/operate",  # only with console
    "operators/groups": "api/operate",  # only with console
}


def endpoints(patterns: list[Any] = version_1, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield the method and path of every endpoint that requires a bearer token."""
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from endpoints(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern) and hasattr(pattern.callback, "cls"):
            view = pattern.callback.cls
            if view.authentication_classes and InSession not in view.permission_classes:
                filled = "/".join(SUB if part[:1] == "<" else part for part in path.split("/"))
                yield from ((one, filled) for one in METHODS if hasattr(view, one))


def needed_scope(method: str, path: str) -> str | None:
    if (method, path) == ("delete", "me"):
        return "api/account"
    key = path if path in NEEDS else "/".join(path.split("/")[:2])
    if key not in NEEDS:
        key = path.partition("/")[0]
    assert key in NEEDS, (
        f'Add "{key}" to NEEDS in tests/api/test_scopes.py: the scope that its view requires, or '
        "None where api/read and api/write are enough."
    )
    return NEEDS[key]


each_endpoint = pytest.mark.parametrize(("method", "path"), list(endpoints()))


@pytest.fixture
def _unreachable_pool(settings: Settings) -> None:
    """Use a closed port as the pool, so that a permitted request changes nothing."""
    settings.AWS_ENDPOINT_URL = "http://127.0.0.1:9"
    settings.COGNITO_API_CLIENT_IDS = frozenset({PARTNER, "robot1"})


@pytest.fixture
def ask(call: Caller) -> Any:
    def ask(method: str, path: str, token: str) -> tuple[str, str]:
        """Return the `code` and the challenge of an error, or empty strings."""
        response = call(token, f"/api/v1/{path}", method=method.upper(), body={})
        code = body_of(response)["code"] if response.status_code >= 400 else ""
        return code, response.get("WWW-Authenticate", "")

    return ask


def of_a_user(scope: str, **changed: Any) -> str:
    """Return an operator's token, so that nothing but the scope can be missing."""
    return tokens_of(SUB).access({"cognito:groups": ["operators"]}, scope=scope, **changed)


@each_endpoint
def test_third_party_client_reaches_nothing_beyond_the_scopes_of_its_token(
    ask: Any, method: str, path: str
) -> None:
    everyday = f"openid {COGNITO_SCOPE} api/read api/write"
    code, header = ask(method, path, of_a_user(everyday, client_id=PARTNER))
    needed = needed_scope(method, path)
    if needed is None:
        assert code not in {"insufficient_scope", "not_authenticated"}
    else:
        assert code == "insufficient_scope"
        # Cognito needs its own scope as well in calls on the account.
        is_call_of_cognito = needed == "api/account" and path.startswith("me")
        scopes = f"{needed} {COGNITO_SCOPE}" if is_call_of_cognito else needed
        assert header == challenge(f'error="insufficient_scope", scope="{scopes}"')


@each_endpoint
def test_third_party_client_with_the_scope_reaches_the_endpoint(
    ask: Any, method: str, path: str
) -> None:
    scopes = f"{COGNITO_SCOPE} {needed_scope(method, path) or 'api/read api/write'}"
    code, _ = ask(method, path, of_a_user(scopes, client_id=PARTNER))
    assert code not in {"insufficient_scope", "not_in_group"}


@each_endpoint
def test_other_scopes_do_not_replace_the_required_one(ask: Any, method: str, path: str) -> None:
    needed = needed_scope(method, path)
    others = {"api/account", "api/operate", "api/audit", "api/read", "api/write"} - {needed}
    code, _ = ask(method, path, of_a_user(" ".join([COGNITO_SCOPE, *others]), client_id=PARTNER))
    assert (code == "insufficient_scope") == (needed is not None)


@each_endpoint
def test_first_party_user_needs_no_scope_of_the_api(ask: Any, method: str, path: str) -> None:
    code, _ = ask(method, path, of_a_user(f"openid {COGNITO_SCOPE}"))
    assert code not in {"insufficient_scope", "not_in_group"}


@each_endpoint
def test_machine_client_reaches_only_what_needs_no_user(ask: Any, method: str, path: str) -> None:
    every = f"{COGNITO_SCOPE} api/read api/write api/account api/operate api/audit"
    groups = {"cognito:groups": ["operators"]}
    token = tokens_of(SUB).machine(groups, client_id="robot1", scope=every)
    code, _ = ask(method, path, token)
    if needed_scope(method, path) is None:
        assert code not in {"insufficient_scope", "user_required", "not_in_group"}
    else:
        assert code in {"user_required", "not_in_group"}


# begin capability console
def test_scope_without_the_staff_group_makes_no_operator(ask: Any) -> None:
    token = tokens_of(SUB).access(scope="api/operate api/audit", client_id=PARTNER)
    assert ask("get", "operators/users", token)[0] == "not_in_group"
    assert ask("get", "operators/audit-events", token)[0] == "not_in_group"


# end capability console


def test_every_endpoint_is_in_the_table() -> None:
    found = list(endpoints())
    assert len(found) > 15
    for method, path in found:
        needed_scope(method, path)
