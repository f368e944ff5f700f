"""docs/api-errors.md lists every code that a client can receive."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from rest_framework import exceptions

from accounts.console.directory import errors as rules
from accounts.not_allowed import LastSuperuser
from accounts.process.revocation_list import RevocationsUnavailable
from api import authentication, permissions, problems
from api.me.refusals import (
    LastFactor,
    PasskeysUnavailable,
    SecondFactorRequired,
    SecondFactorUnavailable,
)
from api.recent_authentication import InsufficientUserAuthentication
from api.refusals import InsufficientScope, TokenRequired, TokenRevoked, TooManyRows
from api.session_authentication import CsrfFailed, SessionEnded
from api.wire import exception_handler
from cognito.errors import (
    AccountExists,
    ClientRefused,
    CognitoUnavailable,
    CredentialsUnavailable,
    DevicesNotRemembered,  # only with console
    GroupExists,  # only with console
    KeysUnavailable,
    MalformedAnswer,
    NoTimeLeft,
    OperationNotSupported,  # only with console
    SessionsNotTracked,  # only with console
    TokenError,
    TransportError,
    WrongUserState,
)

# begin capability console
OF_OPERATORS = (
    rules.PermissionMissing,
    rules.OwnAccountRefused,
    rules.MoreRights,
    rules.GroupInUse,
    rules.GroupWithRole,
    rules.SecondFactorMissing,
    OperationNotSupported,
    GroupExists,
    rules.SignedOutHereOnly,
    rules.HostedSessionsLeft,
    rules.EditNotConfirmed,
    SessionsNotTracked,
    DevicesNotRemembered,
)
# end capability console
# Only sign-in with a browser raises these, so no client of the API receives them.
OF_SIGN_IN = {"wrong_nonce", "wrong_access_token"}


def leaves(root: type[TokenError]) -> Iterator[str]:
    yield root.code
    for error in root.__subclasses__():
        yield from leaves(error)


def codes_in_code() -> set[str]:
    written = "".join(
        Path(module.__file__).read_text("utf-8")
        for module in (authentication, exception_handler, permissions)
        if module.__file__
    )
    raised: set[type[exceptions.APIException]] = {
        exceptions.NotAuthenticated,
        exceptions.ParseError,
        InsufficientScope,
        InsufficientUserAuthentication,
        TokenRequired,
        TokenRevoked,
        TooManyRows,
        SecondFactorRequired,
        SecondFactorUnavailable,
        PasskeysUnavailable,
        LastFactor,
        CsrfFailed,
        SessionEnded,
    }
    unavailable = (
        ClientRefused,
        CognitoUnavailable,
        CredentialsUnavailable,
        KeysUnavailable,
        MalformedAnswer,
        NoTimeLeft,
        RevocationsUnavailable,
        TransportError,
    )
    refused = (AccountExists, LastSuperuser, WrongUserState)
    return (
        set(leaves(TokenError)) - OF_SIGN_IN
        | {code for code, _ in problems.STANDARD.values()}
        | {problems.standard_problem(500).code}
        | {str(error.default_code) for error in raised}
        | {error.code for error in unavailable}
        | {error.code for error in refused}
        | {error.code for error in OF_OPERATORS}  # only with console
        | set(re.findall(r'code ?= ?"(\w+)"', written))
        | {"database_unavailable"}
    )


def test_documented_codes_are_those_of_the_code() -> None:
    page = Path(__file__).parents[3].joinpath("docs", "api-errors.md").read_text("utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| ")]
    cells = [cell for row in rows for cell in row.split("|")[1:3]]
    documented = {code for cell in cells for code in re.findall(r"^ (?:`\w+`, )*`\w+` $", cell)}
    names = {name for cell in documented for name in re.findall(r"`(\w+)`", cell)}

    assert names == codes_in_code()
