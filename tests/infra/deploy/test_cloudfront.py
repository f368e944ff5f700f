"""The template of CloudFront in front of the application."""

from __future__ import annotations

import re
from typing import Any

import pytest

from infra.aws.template import load_template, render, template_body
from infra.environments import ROOT

TEMPLATE = ROOT / "infra/deploy/cloudfront.yaml"
DOCUMENT = load_template(TEMPLATE)
PARAMETERS = {
    "DomainName": "app.example.com",
    "CertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/1",
    "OriginDomain": "abc123.execute-api.eu-west-1.amazonaws.com",
}
BALANCER = (
    "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/gate/50dc6c495c0c9188"
)
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a084be39a"
CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"


def resources(**parameters: str) -> dict[str, dict[str, Any]]:
    return render(DOCUMENT, PARAMETERS | parameters)


def distribution(**parameters: str) -> dict[str, Any]:
    made: dict[str, Any] = resources(**parameters)["Distribution"]["DistributionConfig"]
    return made


def origin(**parameters: str) -> dict[str, Any]:
    [made] = distribution(**parameters)["Origins"]
    return dict(made)


def test_only_static_files_are_cached() -> None:
    config = distribution()
    assert config["DefaultCacheBehavior"]["CachePolicyId"] == CACHING_DISABLED
    assert "POST" in config["DefaultCacheBehavior"]["AllowedMethods"]
    [static] = config["CacheBehaviors"]
    assert static["PathPattern"] == "/static/*"
    assert static["CachePolicyId"] == CACHING_OPTIMIZED
    assert static["AllowedMethods"] == ["GET", "HEAD"]


def test_connections_are_encrypted_on_both_sides() -> None:
    config = distribution()
    behaviors = [config["DefaultCacheBehavior"], *config["CacheBehaviors"]]
    assert {one["ViewerProtocolPolicy"] for one in behaviors} == {"redirect-to-https"}
    assert config["ViewerCertificate"]["MinimumProtocolVersion"] == "TLSv1.2_2021"
    assert origin()["CustomOriginConfig"]["OriginProtocolPolicy"] == "https-only"


def test_stage_of_an_api_is_the_path_of_the_origin() -> None:
    assert origin(OriginPath="/prod")["OriginPath"] == "/prod"
    assert origin()["OriginPath"] == ""


def test_internal_load_balancer_is_reached_inside_its_vpc() -> None:
    assert "PrivateOrigin" not in resources()
    made = resources(LoadBalancerArn=BALANCER)
    endpoint = made["PrivateOrigin"]["VpcOriginEndpointConfig"]
    assert (endpoint["Arn"], endpoint["OriginProtocolPolicy"]) == (BALANCER, "https-only")
    private = origin(LoadBalancerArn=BALANCER)
    assert private["VpcOriginConfig"]["VpcOriginId"] == "${PrivateOrigin.Id}"
    assert "CustomOriginConfig" not in private


def test_secret_header_is_sent_only_if_it_is_set() -> None:
    assert "OriginCustomHeaders" not in origin()
    [header] = origin(OriginSecret="s" * 32)["OriginCustomHeaders"]
    assert header == {"HeaderName": "X-Origin-Secret", "HeaderValue": "s" * 32}
    assert DOCUMENT["Parameters"]["OriginSecret"]["NoEcho"] is True


def test_firewall_is_on_by_default_and_can_be_left_out() -> None:
    assert distribution()["WebACLId"] == "${WebFirewall.Arn}"
    without = resources(Firewall="false")
    assert "WebFirewall" not in without
    assert "WebACLId" not in without["Distribution"]["DistributionConfig"]


def test_firewall_blocks_unless_it_only_counts() -> None:
    for only, expected in (("false", ("None", "Block")), ("true", ("Count", "Count"))):
        rules = resources(FirewallCountsOnly=only, RequestsPerFiveMinutes="500")["WebFirewall"][
            "Rules"
        ]
        assert [rule["Priority"] for rule in rules] == [0, 1, 2, 3]
        for rule in rules:
            group, own = expected
            assert rule.get("OverrideAction", {group: {}}) == {group: {}}
            assert rule.get("Action", {own: {}}) == {own: {}}
        limits = [
            rule["Statement"]["RateBasedStatement"]["Limit"]
            for rule in rules
            if "RateBasedStatement" in rule["Statement"]
        ]
        assert limits == [500]


def test_firewall_and_log_keep_no_token_and_no_code() -> None:
    firewall = resources()["WebFirewall"]
    settings = [
        firewall["VisibilityConfig"],
        *(rule["VisibilityConfig"] for rule in firewall["Rules"]),
    ]
    assert not any(one["SampledRequestsEnabled"] for one in settings)
    fields = resources()["LogDelivery"]["RecordFields"]
    assert "cs-uri-stem" in fields
    assert not {"cs-uri-query", "cs(Cookie)", "cs(Referer)", "cs-headers"} & set(fields)
    assert "Logging" not in distribution()


def test_records_are_made_in_the_zone_of_the_domain() -> None:
    assert not [name for name in resources() if name.startswith("Record")]
    made = resources(HostedZoneId="Z123")
    assert {made[name]["Type"] for name in ("Record", "RecordIPv6")} == {"A", "AAAA"}


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("CertificateArn", "arn:aws:acm:eu-west-1:123456789012:certificate/1"),
        ("DomainName", "https://app.example.com"),
        ("DomainName", "*.example.com"),
        ("OriginDomain", "abc.example.com/prod"),
        ("OriginPath", "prod"),
        ("OriginPath", "/prod/"),
        ("OriginSecret", "short"),
        ("LoadBalancerArn", "gate"),
    ],
)
def test_invalid_parameters_are_refused(parameter: str, value: str) -> None:
    assert not re.fullmatch(DOCUMENT["Parameters"][parameter]["AllowedPattern"], value)
    if parameter in PARAMETERS:
        assert re.fullmatch(
            DOCUMENT["Parameters"][parameter]["AllowedPattern"], PARAMETERS[parameter]
        )


def test_documentation_lists_each_parameter_with_its_default() -> None:
    page = (ROOT / "docs/proxies.md").read_text("utf-8")
    section = page.partition("\n## CloudFront\n")[2].partition("\n### ")[0]
    rows = dict(re.findall(r"^\| (`.+?`) \| (.+) \|$", section, re.MULTILINE))
    documented = set(re.findall(r"`(\w+)`", " ".join(rows)))
    assert documented == set(DOCUMENT["Parameters"])
    for row, meaning in rows.items():
        for name in re.findall(r"`(\w+)`", row):
            default = DOCUMENT["Parameters"][name].get("Default")
            if default:
                assert f"(`{default}`" in meaning, name


def test_template_fits_the_limit_of_cloudformation() -> None:
    assert len(template_body(TEMPLATE).encode()) < 51_200
