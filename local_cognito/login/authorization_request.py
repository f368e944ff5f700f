"""Parse what an app requests when it sends a browser here.

Every page has these parameters in its address, and passes them on.

https://docs.aws.amazon.com/cognito/latest/developerguide/authorization-endpoint.html
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
_MAX_AGE = re.compile(r"[0-9]{1,9}")
_RESOURCE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[\x21\x24-\x5b\x5d-\x7e]{1,255}")
# These scopes select claims of the ID token, which only openid requests.
_NEED_OPENID = {"email", "phone", "profile"}


@dataclass(frozen=True)
class AuthorizationRequest:
    """A request whose `client` exists, and whose `redirect_uri` that client has registered.

    Attributes:
        scope: scopes separated by spaces; empty for all scopes of the client.
        code_challenge: the S256 challenge of PKCE (RFC 7636); empty without PKCE.
        prompt: values of PROMPTS.
        acr_values: levels of authentication that the app accepts, in its order, separated by
            spaces; empty if it does not say.
        max_age: how many seconds ago the user may have signed in; None without a limit.
        resource: what the access token is for, its `aud` (RFC 8707); empty if the app does not say.
        parameters: all parameters as they arrived, for the address of the next page.
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
    acr_values: str
    max_age: int | None
    resource: str
    parameters: tuple[tuple[str, str], ...] = field(repr=False)

    @property
    def asks_for_level(self) -> bool:
        """Whether tokens have `acr` and `amr`: only if the app asks for a level or an age."""
        return bool(self.acr_values) or self.max_age is not None

    def url(self, path: str, **changes: str) -> str:
        """Return the address of another page for this request. "" removes a parameter."""
        parameters = {**dict(self.parameters), **changes}
        return f"{path}?{urlencode({name: text for name, text in parameters.items() if text})}"

    def callback(self, **parameters: str) -> str:
        return callback_url(self.redirect_uri, state=self.state, **parameters)

    @property
    def then(self) -> str:
        """The page of the hosted UI that follows the sign-in; empty for the app."""
        return dict(self.parameters).get("then", "")

    @property
    def form_target(self) -> str:
        """Where the redirects of a form may lead, as a source of CSP's form-action."""
        target = urlsplit(self.redirect_uri)
        if target.scheme in {"http", "https"}:
            return f"{target.scheme}://{target.netloc}"
        return f"{target.scheme}:"


def parse(
    unverified: MultiDict[str, str], *, find_client: Callable[[str], AppClient | None]
) -> AuthorizationRequest:
    """Parse and check the parameters.

    Raises:
        BrokenRequest: the client or the address to return to is unknown.
        ErrorRedirect: anything else is wrong.
    """
    given = unverified.to_dict()
    client = find_client(given.get("client_id", ""))
    if client is None:
        raise BrokenRequest("The app client (client_id) does not exist in this user pool.")
    redirect_uri = given.get("redirect_uri", "")
    if redirect_uri not in client.callback_urls:
        raise BrokenRequest(
            "The address to return to (redirect_uri) is not a callback URL of the app client. The "
            "two are compared character by character."
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
        acr_values=given.get("acr_values", ""),
        max_age=int(given["max_age"]) if given.get("max_age") else None,
        resource=given.get("resource", ""),
        parameters=tuple(given.items()),
    )


def callback_url(redirect_uri: str, *, state: str, **parameters: str) -> str:
    if state:
        parameters["state"] = state
    if not parameters:
        return redirect_uri
    separator = "&" if "?" in redirect_uri else "?"
    return f"{redirect_uri}{separator}{urlencode(parameters)}"


def _error(unverified: MultiDict[str, str], given: dict[str, str], client: AppClient) -> str:
    """Return the error code of RFC 6749, section 4.1.2.1; empty if nothing is wrong."""
    if any(len(values) > 1 for values in unverified.listvalues()):
        return "invalid_request"
    response_type = given.get("response_type", "")
    if response_type not in {"code", "token"}:
        return "invalid_request"
    # No client of the pool has the implicit grant, and MiniStack lacks it.
    if response_type == "token" or "code" not in client.flows:
        return "unauthorized_client"
    if _malformed(given):
        return "invalid_request"
    scopes = set(given.get("scope", "").split())
    if not scopes <= set(client.scopes) or (scopes & _NEED_OPENID and "openid" not in scopes):
        return "invalid_scope"
    # RFC 8707, section 2: an absolute URI without a fragment.
    has_resource = "resource" not in given or _RESOURCE.fullmatch(given["resource"])
    return "" if has_resource else "invalid_target"


def _malformed(given: dict[str, str]) -> bool:
    challenge, method = given.get("code_challenge"), given.get("code_challenge_method")
    if (challenge is not None or method is not None) and (
        method != "S256" or not _CODE_CHALLENGE.fullmatch(challenge or "")
    ):
        return True
    if "max_age" in given and not _MAX_AGE.fullmatch(given["max_age"]):
        return True
    prompts = given.get("prompt", "").split()
    return not PROMPTS.issuperset(prompts) or ("none" in prompts and len(prompts) > 1)
