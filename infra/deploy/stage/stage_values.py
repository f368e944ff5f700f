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
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
RESERVED_VARIABLES = frozenset(
    {
        "AWS_ACCESS_KEY",
        "AWS_ACCESS_KEY_ID",
        "AWS_DEFAULT_REGION",
        "AWS_EXECUTION_ENV",
        "AWS_REGION",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SECRET_KEY",
        "AWS_SESSION_TOKEN",
        "LAMBDA_RUNTIME_DIR",
        "LAMBDA_TASK_ROOT",
    }
)
RESERVED_PREFIX = "AWS_LAMBDA_"
# What Lambda takes for all variables of a function together; the deployment adds its own.
ENVIRONMENT_BYTES = 4096

# The name is part of others, which differ in what they take: CloudFormation's stacks (letters,
# digits, hyphens), API Gateway's stages and Zappa (letters, digits, underscores), the prefix of the
# hosted UI's domain (63 lower-case characters, with the account's number), functions and rules
# (64 characters).
# Without a hyphen in it, no stage's stack can have the name of another stage's.
STAGE_NAME = r"[a-z][a-z0-9]{0,19}"
# https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-assign-domain-prefix.html
RESERVED_IN_PREFIXES = ("aws", "amazon", "cognito")

# By these a deployment knows what is its own.
OWN_TAGS = ("Project", "Stage")
# AWS takes 50 tags; the deployment, Zappa and CloudFormation add some.
MAXIMUM_TAGS = 40

CERTIFICATE = r"arn:aws[a-z-]*:acm:([a-z0-9-]+):[0-9]{12}:certificate/[0-9a-f-]+"
# https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
TAG_NAME = r"(?!(?i:aws:))(?! )[\w .:/=+@-]{1,128}(?<! )"
TAG_VALUE = r"(?! )[\w .:/=+@-]{0,256}(?<! )"
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
PARAMETER_BYTES = 4096


def checked_values(
    what: str, values: Mapping[str, Any], *, name: str | None = None
) -> dict[str, Any]:
    """`values` as stage.Stage takes them: parameters, variables and tags are texts.

    Args:
        what: where they are from, for people.
        name: the stage's, which is checked as well if it is given.

    Raises InfraError, which names all that is wrong.
    """
    problems = [
        *(_name_problems(name, values) if name is not None else ()),
        *_unknown(values),
        *_single_values(values),
        *_tables(values),
        *_size_problems(values),
        *_tag_problems(values),
    ]
    if problems:
        lines = "\n".join(f"  {problem}" for problem in problems)
        raise InfraError(f"{what} cannot be read:\n{lines}")
    return {
        key: {name: _text(item) for name, item in value.items()} if key in _TABLES else value
        for key, value in values.items()
    }


def _name_problems(name: str, values: Mapping[str, Any]) -> Iterator[str]:
    if not re.fullmatch(STAGE_NAME, name):
        yield (
            f"the stage's name {name!r}: expected up to 20 lower-case letters and digits, "
            "beginning with a letter"
        )
    cognito = values.get("cognito", {})
    if isinstance(cognito, dict) and not {"CustomDomain", "DomainPrefix"} & cognito.keys():
        for word in RESERVED_IN_PREFIXES:
            if word in name.lower():
                yield (
                    f"the stage's name {name!r}: Cognito refuses a domain with {word} in it; "
                    "choose another name, or set DomainPrefix or CustomDomain"
                )


def _size_problems(values: Mapping[str, Any]) -> Iterator[str]:
    environment = values.get("environment", {})
    if isinstance(environment, dict):
        size = sum(len(name) + len(_text(item).encode()) for name, item in environment.items())
        if size > ENVIRONMENT_BYTES:
            yield (
                f"environment: {size} bytes; Lambda takes {ENVIRONMENT_BYTES} for all variables "
                "of a function"
            )


def _tag_problems(values: Mapping[str, Any]) -> Iterator[str]:
    """Some services compare the names of tags without their case."""
    tags = values.get("tags", {})
    if not isinstance(tags, dict):
        return
    if len(tags) > MAXIMUM_TAGS:
        yield f"tags: {len(tags)}; expected not more than {MAXIMUM_TAGS}"
    seen = {name.lower(): name for name in OWN_TAGS}
    for name in tags:
        other = seen.setdefault(name.lower(), name)
        if other in OWN_TAGS:
            yield f"tags: {name}: the deployment sets {other} itself"
        elif other != name:
            yield f"tags: {name}: IAM takes it for the same as {other}"


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
    if len(text := _text(item).encode()) > PARAMETER_BYTES:
        return f"{name}: {len(text)} bytes; CloudFormation takes {PARAMETER_BYTES}"
    return ""


def _of_variable(name: str, item: object) -> str:
    if not re.fullmatch(r"[A-Z][A-Z0-9_]+", name):
        return f"{name}: expected a variable's name, such as LOG_LEVEL"
    if name in RESERVED_VARIABLES or name.startswith(RESERVED_PREFIX):
        return f"{name}: Lambda sets it itself"
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


# https://datatracker.ietf.org/doc/html/rfc1123#section-2.1
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_SINGLE: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "region": (_matches(r"[a-z]{2,4}(?:-[a-z]+)+-[0-9]+"), "a region such as eu-west-1"),
    "production": (lambda value: isinstance(value, bool), "true or false"),
    "public_url": (
        _matches(rf"https://(?=[^/]{{1,253}}$){_LABEL}(?:\.{_LABEL})+"),
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
