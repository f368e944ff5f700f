"""The stages of infra/stages.toml, and what everything of a stage is called."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from infra.environments import ROOT
from infra.errors import InfraError

STAGES = ROOT / "infra" / "stages.toml"
PROJECT = "gatehouse"

# Who looks at bearer tokens before the application does: docs/gateway-authorizer.md.
AUTHORIZERS = ("none", "user-pool", "lambda")


@dataclass(frozen=True)
class Stage:
    """`public_url`: of a custom domain; None where the API's own address is the public one.

    `requests_per_second` and `burst` are what the API lets through before it answers 429.
    `authorizer` is one of AUTHORIZERS.
    `cognito` are parameters of infra/cognito.yaml, `environment` variables of the application.
    """

    name: str
    region: str
    production: bool = False
    public_url: str | None = None
    certificate: str | None = None
    requests_per_second: int = 100
    burst: int = 200
    authorizer: str = "none"
    cognito: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def function_name(self) -> str:
        """Also of the stack that Zappa makes the API with."""
        return f"{PROJECT}-{self.name}"

    @property
    def has_gateway(self) -> bool:
        """Whether the API is infra/deploy/gateway.yaml's, not Zappa's."""
        return self.authorizer != "none"

    @property
    def gateway_stack(self) -> str:
        return f"{PROJECT}-{self.name}-gateway"

    @property
    def api_stack(self) -> str:
        """In which `Api` is what browsers and clients talk to."""
        return self.gateway_stack if self.has_gateway else self.function_name

    @property
    def cognito_stack(self) -> str:
        return f"{PROJECT}-{self.name}-cognito"

    @property
    def platform_stack(self) -> str:
        return f"{PROJECT}-{self.name}-platform"

    @property
    def secret_name(self) -> str:
        return f"{PROJECT}/{self.name}"


def read_stage(name: str, file: Path = STAGES) -> Stage:
    """Raises InfraError when there is no such stage, or something in it is not known."""
    stages: dict[str, dict[str, Any]] = tomllib.loads(file.read_text("utf-8"))
    if name not in stages:
        raise InfraError(f"{file.name} has no stage {name}: there are {', '.join(stages)}.")
    values = stages[name]
    unknown = values.keys() - Stage.__dataclass_fields__.keys()
    if unknown or "region" not in values:
        what = f"unknown: {', '.join(sorted(unknown))}" if unknown else "region is missing"
        raise InfraError(f"The stage {name} in {file.name} cannot be read: {what}.")
    stage = Stage(name=name, **values)
    if stage.authorizer not in AUTHORIZERS:
        raise InfraError(
            f"The stage {name} in {file.name}: authorizer is one of {', '.join(AUTHORIZERS)}."
        )
    return stage
