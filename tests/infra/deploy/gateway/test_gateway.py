"""The parameters of the gateway, and the changes that deploy it again."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from infra.aws.template import load_template
from infra.deploy.bundle.bundle import Bundle
from infra.deploy.gateway.gateway import DEPLOYED_PARAMETERS, DEPLOYMENT, Gateway
from infra.deploy.stage.stage import Stage
from infra.deploy.stage.stages_file import read_stage
from infra.deploy.stage.target import Target
from infra.deploy.step import Run
from infra.deploy.zappa.function_code import zappa_settings
from infra.errors import InfraError
from infra.local.local_deployment import local_target
from infra.local.ministack import REGION, MiniStack
from tests.infra.deploy.gateway.gateway_values import PARAMETERS, VARIABLES


def stage(**changes: Any) -> Stage:
    return Stage(**({"name": "dev", "region": REGION, "authorizer": "user-pool"} | changes))


def parameters(ministack: MiniStack, stage: Stage, **variables: str) -> dict[str, str]:
    run = Run(
        local_target(ministack, login_url="http://localhost:9", stage=stage),
        Path(),
        given_bundle=Bundle(Path("x.zip"), "x"),
        platform={"BundlesBucket": "bundles"},
        variables=VARIABLES | variables,
        function_arn=PARAMETERS["FunctionArn"].removesuffix(":live"),
    )
    return Gateway().parameters(run)


@pytest.mark.ministack
def test_gateway_gets_variables_of_the_application_but_no_secrets(
    empty_ministack: MiniStack,
) -> None:
    given = parameters(empty_ministack, stage(), CORS_ALLOWED_ORIGINS="https://spa.example.com")
    assert given["CorsOrigin"] == "*"
    # begin capability gateway-authorizer
    given |= parameters(empty_ministack, stage(authorizer="lambda"))
    assert given["KeySet"] == VARIABLES["COGNITO_JWKS"]
    assert given["ApiTokenUses"] == "access"
    # end capability gateway-authorizer
    assert given.keys() <= load_template(Gateway.template)["Parameters"].keys()
    assert not {"a-client-secret", "a-secret-key"} & set(given.values())


# begin capability gateway-authorizer
@pytest.mark.ministack
def test_authorizer_gets_the_audience_of_the_application(empty_ministack: MiniStack) -> None:
    given = parameters(empty_ministack, stage(authorizer="lambda"))
    assert given["ApiAudience"] == "https://not-yet.invalid/api"
    assert (given["RequireAudience"], given["AudienceClients"]) == ("false", "listed")
    settings = {
        "COGNITO_API_AUDIENCE": "notes",
        "COGNITO_REQUIRE_AUDIENCE": "true",
        "COGNITO_AUDIENCE_CLIENTS": "any",
    }
    given = parameters(empty_ministack, stage(authorizer="lambda"), **settings)
    names = ("ApiAudience", "RequireAudience", "AudienceClients")
    assert [given[name] for name in names] == ["notes", "true", "any"]


# end capability gateway-authorizer


@pytest.mark.ministack
def test_requests_are_logged_if_the_account_allows_it(empty_ministack: MiniStack) -> None:
    assert parameters(empty_ministack, stage())["AccessLog"] == "false"
    role = "arn:aws:iam::000000000000:role/gateway-logs"
    local_target(empty_ministack, login_url="http://localhost:9").client(
        "apigateway"
    ).update_account(
        patchOperations=[{"op": "replace", "path": "/cloudwatchRoleArn", "value": role}]
    )
    assert parameters(empty_ministack, stage())["AccessLog"] == "true"


@pytest.mark.ministack
def test_user_pool_authorizer_takes_no_id_tokens(empty_ministack: MiniStack) -> None:
    both = {"COGNITO_API_TOKEN_USES": "access,id"}
    with pytest.raises(InfraError, match="needs another authorizer"):
        parameters(empty_ministack, stage(), **both)
    # begin capability gateway-authorizer
    given = parameters(empty_ministack, stage(authorizer="lambda"), **both)
    assert given["ApiTokenUses"] == "access,id"
    # end capability gateway-authorizer


def test_only_changed_methods_create_a_new_deployment_of_the_api(tmp_path: Path) -> None:
    run = Run(Target(stage()), tmp_path)

    def deployment(**changes: str) -> str:
        text = Gateway().rendered(run, PARAMETERS | changes).read_text("utf-8")
        (name,) = set(re.findall(rf"{DEPLOYMENT}\w*", text))
        return str(name)

    assert deployment() == deployment(KeySet="{}", BundleKey="bundles/y.zip", Burst="1")
    others = {deployment(**{name: "another"}) for name in DEPLOYED_PARAMETERS}
    assert len(others | {deployment()}) == len(DEPLOYED_PARAMETERS) + 1


def test_unknown_authorizer_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "stages.toml"
    file.write_text("[dev]\nregion = 'eu-west-1'\nauthorizer = 'cognito'\n")
    with pytest.raises(InfraError, match="one of none, user-pool"):
        read_stage("dev", file)


def test_zappa_creates_no_second_api() -> None:
    """A second API would bypass the authorizer."""
    platform = {"RoleArn": "arn:aws:iam::000000000000:role/x", "BundlesBucket": "bundles"}
    settings = zappa_settings(Target(stage()), platform)
    assert settings["dev"]["apigateway_enabled"] is False
    settings = zappa_settings(Target(stage(authorizer="none")), platform)
    assert "apigateway_enabled" not in settings["dev"]
