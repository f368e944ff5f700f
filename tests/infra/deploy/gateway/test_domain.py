"""The custom domain: tests/e2e/test_deployed_gateway.py has a browser go there."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from infra.aws.stacks import former_stacks
from infra.deploy.gateway import domain
from infra.deploy.release.smoke import smoke_test
from infra.deploy.stage.stage import Stage
from infra.deploy.stage.target import Target
from infra.errors import InfraError
from infra.local.local_deployment import local_target
from infra.local.ministack import REGION, MiniStack

CERTIFICATE = f"arn:aws:acm:{REGION}:000000000000:certificate/0"
STAGE = Stage("dev", REGION, public_url="https://app.example.com", certificate=CERTIFICATE)

pytestmark = pytest.mark.ministack


@pytest.fixture
def target(empty_ministack: MiniStack) -> Target:
    """Of a stage that has an API."""
    target = local_target(empty_ministack, login_url="http://localhost:9", stage=STAGE)
    api = {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "api"}}
    empty_ministack.cloudformation().create_stack(
        StackName=STAGE.api_stack, TemplateBody=json.dumps({"Resources": {"Api": api}})
    )
    return target


def with_stage(target: Target, **changes: str | None) -> Target:
    return replace(target, stage=replace(target.stage, **changes))  # type: ignore[arg-type]


def test_a_domain_leads_to_the_stage_without_its_prefix(target: Target) -> None:
    assert "Add Domain (AWS::ApiGateway::DomainName)" in domain.preview_domain(target)
    assert domain.provision_domain(target)
    assert not domain.provision_domain(target)
    gateway = target.client("apigateway")
    made = gateway.get_domain_name(domainName="app.example.com")
    assert made["regionalCertificateArn"] == CERTIFICATE
    assert made["endpointConfiguration"]["types"] == ["REGIONAL"]
    (mapping,) = gateway.get_base_path_mappings(domainName="app.example.com")["items"]
    assert mapping == {"basePath": "(none)", "restApiId": target.api_id(), "stage": "dev"}


def test_its_record_is_made_where_the_zone_is_known(target: Target) -> None:
    route53 = target.client("route53")
    zone = route53.create_hosted_zone(Name="example.com", CallerReference="1")["HostedZone"]["Id"]
    zone_id = zone.removeprefix("/hostedzone/")
    assert domain.provision_domain(with_stage(target, hosted_zone=zone_id))
    records = route53.list_resource_record_sets(HostedZoneId=zone_id)["ResourceRecordSets"]
    (record,) = (one for one in records if one["Name"].rstrip(".") == "app.example.com")
    assert record["Type"] == "A"
    leads_to = record["AliasTarget"]["DNSName"].rstrip(".")
    assert leads_to == domain.domain_target(target)


def test_a_stage_without_a_certificate_has_its_domain_made_elsewhere(target: Target) -> None:
    elsewhere = with_stage(target, certificate=None)
    assert not domain.provision_domain(elsewhere)
    assert domain.preview_domain(elsewhere) == []
    assert domain.domain_target(elsewhere) is None


def test_a_domain_that_the_stage_no_longer_has_is_taken_away(target: Target) -> None:
    domain.provision_domain(target)
    assert former_stacks(target) == []
    assert former_stacks(with_stage(target, certificate=None)) == ["gatehouse-dev-domain"]


def test_a_record_that_is_missing_is_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.deploy.release.smoke.PAUSE_SECONDS", 0)
    with pytest.raises(InfraError, match=r"has to lead to d-1\.execute-api"):
        smoke_test(
            "http://127.0.0.1:9",
            client_id="web",
            hosted_ui="https://login.example.com",
            domain_target="d-1.execute-api.eu-west-1.amazonaws.com",
        )
