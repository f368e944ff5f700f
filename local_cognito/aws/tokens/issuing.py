"""Add claims to the tokens that MiniStack issues, and issue tokens for a SignIn.

MiniStack builds the tokens of each sign-in and refresh in `_build_auth_result`, and signs each of
them in `_signed_jwt`. `install` wraps both. Cognito lets no trigger change the added claims, so
they are added after the trigger.
"""
# ruff: noqa: SLF001

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from urllib.parse import parse_qs
from uuid import uuid4

from local_cognito.aws.context import Answer, Context
from local_cognito.aws.ministack_pools import Record, attributes
from local_cognito.aws.tokens import levels, sessions, sign_ins
from local_cognito.aws.tokens.sign_ins import SignIn

# What the request at hand has proven. None lets the request itself tell.
_proven: ContextVar[SignIn | None] = ContextVar("_proven", default=None)
# The request at hand, which tells the factors of a sign-in that MiniStack completes.
_request: ContextVar[Mapping[str, Any]] = ContextVar("_request", default={})  # noqa: B039
_claims: ContextVar[Mapping[str, Mapping[str, Any]]] = ContextVar("_claims", default={})  # noqa: B039

# The hash of the access token, for the ID token of a sign-in at the hosted UI.
_hashes: ContextVar[dict[str, str] | None] = ContextVar("_hashes", default=None)
# The browser of a sign-in through the hosted UI.
_device: ContextVar[Record] = ContextVar("_device", default={})  # noqa: B039

# The last challenge of a sign-in with a password tells the second factor.
_SECOND_FACTORS = {
    "SOFTWARE_TOKEN_MFA": levels.TOTP,
    "MFA_SETUP": levels.TOTP,
    "SMS_MFA": levels.SMS_CODE,
    "EMAIL_OTP": levels.EMAIL_CODE,
}
_AUTHORIZATION_CODE = "sign_in"
_MAXIMUM_ADDRESS = 128


def issue(
    context: Context,
    pool: Record,
    client: Record,
    user: Record,
    sign_in: SignIn,
    *,
    client_metadata: Mapping[str, str] | None = None,
) -> Answer:
    """Return the AuthenticationResult of a completed sign-in through the API."""
    with proven(sign_in):
        result: Answer = context.pools.cognito._build_auth_result(
            pool["Id"], client["ClientId"], user, client_metadata=dict(client_metadata or {})
        )
    return result


def derive(
    context: Context,
    pool: Record,
    client: Record,
    user: Record,
    *,
    use: str,
    scope: str,
    origin_jti: str,
    claims: Mapping[str, Any],
    latest: int,
) -> tuple[str, int]:
    """Return a token that comes from another token, and when it expires.

    Args:
        use: `access` or `id`.
        origin_jti: that of the other token. The new one is revoked with it.
        claims: claims that no trigger changes.
        latest: when it expires at the latest.
    """
    cognito = context.pools.cognito
    seconds = cognito._token_validity(pool["Id"], client["ClientId"], use)
    expires = min(int(context.clock()) + seconds, latest)
    known = attributes(user)
    added = _claims.set({use: {**claims, "exp": expires}})
    try:
        token: str = cognito._fake_token(
            known["sub"],
            pool["Id"],
            client["ClientId"],
            use,
            username=user["Username"],
            user_attrs=known,
            groups=user.get("_groups", []),
            origin_jti=origin_jti,
            scope=scope,
        )
    finally:
        _claims.reset(added)
    return token, expires


@contextmanager
def proven(sign_in: SignIn | None) -> Iterator[None]:
    """During the block, tokens of a new sign-in say what `sign_in` says."""
    token = _proven.set(sign_in)
    try:
        yield
    finally:
        _proven.reset(token)


@contextmanager
def during(request: Mapping[str, Any]) -> Iterator[None]:
    """During the block, `request` is answered."""
    token = _request.set(request)
    try:
        yield
    finally:
        _request.reset(token)


def remember_with_code(entry: Record, sign_in: SignIn, device: Record) -> None:
    """Keep a SignIn with an authorization code, for the tokens that the code is exchanged for.

    `device` describes the browser in the list of sessions.
    """
    entry[_AUTHORIZATION_CODE] = sign_in.stored() | {"device": device}


def install(cognito: Any, context: Context) -> None:
    """Wrap MiniStack's functions that issue tokens."""
    build, sign, exchange = cognito._build_auth_result, cognito._signed_jwt, cognito._oauth2_token

    def build_with_claims(
        pool_id: str, client_id: str, user: Record, *rest: Any, **options: Any
    ) -> Any:
        origin_jti = options.get("origin_jti") or str(uuid4())
        now = context.clock()
        stored = sign_ins.find(user, origin_jti)
        if stored is not None:
            stored["used"] = now
        elif not options.get("origin_jti"):
            # MiniStack revokes the access tokens of these when a user signs out everywhere.
            user.setdefault("_origin_jtis", []).append(origin_jti)
            sign_in = _proven.get() or _of_request(now)
            sessions.make_room(context, cognito._get_pool_unscoped(pool_id), user)
            stored = sign_ins.remember(user, origin_jti, sign_in, client_id=client_id, now=now)
            stored["device"] = _device.get() or _device_of_request()
        # A sign-in that was forgotten can still refresh its tokens.
        sign_in_now = SignIn.restored(stored) if stored else _proven.get()
        pool = cognito._get_pool_unscoped(pool_id) or {}
        token = _claims.set(_added_claims(pool, sign_in_now) if sign_in_now else {})
        hosted = options.get("trigger_source") == "TokenGeneration_HostedAuth"
        hashes = _hashes.set({} if hosted else None)
        try:
            return build(pool_id, client_id, user, *rest, **{**options, "origin_jti": origin_jti})
        finally:
            _hashes.reset(hashes)
            _claims.reset(token)

    def sign_with_claims(claims: Record, pool_id: str = "", use: str = "") -> Any:
        kind, hashes = claims.get("token_use", ""), _hashes.get()
        added = _claims.get().get(kind, {})
        if kind == "id" and hashes:
            added = {**added, **hashes}
        token = sign({**claims, **added}, pool_id, use)
        # MiniStack signs the access token first.
        if kind == "access" and hashes is not None:
            hashes["at_hash"] = _access_token_hash(token)
        return token

    def exchange_with_sign_in(
        data: Any, query_params: Any, raw_body: bytes = b"", headers: Any = None
    ) -> Any:
        codes = parse_qs(raw_body.decode("utf-8", errors="replace")).get("code", [""])
        stored = cognito._authorization_codes.get(codes[0], {}).get(_AUTHORIZATION_CODE)
        device = _device.set(stored["device"] if stored else {})
        try:
            with proven(SignIn.restored(stored) if stored else None):
                return exchange(data, query_params, raw_body, headers)
        finally:
            _device.reset(device)

    cognito._build_auth_result = build_with_claims
    cognito._signed_jwt = sign_with_claims
    cognito._oauth2_token = exchange_with_sign_in


def _of_request(now: float) -> SignIn:
    """Return what a sign-in through one of MiniStack's own operations has proven."""
    request = _request.get()
    challenge = request.get("ChallengeName", "")
    if challenge == "CUSTOM_CHALLENGE" or request.get("AuthFlow") == "CUSTOM_AUTH":
        return SignIn(auth_time=int(now))
    second = _SECOND_FACTORS.get(challenge)
    methods = (levels.PASSWORD, second) if second else (levels.PASSWORD,)
    return SignIn(auth_time=int(now), methods=methods)


def _access_token_hash(access_token: str) -> str:
    """Return the claim `at_hash` (OpenID Connect Core, section 3.1.3.6)."""
    half = hashlib.sha256(access_token.encode()).digest()[:16]
    return base64.urlsafe_b64encode(half).rstrip(b"=").decode()


def _device_of_request() -> Record:
    """Return the address that a request tells, which servers send for their users."""
    for member in ("UserContextData", "ContextData"):
        data = _request.get().get(member)
        address = data.get("IpAddress") if isinstance(data, dict) else None
        if isinstance(address, str):
            return {"IpAddress": address[:_MAXIMUM_ADDRESS]}
    return {}


def _added_claims(pool: Record, sign_in: SignIn) -> dict[str, dict[str, Any]]:
    """Return the claims to add, by the use of the token."""
    shared: dict[str, Any] = {"auth_time": sign_in.auth_time}
    if sign_in.shows_level:
        number = levels.level(sign_in.methods)
        if number:
            shared["acr"] = levels.names(pool)[number]
        if sign_in.methods:
            shared["amr"] = levels.authentication_methods(sign_in.methods)
    audience = {"aud": sign_in.resource} if sign_in.resource else {}
    return {"id": shared, "access": {**shared, **audience}}
