"""The life of a stage on the local AWS: deployed again, changed, rolled back.

tests/e2e/test_deployed_gateway.py destroys one.
"""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import pytest

from infra.deploy.bundle import described
from infra.deploy.deployment import bundle_key, deployed_function
from infra.deploy.local import deploy_locally
from infra.deploy.plan import plan
from infra.deploy.report import outputs, status
from infra.deploy.rollback import rollback
from infra.deploy.user_pool import cognito_parameters
from infra.deploy.web import get
from infra.errors import InfraError
from infra.provision import COGNITO_TEMPLATE, preview, stack_outputs
from tests.deployed import Deployment

pytestmark = pytest.mark.ministack


def test_a_second_deployment_changes_nothing(deployment: Deployment, tmp_path: Path) -> None:
    """The bundle is built anew for it: the same sources make the same bytes."""
    again = deploy_locally(
        deployment.local.ministack,
        deployment.local.target,
        tmp_path,
        database_url=deployment.database_url,
    )
    assert again.deployed.changes == []
    assert again.deployed.public_url == deployment.public_url


def test_an_interrupted_deployment_goes_on(deployment: Deployment, tmp_path: Path) -> None:
    """Zappa had changed the function, and not yet made the stage of its API."""
    target = deployment.local.target
    deployed_function(target).describe("Gatehouse")
    target.client("apigateway").delete_stage(restApiId=target.api_id(), stageName=target.stage.name)
    bundle = described(deployment.bundle)
    assert plan(target, tmp_path, bundle=bundle) == [
        "Modify the settings of gatehouse-dev (by Zappa)"
    ]
    again = deploy_locally(
        deployment.local.ministack,
        target,
        tmp_path,
        database_url=deployment.database_url,
        bundle=bundle,
    )
    assert again.deployed.changes == ["the function and its API", "the API's limits"]
    assert again.deployed.public_url == deployment.public_url


def test_a_changed_callback_is_told_before_it_is_made(deployment: Deployment) -> None:
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


def test_the_callbacks_are_where_the_api_is(deployment: Deployment) -> None:
    client = deployment.local.ministack.cognito().describe_user_pool_client(
        UserPoolId=deployment.local.outputs["UserPoolId"],
        ClientId=deployment.local.outputs["WebClientId"],
    )["UserPoolClient"]
    assert client["CallbackURLs"] == [f"{deployment.public_url}/accounts/callback/"]
    assert client["LogoutURLs"] == [f"{deployment.public_url}/accounts/logged-out/"]


def test_secrets_are_in_the_function_and_in_no_file(deployment: Deployment) -> None:
    configuration = deployed_function(deployment.local.target).configuration()
    assert configuration is not None
    variables = configuration["Environment"]["Variables"]
    for name in ("DJANGO_SECRET_KEY", "TOKEN_ENCRYPTION_KEYS", "COGNITO_CLIENT_SECRET"):
        secret = variables[name].encode()
        for file in deployment.local.directory.rglob("*"):
            assert not file.is_file() or secret not in file.read_bytes(), (name, file)
    assert variables["DATABASE_URL"] == deployment.database_url
    assert len(json.loads(variables["COGNITO_JWKS"])["keys"]) >= 1


def test_outputs_and_status_tell_what_is_there(deployment: Deployment) -> None:
    told = outputs(deployment.local.target)
    assert told["PUBLIC_URL"] == deployment.public_url
    assert told["API_ORIGIN"] == deployment.local.target.api_url()
    assert told["COGNITO_DOMAIN"] == deployment.login_url
    lines = "\n".join(status(deployment.local.target))
    assert "missing" not in lines
    assert f'{deployment.public_url}/readyz: 200 {{"database": "ok", "keys": "ok"}}' in lines


def test_rollback_brings_the_former_bundle_back(deployment: Deployment, tmp_path: Path) -> None:
    target = deployment.local.target
    function = deployed_function(target)
    former = digest_of(deployment)
    newer_file = Path(shutil.copy(deployment.bundle, tmp_path / "newer.zip"))
    with zipfile.ZipFile(newer_file, "a") as archive:
        archive.writestr("newer.txt", "A change.")
    newer = described(newer_file)
    bucket = stack_outputs(target.client("cloudformation"), target.stage.platform_stack)[
        "BundlesBucket"
    ]
    target.client("s3").upload_file(str(newer.path), bucket, bundle_key(newer.digest))
    function.use_code(bucket, bundle_key(newer.digest))
    assert digest_of(deployment) == newer.digest

    assert rollback(target) == former
    assert digest_of(deployment) == former
    assert get(f"{deployment.public_url}/readyz").status == 200


def digest_of(deployment: Deployment) -> str:
    configuration = deployed_function(deployment.local.target).configuration()
    assert configuration is not None
    return str(configuration["CodeSha256"])


def test_a_failed_command_in_the_function_is_told(deployment: Deployment) -> None:
    with pytest.raises(InfraError, match="not a command that runs here"):
        deployed_function(deployment.local.target).manage("shell")


def test_too_many_variables_are_refused_before_they_are_sent(deployment: Deployment) -> None:
    with pytest.raises(InfraError, match="Lambda allows 4096"):
        deployed_function(deployment.local.target).set_environment({"X": "x" * 4096})


def test_what_can_have_tags_says_whose_it_is(deployment: Deployment) -> None:
    """The stacks hand them down; Zappa tags what it makes."""
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


def test_the_api_has_limits(deployment: Deployment) -> None:
    target = deployment.local.target
    stage = target.client("apigateway").get_stage(
        restApiId=target.api_id(), stageName=target.stage.name
    )
    limits = stage["methodSettings"]["*/*"]
    assert (limits["throttlingRateLimit"], limits["throttlingBurstLimit"]) == (100, 200)


def test_whatever_gets_the_role_may_assume_it(deployment: Deployment) -> None:
    """AWS refuses a schedule whose role EventBridge may not have, and requests to such an API."""
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
    rules = target.client("events").list_rules()["Rules"]
    role_of["events.amazonaws.com"] = {rule["RoleArn"] for rule in rules if "RoleArn" in rule}
    assert all(role_of.values()), "Zappa gives the role to nobody else any more: take it back"

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
                "Resource": function["FunctionArn"],
            }
        ]
