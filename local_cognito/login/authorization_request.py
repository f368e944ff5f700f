"""What an app asks for when it sends a browser here.

https://docs.aws.amazon.com/cognito/latest/developerguide/authorization-endpoint.html; every page
takes these parameters, and hands them on in its address.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from werkzeug.datastructures import MultiDict

from local_cognito.login.errors import BrokenRequest, ErrorRedirect
from local_cognito.login.user_pool.app_client import AppClient

PROMPTS = {"none", "login", "select_account", "consent"}

_CODE_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43,128}")
# These say what goes into the ID token, and there is none without openid.
_NEED_OPENID = {"email", "phone", "profile"}


@dataclass(frozen=True)
class AuthorizationRequest:
    """A request whose `client` exists, and whose `redirect_uri` is one of that client's.

    Attributes:
        scope: separated by spaces; empty for all that the client may ask for.
        code_challenge: of PKCE, by S256 (RFC 7636); empty without PKCE.
        prompt: of PROMPTS.
        parameters: all of them as they came, for the address of the next page.
    """

    client: AppClient
    redirect_uri: str
    scope: str
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    code_challenge: str = field(repr=False)
    prompt: frozenset[str]
    login_hint: str
    identity_provider: str
    parameters: tuple[tuple[str, str], ...] = field(repr=False)

    def url(self, path: str, **changes: str) -> str:
        """The address of another page that goes on with this request. "" takes a parameter out."""
        parameters = {**dict(self.parameters), **changes}
        return f"{path}?{urlencode({name: text for name, text in parameters.items() if text})}"

    def callback(self, **parameters: str) -> str:
        return callback_url(self.redirect_uri, state=self.state, **parameters)

    @property
    def form_target(self) -> str:
        """Where a form of ours may lead in the end, as a source of CSP's form-action."""
        target = urlsplit(self.redirect_uri)
        if target.scheme in {"http", "https"}:
            return f"{target.scheme}://{target.netloc}"
        return f"{target.scheme}:"


def parse(
    unverified: MultiDict[str, str], *, find_client: Callable[[str], AppClient | None]
) -> AuthorizationRequest:
    """Raises BrokenRequest where client or address are unknown, ErrorRedirect for all the rest."""
    given = unverified.to_dict()
    client = find_client(given.get("client_id", ""))
    if client is None:
        raise BrokenRequest("The app client (client_id) does not exist in this user pool.")
    redirect_uri = given.get("redirect_uri", "")
    if redirect_uri not in client.callback_urls:
        raise BrokenRequest(
            "The address to go back to (redirect_uri) is not one of the app client's callback "
            "URLs. They are compared character by character."
        )
    state = given.get("state", "")
    error = _error(unverified, given, client)
    if error:
        raise ErrorRedirect(redirect_uri, error, state=state)
    return AuthorizationRequest(
        client=client,
        redirect_uri=redirect_uri,
        scope=given.get("scope", ""),
        state=state,
        nonce=given.get("nonce", ""),
        code_challenge=given.get("code_challenge", ""),
        prompt=frozenset(given.get("prompt", "").split()),
        login_hint=given.get("login_hint", ""),
        identity_provider=given.get("identity_provider", ""),
        parameters=tuple(given.items()),
    )


def callback_url(redirect_uri: str, *, state: str, **parameters: str) -> str:
    if state:
        parameters["state"] = state
    separator = "&" if "?" in redirect_uri else "?"
    return f"{redirect_uri}{separator}{urlencode(parameters)}"


def _error(unverified: MultiDict[str, str], given: dict[str, str], client: AppClient) -> str:
    """What is wrong with it, as RFC 6749 section 4.1.2.1 calls it; empty if nothing is."""
    if any(len(values) > 1 for values in unverified.listvalues()):
        return "invalid_request"
    response_type = given.get("response_type", "")
    if response_type not in {"code", "token"}:
        return "invalid_request"
    # The implicit grant: no client of ours has it, and MiniStack does not know it.
    if response_type == "token" or "code" not in client.flows:
        return "unauthorized_client"
    if _malformed(given):
        return "invalid_request"
    scopes = set(given.get("scope", "").split())
    if not scopes <= set(client.scopes) or (scopes & _NEED_OPENID and "openid" not in scopes):
        return "invalid_scope"
    return ""


def _malformed(given: dict[str, str]) -> bool:
    challenge, method = given.get("code_challenge"), given.get("code_challenge_method")
    if (challenge is not None or method is not None) and (
        method != "S256" or not _CODE_CHALLENGE.fullmatch(challenge or "")
    ):
        return True
    prompts = given.get("prompt", "").split()
    return not PROMPTS.issuperset(prompts) or ("none" in prompts and len(prompts) > 1)
