"""Verify the same tokens by hand, and with other libraries as the documentation of each shows it.

The signing keys are available without a request, except where a contestant's name says otherwise.
The libraries are installed for benchmarks only (requirements/bench.in). They are imported by name,
because the linters run in an environment without them.
"""

from __future__ import annotations

import json
import time
import warnings
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping
from functools import cached_property
from importlib import import_module
from typing import Any

import requests
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from jose import jwk

from bench.race import Contestant

Verify = Callable[[str], object]

BY_HAND = "a lean check by hand, with json, base64 and cryptography"
AUTHLIB = "authlib, JsonWebToken with a KeySet"


def contestants(
    *, issuer: str, client_id: str, jwks: Mapping[str, Any], jwks_url: str
) -> list[Contestant]:
    """Return all others. `jwks_url` serves `jwks` to those that fetch their keys."""
    return [
        Contestant(BY_HAND, by_hand(issuer, client_id, jwks)),
        Contestant(AUTHLIB, authlib(issuer, jwks)),
        Contestant("joserfc, jwt.decode with a KeySet", joserfc(issuer, jwks)),
        Contestant("python-jose, jwt.decode with the JWKS", python_jose(issuer, jwks)),
        Contestant("PyJWT, PyJWKClient and jwt.decode", pyjwt(issuer, jwks_url)),
        Contestant("djangorestframework-simplejwt, TokenBackend", simplejwt(issuer, jwks_url)),
        Contestant(
            "django-cognito-jwt, its key cache switched on",
            django_cognito_jwt(issuer, jwks_url, caching=True),
        ),
        Contestant(
            "django-cognito-jwt as installed: keys fetched each time, from loopback",
            django_cognito_jwt(issuer, jwks_url, caching=False),
        ),
    ]


def by_hand(issuer: str, client_id: str, jwks: Mapping[str, Any]) -> Verify:
    """Check `alg`, `kid`, the signature, `exp`, `iss`, the client and the use, and nothing else.

    Everything that does not depend on the token is prepared.
    """
    keys = {one["kid"]: jwk.construct(one, "RS256").prepared_key for one in jwks["keys"]}
    scheme, function = PKCS1v15(), SHA256()

    def verify(token: str) -> object:
        header, payload, signature = token.split(".")
        members = json.loads(urlsafe_b64decode(header + "=="))
        if members["alg"] != "RS256":
            raise ValueError("another algorithm")
        signing_input = f"{header}.{payload}".encode()
        keys[members["kid"]].verify(
            urlsafe_b64decode(signature + "=="), signing_input, scheme, function
        )
        claims = json.loads(urlsafe_b64decode(payload + "=="))
        if (
            claims["exp"] <= time.time()
            or claims["iss"] != issuer
            or claims["client_id"] != client_id
            or claims["token_use"] != "access"
        ):
            raise ValueError("a token that is not for this application, or has expired")
        return claims

    return verify


def authlib(issuer: str, jwks: Mapping[str, Any]) -> Verify:
    """https://docs.authlib.org/en/latest/jose/jwt.html"""
    with warnings.catch_warnings():
        # The import warns that authlib.jose is deprecated in favour of joserfc.
        warnings.simplefilter("ignore")
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


def django_cognito_jwt(issuer: str, jwks_url: str, *, caching: bool) -> Verify:
    """Verify with a new validator for each request, as the library does.

    The keys come from loopback instead of AWS. No audience is required, because access tokens of
    Cognito have none. https://github.com/labd/django-cognito-jwt#readme
    """
    module = import_module("django_cognito_jwt.validator")
    settings = import_module("django.conf").settings
    region, pool = issuer.removeprefix("https://cognito-idp.").split(".amazonaws.com/")

    class Validator(module.TokenValidator):  # type: ignore[name-defined, misc] # known at run time
        @cached_property
        def _json_web_keys(self) -> dict[str, str]:
            keys = requests.get(jwks_url, timeout=3).json()["keys"]
            return {key["kid"]: json.dumps(key) for key in keys}

    def verify(token: str) -> object:
        settings.COGNITO_PUBLIC_KEYS_CACHING_ENABLED = caching
        return Validator(region, pool, None).validate(token)

    return verify
