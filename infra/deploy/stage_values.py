"""Whether a stage of infra/stages.toml says what can be meant, and in the form that is taken on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from infra.errors import InfraError

# Who looks at bearer tokens before the application does: docs/gateway-authorizer.md.
AUTHORIZERS = ("none", "user-pool", "lambda")

SECRETS = frozenset(
    {
        "COGNITO_CLIENT_SECRET",
        "DATABASE_URL",
        "DJANGO_SECRET_KEY",
        "DJANGO_SECRET_KEY_FALLBACKS",
        "TOKEN_ENCRYPTION_KEYS",
    }
)
# What follows from the stacks, and from nothing else.
OF_THE_STACKS = frozenset(
    {
        "COGNITO_CLIENT_ID",
        "COGNITO_ISSUER",
        "COGNITO_JWKS",
        "COGNITO_JWKS_URL",
        "COGNITO_REGION",
        "COGNITO_USER_POOL_ID",
        "PUBLIC_URL",
    }
)
CERTIFICATE = r"arn:aws[a-z-]*:acm:([a-z0-9-]+):[0-9]{12}:certificate/[0-9a-f-]+"
# https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
TAG_NAME = r"(?!(?i:aws:))[\w .:/=+@-]{1,128}"
TAG_VALUE = r"[\w .:/=+@-]{0,256}"


def checked_values(what: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """`values` as infra.deploy.stage.Stage takes them: parameters, variables and tags are texts.

    Args:
        what: where they are from, for people.

    Raises InfraError, which names all that is wrong.
    """
    problems = [*_unknown(values), *_single_values(values), *_tables(values)]
    if problems:
        lines = "\n".join(f"  {problem}" for problem in problems)
        raise InfraError(f"{what} cannot be read:\n{lines}")
    return {
        key: {name: _text(item) for name, item in value.items()} if key in _TABLES else value
        for key, value in values.items()
    }


def _unknown(values: Mapping[str, Any]) -> Iterator[str]:
    known = _SINGLE.keys() | _TABLES.keys()
    for key in sorted(values.keys() - known):
        yield f"unknown: {key}: there are {', '.join(sorted(known))}"
    if "region" not in values:
        yield "region is missing"


def _single_values(values: Mapping[str, Any]) -> Iterator[str]:
    for key, (is_good, expected) in _SINGLE.items():
        if key in values and not is_good(values[key]):
            yield f"{key} = {values[key]!r}: expected {expected}"
    certificate = re.fullmatch(CERTIFICATE, str(values.get("certificate", "")))
    if certificate and certificate[1] != values.get("region"):
        yield f"certificate is in {certificate[1]}: expected one in the stage's own region"
    for key, needed in (("certificate", "public_url"), ("hosted_zone", "certificate")):
        if key in values and needed not in values:
            yield f"{key} means nothing without {needed}"


def _tables(values: Mapping[str, Any]) -> Iterator[str]:
    for key, problems in _TABLES.items():
        table = values.get(key, {})
        if not isinstance(table, dict):
            yield f"{key} = {table!r}: expected a table, [NAME.{key}]"
            continue
        for name, item in table.items():
            if why := problems(name, item):
                yield f"{key}: {why}"


def _of_parameter(name: str, item: object) -> str:
    """What infra/cognito.yaml makes of it is that template's to say: template_checks.py."""
    texts = item if isinstance(item, list) else [item]
    if not all(isinstance(text, str | int) for text in texts):
        return f"{name}: expected a text, a whole number, true or false, or a list of texts"
    return ""


def _of_variable(name: str, item: object) -> str:
    if not re.fullmatch(r"[A-Z][A-Z0-9_]*", name):
        return f"{name}: expected a variable's name, such as LOG_LEVEL"
    # Its value is not shown.
    if name in SECRETS:
        return f"{name} is a secret, and this file is none: see docs/deploy.md"
    if name in OF_THE_STACKS:
        return f"{name} follows from what is deployed"
    return _of_parameter(name, item)


def _of_tag(name: str, item: object) -> str:
    if not re.fullmatch(TAG_NAME, name):
        return f"{name}: expected up to 128 letters, digits and _.:/=+-@, not beginning with aws:"
    if not isinstance(item, str) or not re.fullmatch(TAG_VALUE, item):
        return f"{name} = {item!r}: expected a text of up to 256 letters, digits and _.:/=+-@"
    return ""


def _text(item: Any) -> str:
    if isinstance(item, list):
        return ",".join(_text(part) for part in item)
    return str(item).lower() if isinstance(item, bool) else str(item)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _matches(pattern: str) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and bool(re.fullmatch(pattern, value))


_SINGLE: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "region": (_matches(r"[a-z]{2,4}(?:-[a-z]+)+-[0-9]+"), "a region such as eu-west-1"),
    "production": (lambda value: isinstance(value, bool), "true or false"),
    "public_url": (
        _matches(r"https://[a-z0-9-]+(?:\.[a-z0-9-]+)+"),
        "an https address without a path, such as https://app.example.com",
    ),
    "certificate": (_matches(CERTIFICATE), "the ARN of a certificate of AWS Certificate Manager"),
    "hosted_zone": (_matches(r"Z[A-Z0-9]{1,31}"), "the id of a hosted zone of Route 53"),
    "requests_per_second": (_is_count, "a whole number from 1"),
    "burst": (_is_count, "a whole number from 1"),
    "authorizer": (lambda value: value in AUTHORIZERS, f"one of {', '.join(AUTHORIZERS)}"),
}
_TABLES: Mapping[str, Callable[[str, object], str]] = {
    "cognito": _of_parameter,
    "environment": _of_variable,
    "tags": _of_tag,
}
