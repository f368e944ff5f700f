"""The custom domain of a stage (domain.yaml), which `deploy` makes last: it leads to what works.

Not by `zappa certify`: that one makes domains for CloudFront, whose certificates have to be in
us-east-1.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from infra.aws.provision import preview, provision, stack_outputs
from infra.deploy.stage.target import Target

DOMAIN_TEMPLATE = Path(__file__).with_name("domain.yaml")


def domain_parameters(target: Target) -> dict[str, str]:
    """Of domain.yaml."""
    stage = target.stage
    return {
        "DomainName": urlsplit(stage.public_url or "").hostname or "",
        "CertificateArn": stage.certificate or "",
        "HostedZoneId": stage.hosted_zone or "",
        "ApiId": target.api_id() or "not-yet",
        "StageName": stage.name,
    }


def provision_domain(target: Target) -> bool:
    """Have the domain, if the stage has one; whether that was a change. Raises InfraError."""
    return target.stage.has_domain and provision(**_stack(target)).changed


def preview_domain(target: Target) -> list[str]:
    """What that would change, a line each. Raises InfraError."""
    return preview(**_stack(target)) if target.stage.has_domain else []


def domain_target(target: Target) -> str | None:
    """The name that the domain's DNS record has to lead to; None where there is no domain."""
    return stack_outputs(target.client("cloudformation"), target.stage.domain_stack).get("Target")


def _stack(target: Target) -> dict[str, Any]:
    return {
        "cloudformation": target.client("cloudformation"),
        "stack_name": target.stage.domain_stack,
        "template": DOMAIN_TEMPLATE,
        "parameters": domain_parameters(target),
        "tags": target.stage.all_tags,
        "poll_seconds": target.polling_seconds,
    }
