"""Callbacks from the hosted UI that each have one fault, by name."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

Parameters = list[tuple[str, str]]

# Takes the correct code and state, and returns what follows the redirect URI.
AuthorizeFault = Callable[[str, str], str]


def query(*parameters: tuple[str, str]) -> str:
    return f"?{urlencode(parameters)}"


def honest(code: str, state: str) -> str:
    return query(("code", code), ("state", state))


# The application responds to each with a 4xx page and does not call the token endpoint.
NEVER_EXCHANGED: dict[str, AuthorizeFault] = {
    "no_state": lambda code, _: query(("code", code)),
    "empty_state": lambda code, _: query(("code", code), ("state", "")),
    "wrong_state": lambda code, state: query(("code", code), ("state", state[::-1])),
    "long_state": lambda code, _: query(("code", code), ("state", "A" * 5_000)),
    "unprintable_state": lambda code, _: query(("code", code), ("state", "\0\r\n\u2028")),
    "no_code": lambda _, state: query(("state", state)),
    "empty_code": lambda _, state: query(("code", ""), ("state", state)),
    "nul_code": lambda code, state: query(("code", f"{code}\0\r\nX: y"), ("state", state)),
    "long_code": lambda code, state: query(("code", code * 140), ("state", state)),
    "two_codes": lambda code, state: query(("code", code), ("code", "other"), ("state", state)),
    "two_states": lambda code, state: query(("code", code), ("state", state), ("state", "other")),
    # Some gateways join repeated parameters like this.
    "joined_states": lambda code, state: query(("code", code), ("state", f"{state},{state}")),
    "access_denied": lambda _, state: query(("error", "access_denied"), ("state", state)),
    "error_and_code": lambda code, state: query(
        ("error", "server_error"), ("code", code), ("state", state)
    ),
    "error_with_markup": lambda _, state: query(
        ("error", "<script>alert(1)</script>"),
        ("error_description", "<script>alert(1)</script>"),
        ("state", state),
    ),
    "error_and_wrong_state": lambda _, state: query(
        ("error", "access_denied"), ("state", state[::-1])
    ),
    "fragment": lambda code, state: f"#access_token={code}&id_token={code}&state={state}",
    "access_token_in_query": lambda code, state: query(("access_token", code), ("state", state)),
    "id_token_in_query": lambda code, state: query(("id_token", code), ("state", state)),
    "other_iss": lambda code, state: query(
        ("code", code), ("state", state), ("iss", "https://evil.example")
    ),
    "empty_iss": lambda code, state: query(("code", code), ("state", state), ("iss", "")),
}
