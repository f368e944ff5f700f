"""What a user can sign in with, and which pages can create passkeys."""

from __future__ import annotations

import json
from email.message import Message

import pytest

from cognito.errors import (
    LastFactor,
    MalformedAnswer,
    PasskeyNotFound,
    PasskeysUnavailable,
    SessionsNotTracked,
)
from cognito.user_pool.auth_factors import AuthFactors, auth_factors
from cognito.user_pool.aws_clients import AWSClients
from cognito.user_pool.passkeys import Passkeys, covers, relying_party_of
from cognito.user_pool.service import PoolService
from cognito.user_pool.service_errors import error_of
from tests.support.provider.server import Reply, Server
from tests.support.provider.wire import HTTPAnswer

JSON = {"Content-Type": "application/x-amz-json-1.1"}
FIRST = "eyJ-id-1"


class FakePool:
    """Answers each operation with members of a success, and records the operations."""

    def __init__(self, **answers: object) -> None:
        self.answers = answers
        self.called: list[str] = []

    def __call__(
        self, _method: str, _path: str, _query: object, headers: Message, _body: bytes
    ) -> Reply:
        operation = headers.get("X-Amz-Target", "").rpartition(".")[2]
        self.called.append(operation)
        body = json.dumps(self.answers.get(operation, {})).encode()
        return Reply(HTTPAnswer(200, body, JSON), "")


def service(server: Server) -> PoolService:
    return PoolService("eu-west-1", server.url, clients=AWSClients())


def factors(server: Server, *configured: object, second: object = None) -> AuthFactors:
    answer = {"ConfiguredUserAuthFactors": list(configured), "UserMFASettingList": second}
    with server.serving(FakePool(GetUserAuthFactors=answer)):
        return auth_factors(service(server), "a-token")


def test_factors_are_read_by_their_names_in_cognito(cognito_server: Server) -> None:
    known = factors(
        cognito_server, "PASSWORD", "WEB_AUTHN", "A_NEW_ONE", second=["SOFTWARE_TOKEN_MFA"]
    )
    assert known.first == {"PASSWORD", "WEB_AUTHN"}
    assert known.second == {"SOFTWARE_TOKEN_MFA"}
    assert known.has_app
    assert not known.only_passkeys


def test_user_of_a_pool_that_lists_nothing_has_a_password(cognito_server: Server) -> None:
    known = factors(cognito_server)
    assert known.first == {"PASSWORD"}
    assert not known.has_app
    assert not known.only_passkeys


def test_malformed_list_of_factors_is_refused(cognito_server: Server) -> None:
    with pytest.raises(MalformedAnswer):
        factors(cognito_server, second=5)


@pytest.mark.parametrize("app", [[], ["SOFTWARE_TOKEN"]])
def test_last_passkey_of_a_user_without_another_first_factor_stays(
    cognito_server: Server, app: list[str]
) -> None:
    # An authenticator app cannot begin a sign-in.
    passkeys = Passkeys(service(cognito_server), "a-token")
    only_passkeys = {"ConfiguredUserAuthFactors": ["WEB_AUTHN", *app]}
    one = {"CredentialId": FIRST, "CreatedAt": 1}
    pool = FakePool(
        GetUserAuthFactors=only_passkeys, ListWebAuthnCredentials={"Credentials": [one]}
    )
    with cognito_server.serving(pool), pytest.raises(LastFactor):
        passkeys.delete(FIRST)
    assert "DeleteWebAuthnCredential" not in pool.called

    two = {"CredentialId": "another", "CreatedAt": 2}
    pool = FakePool(
        GetUserAuthFactors=only_passkeys, ListWebAuthnCredentials={"Credentials": [one, two]}
    )
    with cognito_server.serving(pool):
        passkeys.delete(FIRST)
    assert pool.called[-1] == "DeleteWebAuthnCredential"


def test_last_passkey_is_deleted_if_there_is_a_password(cognito_server: Server) -> None:
    pool = FakePool(GetUserAuthFactors={"ConfiguredUserAuthFactors": ["PASSWORD", "WEB_AUTHN"]})
    with cognito_server.serving(pool):
        Passkeys(service(cognito_server), "a-token").delete(FIRST)
    assert pool.called == ["GetUserAuthFactors", "DeleteWebAuthnCredential"]


@pytest.mark.parametrize(
    ("relying_party", "host", "is_covered"),
    [
        ("example.com", "example.com", True),
        ("example.com", "app.Example.com", True),
        ("localhost", "localhost", True),
        ("example.com", "badexample.com", False),
        ("login.example.com", "app.example.com", False),
        ("login.example.com", "example.com", False),
        ("x.auth.eu-west-1.amazoncognito.com", "app.example.com", False),
        ("", "app.example.com", False),
    ],
)
def test_relying_party_covers_its_domain_and_those_below(
    relying_party: str, host: str, *, is_covered: bool
) -> None:
    assert covers(relying_party, host) is is_covered


@pytest.mark.parametrize("options", [{}, {"rp": None}, {"rp": {"id": 5}}, {"rp": "example.com"}])
def test_options_without_a_relying_party_cover_nothing(options: dict[str, object]) -> None:
    assert not relying_party_of(options)


@pytest.mark.parametrize(
    ("exception", "operation", "kind"),
    [
        ("FeatureUnavailableInTierException", "StartWebAuthnRegistration", PasskeysUnavailable),
        ("OperationNotEnabledException", "ListWebAuthnCredentials", PasskeysUnavailable),
        ("OperationNotEnabledException", "ListUserSessions", SessionsNotTracked),
        ("OperationNotEnabledException", "AdminRevokeUserSession", SessionsNotTracked),
        ("ResourceNotFoundException", "DeleteWebAuthnCredential", PasskeyNotFound),
    ],
)
def test_missing_feature_is_not_an_error_of_the_configuration(
    exception: str,
    operation: str,
    kind: type[Exception],
    caplog: pytest.LogCaptureFixture,
) -> None:
    error = error_of({"Error": {"Code": exception, "Message": "x"}}, operation=operation)
    assert type(error) is kind
    assert not caplog.records
