"""Repeat, change and roll back a deployment on the local AWS.

tests/e2e/test_deployed_gateway.py destroys a stage.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest

from infra.aws.provision import COGNITO_TEMPLATE, preview
from infra.deploy.bundle.bundle import Bundle, read_bundle
from infra.deploy.deployment import deploy, plan, status
from infra.deploy.function.function import deployed_function
from infra.deploy.function.releases import Live, Releases
from infra.deploy.outputs import outputs
from infra.deploy.release import smoke
from infra.deploy.release.rollback import rollback
from infra.deploy.user_pool.user_pool import cognito_parameters
from infra.deploy.web import get
from infra.environments import ROOT
from infra.errors import InfraError
from infra.local.local_deployment import LocalDeployment, deploy_locally
from tests.support.deployment import Deployment

pytestmark = pytest.mark.ministack


@pytest.fixture
def redeployed(deployment: Deployment, tmp_path: Path) -> Deployment:
    """Undo what other tests have changed in the stage, such as the variables of the function."""
    deploy_locally(
        deployment.local.ministack,
        deployment.local.target,
        tmp_path,
        database_url=deployment.database_url,
        bundle=read_bundle(deployment.bundle),
    )
    return deployment


def test_second_deployment_changes_nothing(redeployed: Deployment, tmp_path: Path) -> None:
    """The bundle is built again. The same sources produce the same bytes."""
    again = deploy_locally(
        redeployed.local.ministack,
        redeployed.local.target,
        tmp_path,
        database_url=redeployed.database_url,
    )
    assert again.deployed.changes == []
    assert again.deployed.public_url == redeployed.public_url


def test_interrupted_deployment_continues(redeployed: Deployment, tmp_path: Path) -> None:
    """Zappa had changed the function, but not yet created the stage of its API."""
    deployment, target = redeployed, redeployed.local.target
    deployed_function(target).describe("Gatehouse")
    target.client("apigateway").delete_stage(restApiId=target.api_id(), stageName=target.stage.name)
    bundle = read_bundle(deployment.bundle)
    assert plan(target, tmp_path, bundle=bundle) == [
        "Modify the settings of gatehouse-dev (by Zappa)",
        "Modify the alias live of gatehouse-dev, after its migrations",
    ]
    again = deploy_locally(
        deployment.local.ministack,
        target,
        tmp_path,
        database_url=deployment.database_url,
        bundle=bundle,
    )
    assert again.deployed.changes == [
        "the function and its API",
        "the API's limits",
        f"version {live(deployment).version}, which is live",
    ]
    assert again.deployed.public_url == deployment.public_url


def test_changed_callback_is_previewed(deployment: Deployment) -> None:
    target = deployment.local.target

    def changes(public_url: str) -> list[str]:
        return preview(
            target.client("cloudformation"),
            stack_name=target.stage.cognito_stack,
            template=COGNITO_TEMPLATE,
            parameters=cognito_parameters(target, public_url),
            tags=target.stage.all_tags,
            poll_seconds=target.polling_seconds,
        )

    assert changes(deployment.public_url) == []
    assert "Modify WebClient (AWS::Cognito::UserPoolClient)" in changes("https://app.example.com")
    assert changes(deployment.public_url) == []


def test_callback_addresses_are_those_of_the_deployed_api(deployment: Deployment) -> None:
    client = deployment.local.ministack.cognito().describe_user_pool_client(
        UserPoolId=deployment.local.outputs["UserPoolId"],
        ClientId=deployment.local.outputs["WebClientId"],
    )["UserPoolClient"]
    assert client["CallbackURLs"] == [f"{deployment.public_url}/accounts/callback/"]
    assert client["LogoutURLs"] == [f"{deployment.public_url}/accounts/logged-out/"]


def test_secrets_are_in_the_function_but_in_no_file(redeployed: Deployment) -> None:
    deployment = redeployed
    configuration = deployed_function(deployment.local.target).configuration()
    assert configuration is not None
    variables = configuration["Environment"]["Variables"]
    for name in ("DJANGO_SECRET_KEY", "TOKEN_ENCRYPTION_KEYS", "COGNITO_CLIENT_SECRET"):
        secret = variables[name].encode()
        for file in deployment.local.directory.rglob("*"):
            assert not file.is_file() or secret not in file.read_bytes(), (name, file)
    assert variables["DATABASE_URL"] == deployment.database_url
    assert len(json.loads(variables["COGNITO_JWKS"])["keys"]) >= 1


def test_outputs_and_status_describe_the_stage(deployment: Deployment) -> None:
    told = outputs(deployment.local.target)
    assert told["PUBLIC_URL"] == deployment.public_url
    assert told["API_ORIGIN"] == deployment.local.target.api_url()
    assert told["COGNITO_DOMAIN"] == deployment.login_url
    lines = "\n".join(status(deployment.local.target))
    assert "missing" not in lines
    assert f'{deployment.public_url}/readyz: 200 {{"database": "ok", "keys": "ok"}}' in lines


@pytest.fixture
def another_bundle(deployment: Deployment, tmp_path: Path) -> Callable[..., Bundle]:
    """Return a function that makes a changed bundle of the application."""

    def make(**changes: str) -> Bundle:
        """Append text to files. In their names, `__` stands for `/`."""
        file = tmp_path / "another.zip"
        additions = {
            name.replace("__py", ".py").replace("__", "/"): text for name, text in changes.items()
        }
        with (
            zipfile.ZipFile(deployment.bundle) as source,
            zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target,
        ):
            for entry in source.infolist():
                # Python would run the old bytecode, because it ignores the date of the source.
                if not any(stale(entry.filename, name) for name in additions):
                    target.writestr(entry, source.read(entry))
            for name, text in additions.items():
                former = source.read(name).decode() if name in source.namelist() else ""
                target.writestr(name, former + text)
        return read_bundle(file)

    return make


def stale(entry: str, name: str) -> bool:
    path = PurePosixPath(name)
    return entry == name or entry.startswith(f"{path.parent}/__pycache__/{path.stem}.")


def deploy_again(deployment: Deployment, bundle: Bundle) -> LocalDeployment:
    return deploy_locally(
        deployment.local.ministack,
        deployment.local.target,
        deployment.local.directory,
        database_url=deployment.database_url,
        bundle=bundle,
    )


def live(deployment: Deployment) -> Live:
    alias = releases_of(deployment).live()
    assert alias is not None
    return alias


def releases_of(deployment: Deployment) -> Releases:
    return Releases(deployed_function(deployment.local.target))


def version_served(deployment: Deployment) -> str:
    """Return the header `X-Test-Version`, which only a changed bundle sends."""
    answer = get(f"{deployment.public_url}/readyz")
    assert answer.status == 200
    return str(answer.headers["X-Test-Version"])


NEW_CODE = """

_unchanged = _run


def _run(environ):
    status, headers, body = _unchanged(environ)
    return status, [*headers, ("X-Test-Version", "new")], body
"""
FAILING_MIGRATION = """
from django.db import migrations


def fail(apps, schema_editor):
    raise ValueError("this migration fails")


class Migration(migrations.Migration):
    dependencies = [("accounts", "LEAF")]
    operations = [migrations.RunPython(fail)]
"""


def test_failed_smoke_test_leaves_the_former_version_live(
    deployment: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Variables are part of a version, so those of the live version do not change."""
    monkeypatch.setattr(smoke, "PAUSE_SECONDS", 0)
    before, good = live(deployment), deployment.local.target
    no_keys = {"COGNITO_JWKS": "", "COGNITO_JWKS_URL": "http://127.0.0.1:9/jwks.json"}
    target = replace(good, settings={**good.settings, **no_keys})
    with pytest.raises(InfraError, match="readyz answered 503") as refused:
        deploy(target, tmp_path, database_url=None, bundle=read_bundle(deployment.bundle))
    assert f"still answered by version {before.version}" in str(refused.value)
    assert live(deployment) == before
    assert version_served(deployment) == "None"


def test_failed_migration_leaves_the_former_version_live(
    deployment: Deployment, another_bundle: Callable[..., Bundle]
) -> None:
    target, before = deployment.local.target, live(deployment)
    leaf = max(path.stem for path in (ROOT / "accounts/migrations").glob("0*.py"))
    broken = another_bundle(
        project__lambda_entry__py=NEW_CODE,
        accounts__migrations__9999_fails__py=FAILING_MIGRATION.replace("LEAF", leaf),
    )
    with pytest.raises(InfraError, match="this migration fails") as refused:
        deploy_again(deployment, broken)
    assert f"still answered by version {before.version}" in str(refused.value)
    assert live(deployment) == before
    assert version_served(deployment) == "None"
    lines = "\n".join(status(target))
    assert f"migrations of version {before.version}: none pending" in lines
    assert "deployed and not live" in lines
    assert "1 pending: accounts.9999_fails" in lines


def test_rollback_moves_the_alias_back_with_one_call(
    deployment: Deployment, another_bundle: Callable[..., Bundle]
) -> None:
    before = live(deployment)
    again = deploy_again(deployment, another_bundle(project__lambda_entry__py=NEW_CODE))
    released = live(deployment)
    # A deployment that failed before may have left another environment, which this one corrects.
    assert again.deployed.changes[0] == "the function and its API"
    assert again.deployed.changes[-1] == f"version {released.version}, which is live"
    assert released.former[0] == before.version
    assert version_served(deployment) == "new"

    assert rollback(deployment.local.target) == before.version
    assert version_served(deployment) == "None"
    assert live(deployment).released == before.released


def test_every_caller_goes_through_the_alias(deployment: Deployment) -> None:
    """A caller of $LATEST would run code that is not tested."""
    target = deployment.local.target
    function = deployed_function(target).configuration()
    assert function is not None
    api = target.client("apigateway")
    resources = api.get_resources(restApiId=target.api_id(), embed=["methods"])["items"]
    uris = {
        method["methodIntegration"]["uri"]
        for resource in resources
        for method in resource.get("resourceMethods", {}).values()
    }
    assert uris
    assert all(uri.endswith(f"{function['FunctionArn']}:live/invocations") for uri in uris)
    events = target.client("events")
    rules = events.list_rules()["Rules"]
    called = [events.list_targets_by_rule(Rule=rule["Name"])["Targets"] for rule in rules]
    assert [entry["Arn"] for targets in called for entry in targets] == [
        f"{function['FunctionArn']}:live"
    ]
    policy = json.loads(
        target.client("lambda").get_policy(FunctionName=function["FunctionName"], Qualifier="live")[
            "Policy"
        ]
    )
    assert [entry["Principal"]["Service"] for entry in policy["Statement"]] == [
        "events.amazonaws.com"
    ]


def test_old_versions_are_deleted_and_released_ones_kept(deployment: Deployment) -> None:
    alias = live(deployment)
    versions = deployed_function(deployment.local.target).client.list_versions_by_function(
        FunctionName=deployment.local.target.stage.function_name
    )["Versions"]
    numbers = {int(entry["Version"]) for entry in versions if entry["Version"] != "$LATEST"}
    older = {number for number in numbers if number < int(alias.version)}
    assert older == {int(version) for version in alias.former}


def test_failed_command_in_the_function_is_an_error(deployment: Deployment) -> None:
    with pytest.raises(InfraError, match="not a command that runs here"):
        deployed_function(deployment.local.target).manage("shell", "live")


def test_too_large_variables_are_refused_before_they_are_sent(deployment: Deployment) -> None:
    with pytest.raises(InfraError, match="Lambda allows 4096"):
        deployed_function(deployment.local.target).set_environment({"X": "x" * 4096})


def test_resources_have_the_tags_of_the_stage(deployment: Deployment) -> None:
    """CloudFormation tags the resources of a stack, and Zappa tags its own resources."""
    client = deployment.local.target.client
    tags = {"Project": "gatehouse", "Stage": "dev"}
    pool = client("cognito-idp").describe_user_pool(
        UserPoolId=deployment.local.outputs["UserPoolId"]
    )["UserPool"]
    assert tags.items() <= pool["UserPoolTags"].items()
    function = deployment.local.target.stage.function_name
    log = client("logs").list_tags_log_group(logGroupName=f"/aws/lambda/{function}")["tags"]
    assert tags.items() <= log.items()
    arn = client("lambda").get_function_configuration(FunctionName=function)["FunctionArn"]
    assert tags.items() <= client("lambda").list_tags(Resource=arn)["Tags"].items()


def test_api_has_rate_limits(deployment: Deployment) -> None:
    target = deployment.local.target
    stage = target.client("apigateway").get_stage(
        restApiId=target.api_id(), stageName=target.stage.name
    )
    limits = stage["methodSettings"]["*/*"]
    assert (limits["throttlingRateLimit"], limits["throttlingBurstLimit"]) == (100, 200)


def test_services_with_the_role_may_assume_it(deployment: Deployment) -> None:
    """AWS refuses requests to an API with a role that API Gateway cannot assume."""
    target = deployment.local.target
    function = deployed_function(target).configuration()
    assert function is not None
    role_of = {"lambda.amazonaws.com": {function["Role"]}}
    api = target.client("apigateway")
    resources = api.get_resources(restApiId=target.api_id(), embed=["methods"])["items"]
    role_of["apigateway.amazonaws.com"] = {
        method["methodIntegration"].get("credentials")
        for resource in resources
        for method in resource.get("resourceMethods", {}).values()
    } - {None}
    assert all(role_of.values()), (
        "Zappa does not give the role to API Gateway. Remove the service from its trust policy."
    )

    iam = target.client("iam")
    for service, (arn,) in role_of.items():
        name = arn.rpartition("/")[2]
        [trust] = iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]["Statement"]
        assert service in trust["Principal"]["Service"]
        policy = iam.get_role_policy(RoleName=name, PolicyName="function")["PolicyDocument"]
        assert policy["Statement"] == [
            {
                "Effect": "Allow",
                "Action": "lambda:InvokeFunction",
                "Resource": [function["FunctionArn"], f"{function['FunctionArn']}:live"],
            }
        ]
