"""The printed policies, compared with the resources of the templates.

test_recorded_deployment.py compares them with the calls of a deployment.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

import botocore.session
import pytest

from infra.aws.provision import COGNITO_TEMPLATE
from infra.aws.template import load_template, render
from infra.cli import main
from infra.deploy.audit_stream.audit_stream import AuditStream
from infra.deploy.function.platform import Platform
from infra.deploy.gateway.gateway import Gateway
from infra.deploy.rights.policy import MAXIMUM_CHARACTERS, boundary_policy, deployer_policy
from infra.deploy.rights.rights import RIGHTS
from infra.deploy.stage import zappa_settings
from infra.deploy.stage.stage import PROJECT
from infra.errors import InfraError
from tests.infra.deploy.gateway.gateway_values import PARAMETERS
from tests.infra.deploy.rights.calls import ACCOUNT, arn, passed
from tests.infra.deploy.rights.forms import DEV, EVERY_OPTION, FORMS, FRONT, handled, kinds, of_pool
from tests.infra.deploy.rights.handlers import HANDLERS, UNUSED, Form
from tests.infra.deploy.rights.iam import Request, allows
from tests.infra.deploy.user_pool.pool_parameters import GOOD, SWITCHES

LONGEST = "abcdefghij0123456789"


@pytest.fixture(params=FORMS)
def form(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Form:
    wanted = FORMS[request.param]
    use_zappa_settings(monkeypatch, wanted)
    return wanted


def use_zappa_settings(monkeypatch: pytest.MonkeyPatch, form: Form) -> None:
    settings = json.loads(zappa_settings.SETTINGS.read_text("utf-8"))
    settings["dev"] |= form.zappa
    monkeypatch.setattr(zappa_settings, "_read", lambda: settings)


def test_policy_allows_what_cloudformation_does_for_each_resource(form: Form) -> None:
    policy = deployer_policy(form.stage)
    assert [str(request) for request in handled(form) if not allows(policy, request)] == []


def test_policy_of_a_stage_with_everything_fits() -> None:
    pool = of_pool("Google", "mail", "custom domain").cognito
    deployer_policy(replace(EVERY_OPTION, name="production", cognito=pool))


def test_combined_statements_keep_every_resource_to_its_actions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def policy(maximum: int) -> list[dict[str, Any]]:
        monkeypatch.setattr("infra.deploy.rights.policy.MAXIMUM_CHARACTERS", maximum)
        statements: list[dict[str, Any]] = deployer_policy(EVERY_OPTION)["Statement"]
        return statements

    def allowed(statements: list[dict[str, Any]]) -> set[tuple[str, str, str]]:
        """An action has no effect on a resource of another service."""
        return {
            (action, resource, str(statement.get("Condition")))
            for statement in statements
            for action in statement["Action"]
            for resource in statement["Resource"]
            if resource == "*" or resource.split(":")[2] == action.partition(":")[0]
        }

    small, large = policy(6000), policy(10_000)
    assert len(small) < len(large) - 8
    assert allowed(small) == allowed(large)


def test_policy_of_the_longest_names_fits(form: Form) -> None:
    """The size without white space, as IAM counts it."""
    stage = replace(form.stage, name=LONGEST, region="ap-southeast-2")
    size = len(json.dumps(deployer_policy(stage), separators=(",", ":")))
    assert size <= MAXIMUM_CHARACTERS


def test_policy_that_is_too_large_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.deploy.rights.policy.MAXIMUM_CHARACTERS", 1000)
    with pytest.raises(InfraError, match="IAM accepts 1000"):
        deployer_policy(DEV)


def test_every_type_of_resource_is_known() -> None:
    used = {kind for form in FORMS.values() for kind in kinds(form)}
    # The schemas of types that no template has would only confuse.
    assert used == HANDLERS.keys() | {"AWS::Cognito::ManagedLoginBranding"}


def test_every_unused_permission_is_one_of_a_schema() -> None:
    stale = [
        (kind, pattern)
        for kind, patterns in UNUSED.items()
        for pattern in patterns
        if not any(
            fnmatchcase(action, pattern)
            for name, handlers in HANDLERS.items()
            if kind in {"*", name}
            for permissions in handlers.values()
            for action in permissions.split()
        )
    ]
    assert stale == []


def wildcards() -> Iterator[tuple[str, str]]:
    for right in RIGHTS:
        for name in right.names:
            # All that a resource of the stage has may be read, which keeps policies short.
            if "*" in name and not name.endswith((":Describe*", ":Get*", ":List*")):
                yield right.service, name


@pytest.mark.parametrize(("service", "pattern"), sorted(set(wildcards())))
def test_wildcard_covers_only_actions_that_are_needed(service: str, pattern: str) -> None:
    """The calls of a deployment are not recorded here, but change sets are among them."""
    needed = {request.action.lower() for form in FORMS.values() for request in handled(form)}
    needed |= {
        f"cloudformation:{verb}changeset" for verb in ("create", "delete", "describe", "execute")
    }
    operations = botocore.session.get_session().get_service_model(service).operation_names
    covered = {
        f"{service}:{operation}".lower()
        for operation in operations
        if fnmatchcase(f"{service}:{operation}".lower(), pattern.lower())
    }
    # API names of S3 are not those of its actions, and log deliveries have no API.
    assert service == "s3" or covered or pattern == "logs:*LogDeliver*"
    assert service == "s3" or covered <= needed


OTHER = replace(DEV, name="dev2")
BOUNDARY = arn(DEV, "iam", f"policy/{DEV.boundary_name}")
ROLE = arn(DEV, "iam", f"role/{PROJECT}-dev-platform-Role-A1B2")


REFUSED = {
    "a role without the boundary": Request("iam:CreateRole", ROLE),
    "a role with another boundary": Request(
        "iam:CreateRole",
        ROLE,
        {"iam:PermissionsBoundary": "arn:aws:iam::aws:policy/AdministratorAccess"},
    ),
    "a policy of a role without the boundary": Request("iam:PutRolePolicy", ROLE),
    "the boundary itself": Request("iam:CreatePolicyVersion", BOUNDARY),
    "a deletion of the boundary": Request(
        "iam:DeleteRolePermissionsBoundary", ROLE, {"iam:PermissionsBoundary": BOUNDARY}
    ),
    "an attached policy": Request(
        "iam:AttachRolePolicy",
        ROLE,
        {
            "iam:PermissionsBoundary": BOUNDARY,
            "iam:PolicyARN": "arn:aws:iam::aws:policy/AdministratorAccess",
        },
    ),
    "a role for a machine": passed(ROLE, "ec2.amazonaws.com"),
    "a role of something else": passed(
        f"arn:aws:iam::{ACCOUNT}:role/administrator", "lambda.amazonaws.com"
    ),
    "a role of another stage": passed(
        arn(DEV, "iam", f"role/{PROJECT}-dev2-platform-Role-A1B2"), "lambda.amazonaws.com"
    ),
    "a user": Request("iam:CreateUser", f"arn:aws:iam::{ACCOUNT}:user/x"),
    "the stack of another stage": Request(
        "cloudformation:DeleteStack", arn(DEV, "cloudformation", f"stack/{PROJECT}-dev2/0a1b")
    ),
    "a second stack of another stage": Request(
        "cloudformation:CreateChangeSet",
        arn(DEV, "cloudformation", f"stack/{PROJECT}-dev2-cognito/0a1b"),
    ),
    "the function of another stage": Request(
        "lambda:GetFunctionConfiguration", arn(DEV, "lambda", f"function:{PROJECT}-dev2")
    ),
    "the secrets of another stage": Request(
        "secretsmanager:GetSecretValue",
        arn(DEV, "secretsmanager", f"secret:{PROJECT}/dev2-a1B2c3"),
    ),
    "the log of another stage": Request(
        "logs:DeleteLogGroup", arn(DEV, "logs", f"log-group:/aws/lambda/{PROJECT}-dev2")
    ),
    "the bundles of another stage": Request(
        "s3:PutObject", f"arn:aws:s3:::{PROJECT}-dev2-platform-bundles-a1b2/x.zip"
    ),
    "the pool of another stage": Request(
        "cognito-idp:DeleteUserPool",
        arn(DEV, "cognito-idp", "userpool/x"),
        {f"aws:ResourceTag/{key}": value for key, value in OTHER.own_tags.items()},
    ),
    "a pool without tags": Request(
        "cognito-idp:DescribeUserPool", arn(DEV, "cognito-idp", "userpool/x")
    ),
    "taking over the pool of another stage": Request(
        "cognito-idp:TagResource",
        arn(DEV, "cognito-idp", "userpool/x"),
        {f"aws:ResourceTag/{key}": value for key, value in OTHER.own_tags.items()}
        | {f"aws:RequestTag/{key}": value for key, value in DEV.own_tags.items()},
    ),
    "a user of the pool": Request(
        "cognito-idp:AdminCreateUser",
        arn(DEV, "cognito-idp", "userpool/x"),
        {f"aws:ResourceTag/{key}": value for key, value in DEV.own_tags.items()},
    ),
    "another region": Request(
        "lambda:CreateFunction", f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{PROJECT}-dev"
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_policy_refuses_what_a_deployment_does_not_do(what: str) -> None:
    for stage in (DEV, FRONT):
        assert not allows(deployer_policy(stage), REFUSED[what])


def role_statements() -> list[dict[str, Any]]:
    """Return the statements of every role that the templates define."""
    pool: dict[str, str] = dict(GOOD)
    for switch in ("sign-up", "sign-ins end at a reset", "group scopes"):
        pool |= SWITCHES[switch]
    platform = {"FunctionName": DEV.function_name, "UserPoolId": "eu-west-1_Abc123"}
    gateway = PARAMETERS | {"Authorizer": "lambda"}
    stream = {"BusName": DEV.audit_bus, "Stream": "archive", "FunctionRole": "role"}
    parts = [
        render(load_template(AuditStream.template), stream | {"UserPoolId": "pool"}),
        render(load_template(COGNITO_TEMPLATE), pool),
        render(load_template(Platform.template), platform),
        render(load_template(Gateway.template), gateway),
    ]
    documents = []
    for resource in (one for part in parts for one in part.values()):
        if resource["Type"] == "AWS::IAM::Policy":
            documents.append(resource["PolicyDocument"])
        elif resource["Type"] == "AWS::IAM::Role":
            documents += [policy["PolicyDocument"] for policy in resource["Policies"]]
    return [statement for document in documents for statement in document["Statement"]]


def test_boundary_allows_every_right_of_the_roles() -> None:
    boundary, tags = boundary_policy(DEV), DEV.own_tags
    known = {
        "${AWS::Partition}": "aws",
        "${AWS::Region}": DEV.region,
        "${AWS::AccountId}": ACCOUNT,
        "${LogGroup.Arn}": arn(DEV, "logs", f"log-group:/aws/lambda/{DEV.function_name}:*"),
        "${TriggerLog.Arn}": arn(DEV, "logs", f"log-group:{DEV.cognito_stack}-TriggerLog-A1:*"),
        "${AuthorizerLog.Arn}": arn(
            DEV, "logs", f"log-group:/aws/lambda/{DEV.gateway_stack}-authorizer:*"
        ),
        "${Bus.Arn}": arn(DEV, "events", f"event-bus/{DEV.audit_bus}"),
        "${Delivery.Arn}": arn(DEV, "firehose", f"deliverystream/{DEV.audit_bus}"),
        "${Archive.Arn}": f"arn:aws:s3:::{DEV.audit_stack}-archive-a1b2",
        "${UserPool.Arn}": arn(DEV, "cognito-idp", "userpool/eu-west-1_Abc123"),
    }
    statements = role_statements()
    assert len(statements) > 5
    for statement in statements:
        actions, resources = (
            [value] if isinstance(value, str) else value
            for value in (statement["Action"], statement["Resource"])
        )
        for resource in resources:
            for name, value in known.items():
                resource = resource.replace(name, value)  # noqa: PLW2901 - one after the other
            assert "${" not in resource
            for action in actions:
                context = {f"aws:ResourceTag/{key}": tags[key] for key in tags}
                assert allows(boundary, Request(action, resource, context)), (action, resource)


@pytest.mark.parametrize(
    "action",
    [
        *("iam:CreateUser", "iam:PassRole", "sts:AssumeRole", "s3:GetObject"),
        *("secretsmanager:GetSecretValue", "lambda:UpdateFunctionCode", "cognito-idp:ListUsers"),
    ],
)
def test_boundary_refuses_what_no_role_needs(action: str) -> None:
    """`cognito-idp:ListUsers` is for a pool without the tags of the stage."""
    service = action.partition(":")[0]
    names = {"cognito-idp": "userpool/x", "lambda": f"function:{DEV.function_name}"}
    resource = arn(DEV, service, names.get(service, "x"))
    assert not allows(boundary_policy(DEV), Request(action, resource))


def test_boundary_of_the_longest_names_fits() -> None:
    stage = replace(DEV, name=LONGEST, region="ap-southeast-2")
    assert len(json.dumps(boundary_policy(stage), separators=(",", ":"))) <= MAXIMUM_CHARACTERS


def test_command_prints_a_policy_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "--stage", "dev"]) == 0
    assert json.loads(capsys.readouterr().out)["Statement"]
    assert main(["policy", "--stage", "dev", "--boundary"]) == 0
    assert json.loads(capsys.readouterr().out) == boundary_policy(DEV)


def test_command_names_an_unknown_stage_on_standard_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["policy", "--stage", "missing"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("error: stages.toml has no stage missing")


def test_policy_of_previews_covers_every_preview_and_no_other_stage() -> None:
    previews = replace(DEV, name="preview", previews=True)
    policy = deployer_policy(previews)
    for request in handled(Form(replace(previews, name="preview12"))):
        assert allows(policy, request), request
    role = arn(DEV, "iam", f"role/{PROJECT}-prod-platform-Role-A1B2")
    context = {"iam:PermissionsBoundary": arn(DEV, "iam", f"policy/{previews.boundary_name}")}
    assert not allows(policy, Request("iam:PutRolePolicy", role, context))
