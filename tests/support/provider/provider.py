"""The misbehaving provider, which tests control."""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Callable
from email.message import Message

from cognito.testing.key_set_faults import DOCUMENTS
from tests.support.environment import VARIABLES
from tests.support.provider import hosted_ui, user_pool_api
from tests.support.provider.authorize_faults import NEVER_EXCHANGED
from tests.support.provider.hosted_ui import ANSWER_FAULTS, ID_TOKEN_FAULTS
from tests.support.provider.people import Person
from tests.support.provider.pool import CLIENT_SECRET, Pool, RegisteredClient
from tests.support.provider.server import Received, Reply, Server, first_values
from tests.support.provider.user_pool_api import EMPTY_SUCCESSES, TARGET_PREFIX
from tests.support.provider.wire import HTTPAnswer, is_wire_fault

ISSUER = f"https://cognito-idp.eu-west-1.amazonaws.com/{VARIABLES['COGNITO_USER_POOL_ID']}"

# The channels of faults. `idp` means every operation of the API.
OPERATIONS = {
    "refresh": "GetTokensFromRefreshToken",
    "revoke": "RevokeToken",
    "global_sign_out": "GlobalSignOut",
    "get_user": "GetUser",
    "update": "UpdateUserAttributes",
    "send_code": "GetUserAttributeVerificationCode",
    "verify": "VerifyUserAttribute",
    "change_password": "ChangePassword",
    "delete_user": "DeleteUser",
    "groups_of": "AdminListGroupsForUser",
    "begin_totp": "AssociateSoftwareToken",
    "confirm_totp": "VerifySoftwareToken",
    "list_sessions": "ListUserSessions",
    "revoke_session": "RevokeUserSession",
    "auth_factors": "GetUserAuthFactors",
    "passkeys": "ListWebAuthnCredentials",
    "begin_passkey": "StartWebAuthnRegistration",
    "register_passkey": "CompleteWebAuthnRegistration",
    "delete_passkey": "DeleteWebAuthnCredential",
    "mfa_preference": "SetUserMFAPreference",
}
CHANNELS = frozenset({"authorize", "token", "jwks", "idp", *OPERATIONS})


class Provider:
    """A Cognito on loopback for a Gatehouse at `public_url`.

    `person` is the user who is signed in at its hosted UI.

    `behave` sets the faults of further requests by channel and name:

    - ``authorize``: `tests.support.provider.authorize_faults`, and ``unknown_code``;
    - ``token``: `id_token_faults`, `answer_faults`, `wire`, and ``rotated_now``;
    - ``jwks``: `cognito.testing.key_set_faults` and `wire`;
    - an operation of `OPERATIONS`, such as ``refresh``, or ``idp`` for all of them: the name of an
      exception, `user_pool_api.EMPTY_SUCCESSES`, `wire`, and for ``refresh`` `id_token_faults`.
    """

    def __init__(
        self,
        server: Server,
        public_url: str = VARIABLES["PUBLIC_URL"],
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._server = server
        self._lock = threading.Lock()
        self._faults: dict[str, str] = {}
        # Each provider has its own path, so that the keys of an earlier one are not accepted.
        self._jwks_path = f"/{secrets.token_hex(8)}/.well-known/jwks.json"
        self.url = server.url
        self.public_url = public_url
        client = RegisteredClient(
            VARIABLES["COGNITO_CLIENT_ID"],
            CLIENT_SECRET,
            redirect_uris=frozenset({f"{public_url}/accounts/callback/"}),
            logout_uris=frozenset({f"{public_url}/accounts/logged-out/"}),
        )
        self.pool = Pool(ISSUER, client, clock, evil_url=f"{server.url}/evil/jwks.json")
        self.person = Person()
        self.received: list[Received] = []

    @property
    def jwks_url(self) -> str:
        return self.url + self._jwks_path

    @property
    def variables(self) -> dict[str, str]:
        """Return the variables of a Gatehouse that uses this provider."""
        return {
            "PUBLIC_URL": self.public_url,
            "COGNITO_CLIENT_SECRET": CLIENT_SECRET,
            "COGNITO_DOMAIN": self.url,
            "COGNITO_JWKS_URL": self.jwks_url,
            "AWS_ENDPOINT_URL": self.url,
        }

    @property
    def secrets(self) -> frozenset[str]:
        """Return the values that must not be in a log or a response of the application."""
        return frozenset(self.pool.secrets)

    def behave(self, **faults: str) -> None:
        """Set the faults. Without arguments, the provider behaves correctly."""
        for channel, fault in faults.items():
            _demand_known(channel, fault)
        self._faults = faults
        self._server.let_go()

    def misbehaves(self, *channels: str) -> bool:
        """Return whether the next request of one of the channels has a fault."""
        return not self._faults.keys().isdisjoint(channels)

    def requests(self, name: str) -> list[Received]:
        """Return the requests of a path (``/oauth2/token``), an operation or ``jwks``."""
        with self._lock:
            return [one for one in self.received if one.name == name]

    def hits(self, name: str) -> int:
        return len(self.requests(name))

    def __call__(
        self, method: str, path: str, query: list[tuple[str, str]], headers: Message, body: bytes
    ) -> Reply:
        target = headers.get("X-Amz-Target", "")
        operation = target.removeprefix(TARGET_PREFIX) if target.startswith(TARGET_PREFIX) else ""
        name = operation or ("jwks" if path == self._jwks_path else path)
        received = Received(name, method, query, headers, body)
        with self._lock:
            self.received.append(received)
        fault = self._fault_of(name, operation)
        answer = self._answer(received, operation, "" if is_wire_fault(fault) else fault)
        return Reply(answer, fault if is_wire_fault(fault) else "")

    def _fault_of(self, name: str, operation: str) -> str:
        if operation:
            channel = next((key for key, value in OPERATIONS.items() if value == operation), "idp")
            return self._faults.get(channel, self._faults.get("idp", ""))
        channel = {"/oauth2/authorize": "authorize", "/oauth2/token": "token"}.get(name, name)
        return self._faults.get(channel, "")

    def _answer(self, received: Received, operation: str, fault: str) -> HTTPAnswer:
        if operation:
            return user_pool_api.call(self.pool, operation, json.loads(received.body), fault)
        query, headers = first_values(received.query), dict(received.headers)
        pool, form = self.pool, received.form
        pages: dict[str, Callable[[], HTTPAnswer]] = {
            "/oauth2/authorize": lambda: hosted_ui.authorize(pool, self.person, query, fault),
            "/signup": lambda: hosted_ui.authorize(pool, self.person, query, fault),
            "/oauth2/token": lambda: hosted_ui.token(pool, form, headers, fault),
            "/oauth2/revoke": lambda: hosted_ui.revoke(pool, form, headers),
            "/logout": lambda: hosted_ui.logout(pool, query),
            "jwks": lambda: HTTPAnswer(200, DOCUMENTS[fault or "ok"](pool.published_keys())),
        }
        return pages.get(received.name, lambda: HTTPAnswer(404, b"{}"))()


def _demand_known(channel: str, fault: str) -> None:
    """Refuse an unknown fault, because its tests would pass without testing anything."""
    known = {
        "authorize": {*NEVER_EXCHANGED, "unknown_code"},
        "token": {*ANSWER_FAULTS, *ID_TOKEN_FAULTS, "rotated_now"},
        "jwks": set(DOCUMENTS),
    }.get(channel, {*EMPTY_SUCCESSES, *(ID_TOKEN_FAULTS if channel == "refresh" else ())})
    is_exception = channel in {"idp", *OPERATIONS} and fault.endswith("Exception")
    if channel not in CHANNELS or not (fault in known or is_exception or is_wire_fault(fault)):
        raise ValueError(f"no such fault: {channel}={fault}")
