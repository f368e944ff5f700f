"""A stage of infra/stages.toml: its settings, and the names of its resources."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field
from typing import Any

PROJECT = "gatehouse"

# A deployment recognises its own resources by these tags.
OWN_TAGS = ("Project", "Stage")

# What checks bearer tokens before the application does: docs/gateway-authorizer.md.
AUTHORIZERS = (
    "none",
    "user-pool",
    "lambda",  # only with gateway-authorizer
)

# Where the audit trail goes, and what the user pool logs: docs/audit-stream.md.
AUDIT_STREAMS = ("none", "bus", "archive")
COGNITO_LOGS = ("none", "errors", "all")

CERTIFICATE = r"arn:aws[a-z-]*:acm:([a-z0-9-]+):[0-9]{12}:certificate/[0-9a-f-]+"
# https://datatracker.ietf.org/doc/html/rfc1123#section-2.1
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"


# Lambda's runtimes and architectures that the lock files have packages for.
# https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
RUNTIMES = ("python3.11", "python3.12", "python3.13", "python3.14")
# https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html#snapstart-supported
RUNTIMES_WITH_SNAPSHOTS = ("python3.12", "python3.13", "python3.14")
ARCHITECTURES = ("arm64", "x86_64")


@dataclass(frozen=True)
class Check:
    """The condition for a setting's value, and the words for it in an error."""

    is_valid: Callable[[object], bool]
    expected: str


def _setting(is_valid: Callable[[object], bool], expected: str, default: Any = MISSING) -> Any:
    return field(default=default, metadata={"check": Check(is_valid, expected)})


def _matches(pattern: str) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and bool(re.fullmatch(pattern, value))


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _is_number(first: int, last: int) -> Callable[[object], bool]:
    return lambda value: (
        isinstance(value, int) and not isinstance(value, bool) and first <= value <= last
    )


@dataclass(frozen=True)
class Stage:
    """A stage, with the settings that infra/stages.toml explains.

    `cognito` are parameters of infra/cognito.yaml, `environment` variables of the application, and
    `tags` those of all resources.
    """

    name: str
    region: str = _setting(_matches(r"[a-z]{2,4}(?:-[a-z]+)+-[0-9]+"), "a region such as eu-west-1")
    production: bool = _setting(lambda value: isinstance(value, bool), "true or false", False)
    public_url: str | None = _setting(
        _matches(rf"https://(?=[^/]{{1,253}}$){_LABEL}(?:\.{_LABEL})+"),
        "an https address without a path, such as https://app.example.com",
        None,
    )
    certificate: str | None = _setting(
        _matches(CERTIFICATE), "the ARN of a certificate of AWS Certificate Manager", None
    )
    hosted_zone: str | None = _setting(
        _matches(r"Z[A-Z0-9]{1,31}"), "the id of a hosted zone of Route 53", None
    )
    requests_per_second: int = _setting(_is_count, "a whole number from 1", 100)
    burst: int = _setting(_is_count, "a whole number from 1", 200)
    runtime: str = _setting(
        lambda value: value in RUNTIMES, f"one of {', '.join(RUNTIMES)}", "python3.13"
    )
    architecture: str = _setting(
        lambda value: value in ARCHITECTURES, f"one of {', '.join(ARCHITECTURES)}", "arm64"
    )
    snap_start: bool = _setting(lambda value: isinstance(value, bool), "true or false", False)
    authorizer: str = _setting(
        lambda value: value in AUTHORIZERS, f"one of {', '.join(AUTHORIZERS)}", "none"
    )
    session_tracking: bool | None = _setting(
        lambda value: isinstance(value, bool), "true or false", None
    )
    # The bounds of the service model.
    sessions_per_user: int | None = _setting(
        _is_number(1, 100), "a whole number from 1 to 100", None
    )
    hosted_session_minutes: int | None = _setting(
        _is_number(0, 129_600), "a whole number from 0 to 129600", None
    )
    previews: bool = _setting(lambda value: isinstance(value, bool), "true or false", False)
    alarms: str | None = _setting(
        _matches(r"[^@\s,;<>\"]{1,64}@[^@\s,;<>\"]{1,255}"), "an e-mail address", None
    )
    audit_stream: str = _setting(
        lambda value: value in AUDIT_STREAMS, f"one of {', '.join(AUDIT_STREAMS)}", "none"
    )
    audit_archive_days: int = _setting(
        _is_number(0, 36_500), "a whole number of days from 0 to 36500", 0
    )
    cognito_logs: str = _setting(
        lambda value: value in COGNITO_LOGS, f"one of {', '.join(COGNITO_LOGS)}", "none"
    )
    cognito: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def function_name(self) -> str:
        """The name of the function, and of the stack with Zappa's API."""
        return f"{PROJECT}-{self.name}"

    @property
    def has_gateway(self) -> bool:
        """Whether gateway.yaml defines the API, and not Zappa."""
        return self.authorizer != "none"

    @property
    def gateway_stack(self) -> str:
        return f"{PROJECT}-{self.name}-gateway"

    @property
    def api_stack(self) -> str:
        """The stack whose resource `Api` serves browsers and clients."""
        return self.gateway_stack if self.has_gateway else self.function_name

    @property
    def former_api_stack(self) -> str:
        """The stack that had the API before `authorizer` was set or removed."""
        return self.function_name if self.has_gateway else self.gateway_stack

    @property
    def has_domain(self) -> bool:
        """Whether domain.yaml defines the domain of `public_url`."""
        return self.public_url is not None and self.certificate is not None

    @property
    def domain_stack(self) -> str:
        return f"{PROJECT}-{self.name}-domain"

    @property
    def cognito_stack(self) -> str:
        return f"{PROJECT}-{self.name}-cognito"

    @property
    def platform_stack(self) -> str:
        return f"{PROJECT}-{self.name}-platform"

    @property
    def schedules_stack(self) -> str:
        return f"{PROJECT}-{self.name}-schedules"

    @property
    def alarms_stack(self) -> str:
        return f"{PROJECT}-{self.name}-alarms"

    @property
    def has_audit_bus(self) -> bool:
        return self.audit_stream != "none"

    @property
    def has_audit_archive(self) -> bool:
        return self.audit_stream == "archive"

    @property
    def audit_bus(self) -> str:
        """The name of the event bus, and of the stream behind it."""
        return f"{PROJECT}-{self.name}-audit"

    @property
    def audit_stack(self) -> str:
        return f"{PROJECT}-{self.name}-audit"

    @property
    def all_stacks(self) -> tuple[str, ...]:
        """Every stack that a stage can have, in the order in which they can be deleted."""
        return (
            self.alarms_stack,
            self.domain_stack,
            self.gateway_stack,
            self.schedules_stack,
            self.audit_stack,
            self.function_name,
            self.platform_stack,
            self.cognito_stack,
        )

    @property
    def own_tags(self) -> dict[str, str]:
        """The tags that mark a resource as this stage's. Only such resources are changed."""
        return dict(zip(OWN_TAGS, (PROJECT, self.name), strict=True))

    @property
    def is_pattern(self) -> bool:
        """Whether this is no stage, but the settings of several: preview1, preview2 and so on."""
        return self.previews and not self.name[-1].isdigit()

    @property
    def boundary_name(self) -> str:
        """The policy that limits the stage's roles, if an administrator has created it."""
        name = self.name.rstrip("0123456789") if self.previews else self.name
        return f"{PROJECT}-{name}-boundary"

    @property
    def secret_name(self) -> str:
        return f"{PROJECT}/{self.name}"

    @property
    def provider_secret_name(self) -> str:
        """The secret with the secrets of identity providers, which operators create."""
        return f"{self.secret_name}/identity-providers"

    # begin capability user-migration
    @property
    def migration_secret_name(self) -> str:
        """The secret with the key that another site shares, which operators create."""
        return f"{self.secret_name}/migration"

    # end capability user-migration

    @property
    def all_tags(self) -> dict[str, str]:
        return {**self.tags, **self.own_tags}
