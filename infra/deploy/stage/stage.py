"""The stages of infra/stages.toml, and what everything of a stage is called."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from infra.deploy.stage.stage_values import OWN_TAGS, checked_values
from infra.environments import ROOT
from infra.errors import InfraError

STAGES = ROOT / "infra" / "stages.toml"
PROJECT = "gatehouse"


@dataclass(frozen=True)
class Stage:
    """`public_url`: of a custom domain; None where the API's own address is the public one.

    With a `certificate` that is made too, and with a `hosted_zone` its DNS record.
    `requests_per_second` and `burst` are what the API lets through before it answers 429.
    `authorizer` is one of stage_values.AUTHORIZERS. `cognito` are parameters of infra/cognito.yaml,
    `environment` variables of the application, `tags` of whatever is made.
    """

    name: str
    region: str
    production: bool = False
    public_url: str | None = None
    certificate: str | None = None
    hosted_zone: str | None = None
    requests_per_second: int = 100
    burst: int = 200
    authorizer: str = "none"
    cognito: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def function_name(self) -> str:
        """Also of the stack that Zappa makes the API with."""
        return f"{PROJECT}-{self.name}"

    @property
    def has_gateway(self) -> bool:
        """Whether the API is infra/deploy/gateway/gateway.yaml's, not Zappa's."""
        return self.authorizer != "none"

    @property
    def gateway_stack(self) -> str:
        return f"{PROJECT}-{self.name}-gateway"

    @property
    def api_stack(self) -> str:
        """In which `Api` is what browsers and clients talk to."""
        return self.gateway_stack if self.has_gateway else self.function_name

    @property
    def former_api_stack(self) -> str:
        """The API's, if `authorizer` was set or removed since the last deployment."""
        return self.function_name if self.has_gateway else self.gateway_stack

    @property
    def has_domain(self) -> bool:
        """Whether the domain of `public_url` is infra/deploy/gateway/domain.yaml's."""
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
    def all_stacks(self) -> tuple[str, ...]:
        """Every stack that a stage can have, in the order in which they can be deleted."""
        return (
            self.domain_stack,
            self.gateway_stack,
            self.schedules_stack,
            self.function_name,
            self.platform_stack,
            self.cognito_stack,
        )

    @property
    def wanted_stacks(self) -> tuple[str, ...]:
        """Those that it has now, in the order in which they are made."""
        front = (self.api_stack, self.schedules_stack)
        domain = (self.domain_stack,) if self.has_domain else ()
        return (self.cognito_stack, self.platform_stack, *front, *domain)

    @property
    def own_tags(self) -> dict[str, str]:
        """Whose something is: nothing without them is changed or deleted."""
        return dict(zip(OWN_TAGS, (PROJECT, self.name), strict=True))

    @property
    def secret_name(self) -> str:
        return f"{PROJECT}/{self.name}"

    @property
    def provider_secret_name(self) -> str:
        """Of the secrets of identity providers, which people put there."""
        return f"{self.secret_name}/identity-providers"

    @property
    def all_tags(self) -> dict[str, str]:
        return {**self.tags, **self.own_tags}


def read_stage(name: str, file: Path = STAGES) -> Stage:
    """Raises InfraError when there is no such stage, or something in it cannot be meant."""
    try:
        stages: dict[str, Any] = tomllib.loads(file.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise InfraError(f"{file.name} is not TOML: {error}.") from error
    if not isinstance(stages.get(name), dict):
        raise InfraError(f"{file.name} has no stage {name}: there are {', '.join(stages)}.")
    values = checked_values(f"The stage {name} in {file.name}", stages[name], name=name)
    return Stage(name=name, **values)
