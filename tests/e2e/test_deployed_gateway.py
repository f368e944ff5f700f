"""A deployment with a custom domain, and an authorizer in front of the function.

It is another stage with the bundle of tests/e2e/test_deployed.py. Like API Gateway, MiniStack
routes the domain to the stage by the `Host` header. The tests must run in order, because they
deploy, change and destroy the stage.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
import requests
from playwright.sync_api import Page

from api.resource_metadata import PATH as METADATA_PATH
from infra.aws.template import load_template
from infra.deploy.bundle.bundle import Bundle, read_bundle
from infra.deploy.deployment import destroy, plan, status
from infra.deploy.gateway.gateway import DEPLOYMENT, Gateway
from infra.deploy.outputs import outputs
from infra.deploy.stage.target import Target
from infra.local.demo import DEMO_PASSWORD, OPERATOR, USER
from infra.local.inventory import everything
from infra.local.local_deployment import (
    LocalDeployment,
    deploy_locally,
    local_stage,
    local_target,
    login_pages,
)
from infra.local.ports import free_port
from tests.e2e.test_deployed import call, token_of, use_the_admin_as_operator
from tests.support.deployment import Deployment, invocations, machine_token

pytestmark = [pytest.mark.ministack, pytest.mark.e2e]

ORIGIN = "https://spa.example.com"
FUNCTION = "gatehouse-front"
# begin capability gateway-authorizer
AUTHORIZER = "gatehouse-front-gateway-authorizer"
# end capability gateway-authorizer


@pytest.fixture(scope="module")
def before(deployment: Deployment) -> dict[str, list[str]]:
    """Return all resources of the account before the stage is deployed."""
    return everything(deployment.local.target)


@pytest.fixture(scope="module")
def gateway(
    deployment: Deployment, before: dict[str, list[str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deployment]:
    """Deploy the stage `front` with the user pool as its authorizer."""
    ministack, directory = deployment.local.ministack, tmp_path_factory.mktemp("front")
    login_port = free_port()
    login_url = f"http://localhost:{login_port}"
    domain = "gatehouse.localhost"
    stage = replace(
        local_stage(ministack, "front", authorizer="user-pool", domain=domain),
        environment={"CORS_ALLOWED_ORIGINS": ORIGIN},
    )
    local = deploy_locally(
        ministack,
        local_target(ministack, login_url=login_url, stage=stage),
        directory,
        database_url=deployment.database_url,
        bundle=bundle_of(deployment),
    )
    with login_pages(local, port=login_port, log=directory / "login.log"):
        yield Deployment(local, deployment.database_url, login_url)


def bundle_of(deployment: Deployment) -> Bundle:
    return read_bundle(deployment.bundle)


# begin capability gateway-authorizer
def with_authorizer(gateway: Deployment, authorizer: str) -> Target:
    target = gateway.local.target
    return replace(target, stage=replace(target.stage, authorizer=authorizer))


# end capability gateway-authorizer


# begin capability gateway-authorizer
@pytest.fixture(scope="module")
def lambda_gateway(deployment: Deployment, gateway: Deployment) -> Deployment:
    """Deploy the same stage again with a Lambda authorizer."""
    local = deploy_again(deployment, gateway, with_authorizer(gateway, "lambda"))
    assert local.deployed.changes == ["the API with its authorizer"]
    return replace(gateway, local=local)


# end capability gateway-authorizer


def deploy_again(deployment: Deployment, gateway: Deployment, target: Target) -> LocalDeployment:
    return deploy_locally(
        deployment.local.ministack,
        target,
        gateway.local.directory,
        database_url=deployment.database_url,
        bundle=bundle_of(deployment),
    )


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_operator_signs_in_at_the_custom_domain(page: Page, gateway: Deployment) -> None:
    assert gateway.public_url.startswith("http://gatehouse.localhost:")
    use_the_admin_as_operator(page, gateway, prefix="")


def test_request_with_an_invalid_token_does_not_start_the_function(gateway: Deployment) -> None:
    good, id_token = tokens_of(gateway, USER.email)
    started = invocations(gateway, FUNCTION)
    assert started > 0
    for headers in (
        {},
        {"Authorization": "Basic x"},
        bearer("junk"),
        bearer(good[:-8] + "AAAAAAAA"),
        bearer(id_token),
    ):
        for method, path in (
            ("GET", "/api/v1/me"),
            ("PATCH", "/api/v1/me/profile"),
            ("DELETE", "/api/v1/me/sessions/1"),
            ("POST", "/api/v1/auth/sign-out-everywhere"),
        ):
            answer = call(gateway, path, method=method, headers=headers | {"Origin": ORIGIN})
            assert answer.status_code == 401, (path, headers)
            assert_problem(gateway, answer, code="not_authenticated")
    assert invocations(gateway, FUNCTION) == started


def tokens_of(gateway: Deployment, email: str) -> tuple[str, str]:
    """Sign in through the API, and return the access token and the ID token."""
    answer = call(
        gateway,
        "/api/v1/auth/sign-in",
        method="POST",
        headers={"Content-Type": "application/json"},
        data=json.dumps({"email": email, "password": DEMO_PASSWORD}),
    )
    tokens = answer.json()
    return tokens["access_token"], tokens["id_token"]


def assert_problem(
    gateway: Deployment, answer: requests.Response, *, code: str, error: str = ""
) -> None:
    """Check that a response of the gateway has the form of the API's errors."""
    assert answer.headers["Content-Type"] == "application/problem+json"
    metadata = f'resource_metadata="{gateway.public_url}{METADATA_PATH}"'
    assert answer.headers["WWW-Authenticate"] == f"Bearer {error}{metadata}"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    problem = answer.json()
    assert problem.keys() == {"type", "title", "status", "detail", "code", "request_id"}
    assert (problem["status"], problem["code"]) == (answer.status_code, code)
    assert problem["request_id"]


def test_metadata_of_the_api_needs_no_token(gateway: Deployment) -> None:
    metadata = call(gateway, METADATA_PATH)
    assert (metadata.status_code, metadata.json()["resource"]) == (200, f"{gateway.public_url}/api")


def test_request_with_a_valid_token_reaches_the_application(gateway: Deployment) -> None:
    started = invocations(gateway, FUNCTION)
    me = call(gateway, "/api/v1/me", headers=bearer(token_of(gateway, USER.email)))
    assert (me.status_code, me.json()["kind"]) == (200, "user")
    machine = call(gateway, "/api/v1/me", headers=bearer(machine_token(gateway, "api/read")))
    assert (machine.status_code, machine.json()["kind"]) == (200, "machine")
    assert invocations(gateway, FUNCTION) == started + 2
    # begin capability console
    # The application decides what the caller may do.
    trail = call(
        gateway,
        "/api/v1/operators/audit-events",
        headers=bearer(token_of(gateway, USER.email)),
    )
    assert (trail.status_code, trail.json()["code"]) == (403, "not_in_group")
    # end capability console


def test_request_to_an_open_path_needs_no_token(gateway: Deployment) -> None:
    preflight = {"Origin": ORIGIN, "Access-Control-Request-Method": "GET"}
    for method, path, headers, expected in (
        ("GET", "/", {}, 200),
        ("GET", "/healthz", {}, 200),
        ("GET", "/admin/", {}, 302),  # only with console
        ("GET", "/api/v1/docs", {}, 200),  # only with docs-page
        ("GET", "/api/v1/schema", {}, 200),
        ("POST", "/api/v1/auth/sign-in", {"Content-Type": "application/json"}, 400),
        ("OPTIONS", "/api/v1/me", preflight, 200),
        ("OPTIONS", "/api/v1/auth/sign-out-everywhere", preflight, 200),
    ):
        assert call(gateway, path, method=method, headers=headers).status_code == expected, path
    answer = call(gateway, "/api/v1/me", method="OPTIONS", headers=preflight)
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN


def test_request_that_bypasses_the_authorizer_is_refused_by_the_application(
    gateway: Deployment,
) -> None:
    """The gateway takes these paths for pages, which are open. The application refuses them."""
    for path in ("/api//v1/me", "/%61pi/v1/me", "/api/v1/auth/../me", "/api/v1/docs/..%2Fme"):
        assert call(gateway, path).status_code in {401, 404}, path


# begin capability gateway-authorizer
def test_plan_shows_only_the_change_of_the_authorizer(
    deployment: Deployment, gateway: Deployment
) -> None:
    target, directory = with_authorizer(gateway, "lambda"), gateway.local.directory
    lines = plan(target, directory, bundle=bundle_of(deployment))
    assert "Modify AnyEndpoints (AWS::ApiGateway::Method)" in lines
    # Changes of methods take effect only with a new deployment of the API.
    assert any(line.startswith(f"Add {DEPLOYMENT}") for line in lines)
    resources = load_template(Gateway.template)["Resources"]
    assert {line.split()[1].partition(DEPLOYMENT)[0] for line in lines} <= {*resources, ""}


# end capability gateway-authorizer


# begin capability gateway-authorizer
def test_lambda_authorizer_refuses_invalid_tokens(lambda_gateway: Deployment) -> None:
    good = token_of(lambda_gateway, USER.email)
    started = invocations(lambda_gateway, FUNCTION)
    for headers, code, error in (
        ({}, "not_authenticated", ""),
        (bearer("junk"), "not_authenticated", ""),
        (bearer(good[:-8] + "AAAAAAAA"), "invalid_token", 'error="invalid_token", '),
    ):
        answer = call(lambda_gateway, "/api/v1/me", headers=headers)
        assert answer.status_code == 401
        assert_problem(lambda_gateway, answer, code=code, error=error)
    assert invocations(lambda_gateway, FUNCTION) == started


# end capability gateway-authorizer


# begin capability gateway-authorizer
def test_cached_decision_applies_to_every_path(lambda_gateway: Deployment) -> None:
    headers = bearer(token_of(lambda_gateway, USER.email))
    assert call(lambda_gateway, "/api/v1/me", headers=headers).status_code == 200
    asked = invocations(lambda_gateway, AUTHORIZER)
    assert call(lambda_gateway, "/api/v1/me", headers=headers).status_code == 200
    assert call(lambda_gateway, "/api/v1/me/sessions", headers=headers).status_code == 200
    assert (
        call(lambda_gateway, "/api/v1/me/sessions/1", method="DELETE", headers=headers).status_code
        == 404
    )
    assert invocations(lambda_gateway, AUTHORIZER) == asked


# end capability gateway-authorizer


def test_revoked_token_is_refused_although_the_gateway_has_cached_it(
    gateway: Deployment,
) -> None:
    """The application checks every request, also those that the gateway's cache accepts."""
    headers = bearer(token_of(gateway, OPERATOR.email))
    assert call(gateway, "/api/v1/me", headers=headers).status_code == 200
    path = "/api/v1/auth/sign-out-everywhere"
    assert call(gateway, path, method="POST", headers=headers).status_code == 204
    # Another instance may serve the next request. All instances know within 10 seconds.
    deadline = time.monotonic() + 10
    while (refused := call(gateway, "/api/v1/me", headers=headers)).status_code == 200:
        assert time.monotonic() < deadline
        time.sleep(0.5)
    assert (refused.status_code, refused.json()["code"]) == (401, "token_revoked")


# begin capability gateway-authorizer
def test_second_deployment_changes_nothing(
    deployment: Deployment, lambda_gateway: Deployment
) -> None:
    again = deploy_again(deployment, lambda_gateway, lambda_gateway.local.target)
    assert again.deployed.changes == []
    told = outputs(lambda_gateway.local.target)
    assert told["PUBLIC_URL"] == lambda_gateway.public_url
    lines = "\n".join(status(lambda_gateway.local.target))
    assert "missing" not in lines
    assert "authorizer lambda" in lines


# end capability gateway-authorizer


def test_gateway_has_rate_limits(gateway: Deployment) -> None:
    target = gateway.local.target
    stage = target.client("apigateway").get_stage(restApiId=target.api_id(), stageName="front")
    limits = stage["methodSettings"]["*/*"]
    assert (limits["throttlingRateLimit"], limits["throttlingBurstLimit"]) == (100, 200)
    assert limits["dataTraceEnabled"] is False


def test_destroy_deletes_all_resources_of_the_stage(
    deployment: Deployment, gateway: Deployment, before: dict[str, list[str]]
) -> None:
    assert everything(deployment.local.target) != before
    assert destroy(gateway.local.target) == []
    assert everything(deployment.local.target) == before
    # A second time, there is nothing to destroy.
    assert destroy(gateway.local.target) == []
