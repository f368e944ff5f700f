"""How others verify the same tokens: each as its own documentation shows it, with the keys at hand.

They are installed for benchmarks only (requirements/bench.in), so they are imported by name: the
linters run where there are none of them.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from bench.race import Contestant

Verify = Callable[[str], object]


def contestants(
    *, issuer: str, client_id: str, jwks: Mapping[str, Any], jwks_url: str
) -> list[Contestant]:
    """Every peer. `jwks_url` answers `jwks`: once, or each time where that is a peer's default."""
    return [
        Contestant("authlib, JsonWebToken with a KeySet", authlib(issuer, jwks)),
        Contestant("joserfc, jwt.decode with a KeySet", joserfc(issuer, jwks)),
        Contestant("python-jose, jwt.decode with the JWKS", python_jose(issuer, jwks)),
        Contestant("PyJWT, PyJWKClient and jwt.decode", pyjwt(issuer, jwks_url)),
        Contestant("djangorestframework-simplejwt, TokenBackend", simplejwt(issuer, jwks_url)),
        Contestant(
            "django-cognito-jwt, key cache switched on",
            django_cognito_jwt(issuer, client_id, jwks_url, caching=True),
        ),
        Contestant(
            "django-cognito-jwt as installed: keys fetched each time",
            django_cognito_jwt(issuer, client_id, jwks_url, caching=False),
        ),
    ]


def authlib(issuer: str, jwks: Mapping[str, Any]) -> Verify:
    """https://docs.authlib.org/en/latest/jose/jwt.html"""
    with warnings.catch_warnings():
        # It sends its users to joserfc, the next in this file.
        warnings.simplefilter("ignore", DeprecationWarning)
        jose = import_module("authlib.jose")
    decoder = jose.JsonWebToken(["RS256"])
    keys = jose.JsonWebKey.import_key_set(jwks)
    demands = {"iss": {"essential": True, "value": issuer}, "exp": {"essential": True}}

    def verify(token: str) -> object:
        claims = decoder.decode(token, keys, claims_options=demands)
        claims.validate()
        return claims

    return verify


def joserfc(issuer: str, jwks: Mapping[str, Any]) -> Verify:
    """https://jose.authlib.org/en/guide/jwt/"""
    jwt = import_module("joserfc.jwt")
    keys = import_module("joserfc.jwk").KeySet.import_key_set(jwks)
    demands = jwt.JWTClaimsRegistry(
        iss={"essential": True, "value": issuer}, exp={"essential": True}
    )

    def verify(token: str) -> object:
        decoded = jwt.decode(token, keys, algorithms=["RS256"])
        demands.validate(decoded.claims)
        return decoded

    return verify


def python_jose(issuer: str, jwks: Mapping[str, Any]) -> Verify:
    """https://python-jose.readthedocs.io/en/latest/jwt/api.html"""
    jwt = import_module("jose.jwt")
    options = {"require_exp": True, "verify_at_hash": False}

    def verify(token: str) -> object:
        return jwt.decode(token, jwks, algorithms=["RS256"], issuer=issuer, options=options)

    return verify


def pyjwt(issuer: str, jwks_url: str) -> Verify:
    """https://pyjwt.readthedocs.io/en/stable/usage.html#retrieve-rsa-signing-keys-from-a-jwks-endpoint"""
    jwt = import_module("jwt")
    client = jwt.PyJWKClient(jwks_url)
    options = {"require": ["exp", "iss"], "verify_aud": False}

    def verify(token: str) -> object:
        key = client.get_signing_key_from_jwt(token)
        return jwt.decode(token, key, algorithms=["RS256"], issuer=issuer, options=options)

    return verify


def simplejwt(issuer: str, jwks_url: str) -> Verify:
    """https://django-rest-framework-simplejwt.readthedocs.io/en/latest/settings.html#jwk-url"""
    backend = import_module("rest_framework_simplejwt.backends").TokenBackend(
        "RS256", issuer=issuer, jwk_url=jwks_url
    )
    verify: Verify = backend.decode
    return verify


def django_cognito_jwt(issuer: str, client_id: str, jwks_url: str, *, caching: bool) -> Verify:
    """https://github.com/labd/django-cognito-jwt#readme, which makes a validator for each request.

    It demands an `aud`, which Cognito's access tokens lack, so it is given the same token without
    that demand; and it finds its keys at the issuer, so they are moved to loopback.
    """
    module = import_module("django_cognito_jwt.validator")
    settings = import_module("django.conf").settings
    region, pool = issuer.removeprefix("https://cognito-idp.").split(".amazonaws.com/")
    keys_base = jwks_url.removesuffix("/.well-known/jwks.json")

    class Validator(module.TokenValidator):  # type: ignore[name-defined, misc] # known at run time
        @property
        def pool_url(self) -> str:
            return keys_base

    def verify(token: str) -> object:
        settings.COGNITO_PUBLIC_KEYS_CACHING_ENABLED = caching
        return Validator(region, pool, client_id).validate(token)

    return verify
