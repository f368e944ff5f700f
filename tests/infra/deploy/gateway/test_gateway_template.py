"""The rendered template of the gateway."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import pytest

from api.openapi.document import document
from api.resource_metadata import PATH
from infra.aws.provision import COGNITO_TEMPLATE
from infra.aws.template import load_template, render
from infra.deploy.gateway.gateway import DEPLOYMENT, Gateway
from infra.environments import ROOT
from tests.infra.deploy.gateway.gateway_values import PARAMETERS


@cache
def template() -> dict[str, Any]:
    return load_template(Gateway.template)


def resources(kind: str = "", **changes: str) -> dict[str, dict[str, Any]]:
    rendered = render(template(), PARAMETERS | changes)
    return {name: one for name, one in rendered.items() if one["Type"].endswith(kind)}


def paths(**changes: str) -> dict[str, dict[str, dict[str, Any]]]:
    """Return the properties of each method, by path and HTTP method."""
    tree = resources("ApiGateway::Resource", **changes)

    def path(reference: str) -> str:
        name = reference.strip("${}")
        if name == "Api.RootResourceId":
            return ""
        return f"{path(tree[name]['ParentId'])}/{tree[name]['PathPart']}"

    found: dict[str, dict[str, dict[str, Any]]] = {}
    for method in resources("ApiGateway::Method", **changes).values():
        found.setdefault(path(method["ResourceId"]) or "/", {})[method["HttpMethod"]] = method
    return found


def served_by(path: str) -> dict[str, dict[str, Any]]:
    """Return the methods of the most specific resource that matches a path."""
    served = paths()
    if path in served:
        return served[path]
    greedy = [
        one
        for one in served
        if one.endswith("{proxy+}") and path.startswith(one[: -len("{proxy+}")])
    ]
    return served[max(greedy, key=len)]


def is_guarded(path: str) -> bool:
    authorization: str = served_by(path)["ANY"]["AuthorizationType"]
    return authorization != "NONE"


def test_gateway_requires_a_token_for_the_same_operations_as_the_api() -> None:
    """Compare with the OpenAPI document, so that new endpoints below `auth/` are noticed.

    The gateway cannot check a session cookie, so views that accept one are open as well.
    """
    described = json.loads(document())["paths"]
    assert len(described) > 10
    for path, operations in described.items():
        accepted = [one for operation in operations.values() for one in operation["security"]]
        demands = bool(accepted) and not any("session" in one for one in accepted)
        assert is_guarded(re.sub(r"\{\w+\}", "x", path)) == demands, path


@pytest.mark.parametrize(
    "path",
    [
        "/.well-known/oauth-protected-resource/api",
        "/", "/accounts/profile/", "/accounts/callback/", "/static/x.css", "/healthz", "/api/v2/x",
        "/api/v1/schema", "/api/v1/auth/sign-in",
        "/api/v1/docs", "/api/v1/docs/signed-in",  # only with docs-page
        "/api/v1/session",
        "/api/v1/notes", "/api/v1/notes/x",  # only with notes
    ],
)  # fmt: skip
def test_paths_without_a_token_are_open(path: str) -> None:
    assert not is_guarded(path)


def test_preflight_requests_need_no_token() -> None:
    guarded = [methods for path, methods in paths().items() if is_guarded(path)]
    assert len(guarded) == 2
    for methods in guarded:
        assert methods.keys() == {"ANY", "OPTIONS"}
        assert methods["OPTIONS"]["AuthorizationType"] == "NONE"


def test_user_pool_authorizer_accepts_every_scope_of_the_pool() -> None:
    """One scope is enough. Without scopes, the gateway would accept ID tokens instead."""
    (server,) = (
        resource
        for resource in load_template(COGNITO_TEMPLATE)["Resources"].values()
        if resource["Type"] == "AWS::Cognito::UserPoolResourceServer"
    )
    properties = server["Properties"]
    own = {f"{properties['Identifier']}/{scope['ScopeName']}" for scope in properties["Scopes"]}
    for methods in paths().values():
        if methods["ANY"]["AuthorizationType"] != "NONE":
            assert methods["ANY"]["AuthorizationType"] == "COGNITO_USER_POOLS"
            scopes = set(methods["ANY"]["AuthorizationScopes"])
            assert scopes == own | {"openid", "aws.cognito.signin.user.admin"}


# begin capability gateway-authorizer
def test_lambda_authorizer_has_no_scopes_and_runs_the_code_of_the_application() -> None:
    by_lambda = {"Authorizer": "lambda", "BundlesBucket": "bundles", "BundleKey": "bundles/x.zip"}
    for methods in paths(**by_lambda).values():
        if methods["ANY"]["AuthorizationType"] != "NONE":
            assert methods["ANY"]["AuthorizationType"] == "CUSTOM"
            assert "AuthorizationScopes" not in methods["ANY"]
    made = resources(**by_lambda)
    assert made["AuthorizerFunction"]["Code"] == {"S3Bucket": "bundles", "S3Key": "bundles/x.zip"}
    assert "UserPoolAuthorizer" not in made
    expression = made["LambdaAuthorizer"]["IdentityValidationExpression"]
    assert re.fullmatch(expression, "bearer eyJhbGci.eyJzdWIi.c2ln-_")
    for junk in (
        "Bearer",
        "Bearer x",
        "Basic eyJhbGci.eyJzdWIi.c2ln",
        "Bearer a.b.c.d",
        "Bearer ..",
    ):
        assert not re.fullmatch(expression, junk), junk


# end capability gateway-authorizer


# begin capability gateway-authorizer
def test_authorizer_gets_every_variable_that_it_reads() -> None:
    by_lambda = {"Authorizer": "lambda", "BundlesBucket": "bundles", "BundleKey": "bundles/x.zip"}
    given = resources(**by_lambda)["AuthorizerFunction"]["Environment"]["Variables"]
    program = (ROOT / "project" / "gateway_authorizer.py").read_text("utf-8")
    assert given.keys() == set(re.findall(r'"(COGNITO_\w+)"', program))


# end capability gateway-authorizer


def test_user_pool_authorizer_needs_no_function() -> None:
    assert resources("Lambda::Function") == {}
    assert "AuthorizerRole" not in resources()


def test_errors_of_the_gateway_have_the_form_and_codes_of_the_api() -> None:
    documented = (ROOT / "docs" / "api-errors.md").read_text("utf-8")
    answers = resources("GatewayResponse")
    assert len(answers) >= 10
    for name, answer in answers.items():
        problem = json.loads(answer["ResponseTemplates"]["application/json"])
        assert problem.keys() == {"type", "title", "status", "detail", "code", "request_id"}, name
        assert str(problem["status"]) == answer["StatusCode"], name
        assert f"`{problem['code']}`" in documented, name
        headers = {
            key.removeprefix("gatewayresponse.header."): value.strip("'")
            for key, value in answer["ResponseParameters"].items()
        }
        assert headers["Content-Type"] == "application/problem+json", name
        assert headers["Cache-Control"] == "no-store", name
        assert ("WWW-Authenticate" in headers) == (problem["status"] == 401), name
        assert ("Retry-After" in headers) == (problem["status"] in {429, 503}), name
        assert not any(header.startswith("Access-Control") for header in headers), name


@pytest.mark.parametrize(
    ("public_url", "address"),
    [
        ("https://app.example.com", "https://app.example.com"),
        ("", "https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}/dev"),
    ],
)
def test_401_of_the_gateway_names_the_metadata_of_the_api(public_url: str, address: str) -> None:
    metadata = f'resource_metadata="{address}{PATH}"'
    answers = resources("GatewayResponse", PublicUrl=public_url)
    challenges = {
        name: answer["ResponseParameters"]["gatewayresponse.header.WWW-Authenticate"]
        for name, answer in answers.items()
        if answer["StatusCode"] == "401"
    }
    assert challenges == {
        "Unauthorized": f"'Bearer {metadata}'",
        "ExpiredToken": f"'Bearer error=\"invalid_token\", {metadata}'",
        "AccessDenied": f"'Bearer error=\"invalid_token\", {metadata}'",
    }


def test_allowed_origins_can_read_errors_of_the_gateway() -> None:
    for name, answer in resources("GatewayResponse", CorsOrigin="*").items():
        allowed = answer["ResponseParameters"]["gatewayresponse.header.Access-Control-Allow-Origin"]
        assert allowed == "'*'", name


def test_deployment_of_the_api_depends_on_all_methods_and_responses() -> None:
    deployment = template()["Resources"][DEPLOYMENT]
    needed = resources("ApiGateway::Method").keys() | resources("GatewayResponse").keys()
    assert set(deployment["DependsOn"]) == needed


def test_request_log_contains_neither_queries_nor_headers() -> None:
    assert "AccessLogSetting" not in resources()["Stage"]
    setting = resources(AccessLog="true")["Stage"]["AccessLogSetting"]
    logged = set(json.loads(setting["Format"]).values())
    assert "$context.path" in logged
    assert all(re.fullmatch(r"\$context\.[A-Za-z.]+", one) for one in logged)


def test_domain_disables_the_default_address() -> None:
    assert resources(HasDomain="true")["Api"]["DisableExecuteApiEndpoint"] is True
    assert resources()["Api"]["DisableExecuteApiEndpoint"] is False
