"""The custom domain. tests/e2e/test_deployed_gateway.py opens it in a browser."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from infra.deploy.gateway.domain import Domain, domain_target
from infra.deploy.release.smoke import smoke_test
from infra.deploy.stage.stage import Stage
from infra.deploy.stage.target import Target
from infra.deploy.step import FormerStacks, Run
from infra.errors import InfraError
from infra.local.local_deployment import local_target
from infra.local.ministack import REGION, MiniStack

CERTIFICATE = f"arn:aws:acm:{REGION}:000000000000:certificate/0"
STAGE = Stage("dev", REGION, public_url="https://app.example.com", certificate=CERTIFICATE)

pytestmark = pytest.mark.ministack


@pytest.fixture
def target(empty_ministack: MiniStack) -> Target:
    """Return a stage that has an API."""
    target = local_target(empty_ministack, login_url="http://localhost:9", stage=STAGE)
    api = {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "api"}}
    empty_ministack.cloudformation().create_stack(
        StackName=STAGE.api_stack, TemplateBody=json.dumps({"Resources": {"Api": api}})
    )
    return target


def with_stage(target: Target, **changes: str | None) -> Target:
    return replace(target, stage=replace(target.stage, **changes))  # type: ignore[arg-type]


def changes_of(target: Target) -> list[str]:
    return Domain().apply(Run(target, Path()))


def preview_of(target: Target) -> list[str]:
    return Domain().preview(Run(target, Path()))


def test_domain_maps_its_root_to_the_stage(target: Target) -> None:
    assert "Add Domain (AWS::ApiGateway::DomainName)" in preview_of(target)
    assert changes_of(target) == ["the domain"]
    assert changes_of(target) == []
    gateway = target.client("apigateway")
    made = gateway.get_domain_name(domainName="app.example.com")
    assert made["regionalCertificateArn"] == CERTIFICATE
    assert made["endpointConfiguration"]["types"] == ["REGIONAL"]
    (mapping,) = gateway.get_base_path_mappings(domainName="app.example.com")["items"]
    assert mapping == {"basePath": "(none)", "restApiId": target.api_id(), "stage": "dev"}


def test_dns_record_is_created_in_a_configured_zone(target: Target) -> None:
    route53 = target.client("route53")
    zone = route53.create_hosted_zone(Name="example.com", CallerReference="1")["HostedZone"]["Id"]
    zone_id = zone.removeprefix("/hostedzone/")
    assert changes_of(with_stage(target, hosted_zone=zone_id)) == ["the domain"]
    records = route53.list_resource_record_sets(HostedZoneId=zone_id)["ResourceRecordSets"]
    (record,) = (one for one in records if one["Name"].rstrip(".") == "app.example.com")
    assert record["Type"] == "A"
    leads_to = record["AliasTarget"]["DNSName"].rstrip(".")
    assert leads_to == domain_target(target)


def test_stage_without_a_certificate_creates_no_domain(target: Target) -> None:
    elsewhere = with_stage(target, certificate=None)
    assert changes_of(elsewhere) == []
    assert preview_of(elsewhere) == []
    assert domain_target(elsewhere) is None


def test_domain_that_is_no_longer_configured_is_deleted(target: Target) -> None:
    changes_of(target)
    former = FormerStacks(Domain())
    assert former.find(target) == []
    run = Run(with_stage(target, certificate=None), Path())
    assert former.preview(run) == ["Remove the stack gatehouse-dev-domain"]
    assert former.apply(run) == ["the stack gatehouse-dev-domain, which is deleted"]
    assert former.find(run.target) == []


def test_error_names_the_missing_dns_record(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.deploy.release.smoke.PAUSE_SECONDS", 0)
    with pytest.raises(InfraError, match=r"must lead to d-1\.execute-api"):
        smoke_test(
            "http://127.0.0.1:9",
            {"COGNITO_CLIENT_ID": "web", "COGNITO_DOMAIN": "https://login.example.com"},
            domain_target="d-1.execute-api.eu-west-1.amazonaws.com",
        )
