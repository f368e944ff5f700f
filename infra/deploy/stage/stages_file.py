"""Read and check infra/stages.toml."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from infra.deploy.stage.stage import (
    CERTIFICATE,
    OWN_TAGS,
    RUNTIMES_WITH_SNAPSHOTS,
    Check,
    Stage,
)
from infra.deploy.stage.zappa_settings import require_snapshots
from infra.environments import ROOT
from infra.errors import InfraError

STAGES = ROOT / "infra" / "stages.toml"

SECRETS = frozenset(
    {
        "COGNITO_CLIENT_SECRET",
        "DATABASE_URL",
        "DJANGO_SECRET_KEY",
        "DJANGO_SECRET_KEY_FALLBACKS",
        "METRICS_TOKEN",
        "SENTRY_DSN",
        "TOKEN_ENCRYPTION_KEYS",
    }
)
# These follow from the stacks, so a stage cannot set them.
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
# The size that Lambda allows for all variables of a function, those of the deployment included.
ENVIRONMENT_BYTES = 4096

# The name is part of other names, whose rules differ: CloudFormation's stacks (letters, digits,
# hyphens), API Gateway's stages and Zappa (letters, digits, underscores), the prefix of the hosted
# UI's domain (63 lower-case characters, with the account's number), functions and rules (64
# characters). Without a hyphen, the stacks of two stages can never have the same name.
STAGE_NAME = r"[a-z][a-z0-9]{0,19}"
# https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-assign-domain-prefix.html
RESERVED_IN_PREFIXES = ("aws", "amazon", "cognito")

# AWS allows 50 tags; the deployment, Zappa and CloudFormation add some.
MAXIMUM_TAGS = 40

# https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
TAG_NAME = r"(?!(?i:aws:))(?! )[\w .:/=+@-]{1,128}(?<! )"
TAG_VALUE = r"(?! )[\w .:/=+@-]{0,256}(?<! )"
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
PARAMETER_BYTES = 4096


def read_stage(name: str, file: Path = STAGES) -> Stage:
    """Return a stage of infra/stages.toml."""
    try:
        stages: dict[str, Any] = tomllib.loads(file.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise InfraError(f"{file.name} is not TOML: {error}.") from error
    table = name if name in stages else _preview_table(name, stages)
    if not isinstance(stages.get(table), dict):
        raise InfraError(f"{file.name} has no stage {name}: there are {', '.join(stages)}.")
    what = f"The stage {table} in {file.name}"
    values = checked_values(what, stages[table], name=name)
    if values.get("previews"):
        _require_own_names(what, table, stages)
    if values.get("snap_start"):
        require_snapshots(name)
    return Stage(name=name, **values)


def _preview_table(name: str, stages: Mapping[str, Any]) -> str:
    """Return the table with the settings of `preview12`, which is `preview`."""
    table = name.rstrip("0123456789")
    values = stages.get(table)
    return table if isinstance(values, dict) and values.get("previews") is True else name


def _require_own_names(what: str, table: str, stages: Mapping[str, Any]) -> None:
    """Check that no other stage has a name of a preview: the rights for previews would cover it."""
    taken = [name for name in stages if name != table and name.startswith(table)]
    if taken or stages[table].get("production") or "public_url" in stages[table]:
        problem = (
            f"the name of {', '.join(taken)} begins with {table}"
            if taken
            else ("previews cannot be production stages, and cannot share a public_url")
        )
        raise InfraError(f"{what} is invalid:\n  previews: {problem}")


def checked_values(
    what: str, values: Mapping[str, Any], *, name: str | None = None
) -> dict[str, Any]:
    """Return the settings of a stage as `Stage` expects them, with strings in the tables.

    Args:
        what: the origin of `values`, for the message.
        name: the stage's name, to be checked as well.
    """
    problems = [
        *(_name_problems(name, values) if name is not None else ()),
        *_unknown(values),
        *_single_values(values),
        *_runtime_problems(values),
        *_tables(values),
        *_size_problems(values),
        *_tag_problems(values),
    ]
    if problems:
        lines = "\n".join(f"  {problem}" for problem in problems)
        raise InfraError(f"{what} is invalid:\n{lines}")
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
                f"environment: {size} bytes; Lambda allows {ENVIRONMENT_BYTES} for all "
                "variables of a function"
            )


def _tag_problems(values: Mapping[str, Any]) -> Iterator[str]:
    """Compare names without their case, as some services do."""
    tags = values.get("tags", {})
    if not isinstance(tags, dict):
        return
    if len(tags) > MAXIMUM_TAGS:
        yield f"tags: {len(tags)}; expected at most {MAXIMUM_TAGS}"
    seen = {name.lower(): name for name in OWN_TAGS}
    for name in tags:
        other = seen.setdefault(name.lower(), name)
        if other in OWN_TAGS:
            yield f"tags: {name}: the deployment sets {other} itself"
        elif other != name:
            yield f"tags: {name}: IAM does not distinguish it from {other}"


def _unknown(values: Mapping[str, Any]) -> Iterator[str]:
    known = _SINGLE.keys() | _TABLES.keys()
    for key in sorted(values.keys() - known):
        yield f"unknown: {key}: there are {', '.join(sorted(known))}"
    if "region" not in values:
        yield "region is missing"


def _single_values(values: Mapping[str, Any]) -> Iterator[str]:
    for key, check in _SINGLE.items():
        if key in values and not check.is_valid(values[key]):
            yield f"{key} = {values[key]!r}: expected {check.expected}"
    certificate = re.fullmatch(CERTIFICATE, str(values.get("certificate", "")))
    if certificate and certificate[1] != values.get("region"):
        yield f"certificate is in {certificate[1]}: expected one in the stage's own region"
    for key, needed in (("certificate", "public_url"), ("hosted_zone", "certificate")):
        if key in values and needed not in values:
            yield f"{key} has no effect without {needed}"
    for key in ("sessions_per_user", "hosted_session_minutes"):
        if key in values and not values.get("session_tracking"):
            yield f"{key} has no effect without session_tracking = true"


def _runtime_problems(values: Mapping[str, Any]) -> Iterator[str]:
    runtime = values.get("runtime", Stage.runtime)
    if values.get("snap_start") is True and runtime not in RUNTIMES_WITH_SNAPSHOTS:
        yield f"snap_start needs a runtime of {', '.join(RUNTIMES_WITH_SNAPSHOTS)}"
    # All locked packages must exist: Amazon Linux 2 is too old for one of them on arm64.
    if runtime == "python3.11" and values.get("architecture", Stage.architecture) == "arm64":
        yield 'runtime = "python3.11" has no arm64 here: set architecture = "x86_64" too'


def _tables(values: Mapping[str, Any]) -> Iterator[str]:
    for key, problems in _TABLES.items():
        table = values.get(key, {})
        if not isinstance(table, dict):
            yield f"{key} = {table!r}: expected a table, [NAME.{key}]"
            continue
        for name, item in table.items():
            if why := problems(name, item):
                yield f"{key}: {why}"


def _parameter_problem(name: str, item: object) -> str:
    """Check the type only: template_checks.py checks the value against infra/cognito.yaml."""
    texts = item if isinstance(item, list) else [item]
    if not all(isinstance(text, str | int) for text in texts):
        return f"{name}: expected a string, a whole number, true or false, or a list of strings"
    if len(text := _text(item).encode()) > PARAMETER_BYTES:
        return f"{name}: {len(text)} bytes; CloudFormation allows {PARAMETER_BYTES}"
    return ""


def _variable_problem(name: str, item: object) -> str:
    if not re.fullmatch(r"[A-Z][A-Z0-9_]+", name):
        return f"{name}: expected a variable's name, such as LOG_LEVEL"
    if name in RESERVED_VARIABLES or name.startswith(RESERVED_PREFIX):
        return f"{name}: Lambda sets it itself"
    # The message must not contain the value of a secret.
    if name in SECRETS:
        return f"{name} is a secret, and this file is not secret: see docs/deploy.md"
    if name in OF_THE_STACKS:
        return f"{name} follows from what is deployed"
    return _parameter_problem(name, item)


def _tag_problem(name: str, item: object) -> str:
    if not re.fullmatch(TAG_NAME, name):
        return f"{name}: expected up to 128 letters, digits and _.:/=+-@, not beginning with aws:"
    if not isinstance(item, str) or not re.fullmatch(TAG_VALUE, item):
        return f"{name} = {item!r}: expected a string of up to 256 letters, digits and _.:/=+-@"
    return ""


def _text(item: Any) -> str:
    if isinstance(item, list):
        return ",".join(_text(part) for part in item)
    return str(item).lower() if isinstance(item, bool) else str(item)


_SINGLE: Mapping[str, Check] = {
    setting.name: setting.metadata["check"]
    for setting in fields(Stage)
    if "check" in setting.metadata
}
_TABLES: Mapping[str, Callable[[str, object], str]] = {
    "cognito": _parameter_problem,
    "environment": _variable_problem,
    "tags": _tag_problem,
}
