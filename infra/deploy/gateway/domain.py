"""The custom domain of a stage.

`deploy` makes it last, so that it leads to an API that works. `zappa certify` is not used: it makes
domains for CloudFront, whose certificates must be in us-east-1.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from infra.aws.stacks import stack_outputs
from infra.deploy.stage.stage import Stage
from infra.deploy.stage.target import Target
from infra.deploy.step import Run, StackStep


class Domain(StackStep):
    name = "the domain"
    template = Path(__file__).with_name("domain.yaml")

    def stack(self, stage: Stage) -> str:
        return stage.domain_stack

    def is_wanted(self, stage: Stage) -> bool:
        return stage.has_domain

    def parameters(self, run: Run) -> dict[str, str]:
        stage = run.target.stage
        return {
            "DomainName": urlsplit(stage.public_url or "").hostname or "",
            "CertificateArn": stage.certificate or "",
            "HostedZoneId": stage.hosted_zone or "",
            "ApiId": run.target.api_id() or "not-yet",
            "StageName": stage.name,
        }

    def status(self, target: Target) -> list[str]:
        lines = super().status(target)
        if name := domain_target(target):
            lines.append(f"{target.stage.public_url}: its DNS record must lead to {name}")
        return lines


def domain_target(target: Target) -> str | None:
    """Return the name that the DNS record must lead to, or None without a domain."""
    return stack_outputs(target.client("cloudformation"), target.stage.domain_stack).get("Target")
