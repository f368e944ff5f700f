"""Parameters of the user pool, with secrets in the local AWS."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from infra.aws.provision import COGNITO_TEMPLATE, provision
from infra.aws.template import load_template, render
from infra.deploy.function.variables import function_variables
from infra.deploy.stage.stage import Stage
from infra.deploy.stage.target import Target
from infra.deploy.user_pool.user_pool import cognito_parameters
from infra.errors import InfraError
from infra.local.local_deployment import local_target
from infra.local.ministack import REGION, MiniStack

pytestmark = pytest.mark.ministack

PUBLIC_URL = "https://app.example.com"
NAME = "gatehouse/dev/identity-providers"
GOOGLE = {"GoogleClientId": "1234-abc.apps.googleusercontent.com"}


def target(ministack: MiniStack, **cognito: str) -> Target:
    stage = Stage("dev", REGION, cognito=cognito)
    return local_target(ministack, login_url="http://localhost:9", stage=stage)


def parameters(ministack: MiniStack, **cognito: str) -> dict[str, str]:
    return cognito_parameters(target(ministack, **cognito), PUBLIC_URL)


def put_secret(ministack: MiniStack, text: str) -> str:
    """Store the secret, and return its version."""
    client = target(ministack).client("secretsmanager")
    try:
        return str(client.create_secret(Name=NAME, SecretString=text)["VersionId"])
    except client.exceptions.ResourceExistsException:
        return str(client.put_secret_value(SecretId=NAME, SecretString=text)["VersionId"])


def test_stage_overrides_default_parameters(empty_ministack: MiniStack) -> None:
    assert parameters(empty_ministack)["DeletionProtection"] == "INACTIVE"
    assert parameters(empty_ministack, DeletionProtection="ACTIVE")["DeletionProtection"] == (
        "ACTIVE"
    )
    with pytest.raises(InfraError, match="DeletionProtection: on: expected one of ACTIVE"):
        parameters(empty_ministack, DeletionProtection="on")


def test_secrets_of_providers_are_not_read_without_a_provider(
    empty_ministack: MiniStack,
) -> None:
    assert "IdentityProviderSecretsVersion" not in parameters(empty_ministack)
    saml = {"SamlName": "Corporate", "SamlMetadataUrl": "https://idp.example.com/metadata"}
    assert "IdentityProviderSecretsVersion" not in parameters(empty_ministack, **saml)


def test_provider_without_a_secret_is_found_before_any_change(
    empty_ministack: MiniStack,
) -> None:
    with pytest.raises(InfraError, match=f"no secret {NAME}.*JSON object with google"):
        parameters(empty_ministack, **GOOGLE)
    for text in ("not-json:hush", '["hush"]', '{"facebook": "hush"}', '{"google": ""}'):
        put_secret(empty_ministack, text)
        with pytest.raises(InfraError, match=f"{NAME} must be a JSON object with google") as caught:
            parameters(empty_ministack, **GOOGLE)
        assert "hush" not in repr(caught.value)


def test_changed_secret_changes_a_parameter_that_does_not_contain_it(
    empty_ministack: MiniStack,
) -> None:
    first = put_secret(empty_ministack, '{"google": "hush-one"}')
    before = parameters(empty_ministack, **GOOGLE)
    assert before["IdentityProviderSecretsVersion"] == first
    second = put_secret(empty_ministack, '{"google": "hush-two"}')
    after = parameters(empty_ministack, **GOOGLE)
    assert after == before | {"IdentityProviderSecretsVersion": second}
    assert first != second
    assert "hush" not in f"{before}{after}"


# begin capability user-migration
def test_key_of_another_site_is_read_only_where_a_stage_names_the_site(
    empty_ministack: MiniStack,
) -> None:
    site = {"MigrationUrl": "https://old.example.com/migration/"}
    assert "MigrationSecretVersion" not in parameters(empty_ministack)
    with pytest.raises(InfraError, match=r"no secret gatehouse/\w+/migration.*key_id, key"):
        parameters(empty_ministack, **site)
    client = target(empty_ministack).client("secretsmanager")
    name = parameters(empty_ministack)["MigrationSecretName"]
    client.create_secret(Name=name, SecretString='{"key_id": "2026-11"}')
    with pytest.raises(InfraError, match="must be a JSON object with key"):
        parameters(empty_ministack, **site)
    text = '{"key_id": "2026-11", "key": "hush"}'
    version = client.put_secret_value(SecretId=name, SecretString=text)["VersionId"]
    given = parameters(empty_ministack, **site)
    assert given["MigrationSecretVersion"] == version
    assert "hush" not in str(given)


# end capability user-migration


def test_cloudformation_resolves_the_secret_reference_of_the_template(
    empty_ministack: MiniStack, tmp_path: Path
) -> None:
    """The local AWS has no identity providers, but resolves references for other resources."""
    put_secret(empty_ministack, '{"google": "hush-one"}')
    given = parameters(empty_ministack, **GOOGLE)
    rendered = render(load_template(COGNITO_TEMPLATE), given)
    reference = rendered["Google"]["ProviderDetails"]["client_secret"]
    assert "hush" not in reference
    template = tmp_path / "reader.json"
    template.write_text(
        json.dumps(
            {
                "Resources": {
                    "Read": {
                        "Type": "AWS::SSM::Parameter",
                        "Properties": {"Name": "read", "Type": "String", "Value": reference},
                    }
                }
            }
        )
    )
    provision(
        empty_ministack.cloudformation(),
        stack_name="reader",
        template=template,
        parameters={},
        poll_seconds=0.02,
    )
    read = target(empty_ministack).client("ssm").get_parameter(Name="read")["Parameter"]["Value"]
    assert read == "hush-one"


def test_invalid_key_set_stops_the_deployment(empty_ministack: MiniStack) -> None:
    stage = target(empty_ministack)
    outputs = provision(
        empty_ministack.cloudformation(),
        stack_name=stage.stage.cognito_stack,
        template=COGNITO_TEMPLATE,
        parameters=cognito_parameters(stage, PUBLIC_URL),
        poll_seconds=0.02,
    ).outputs
    lost = replace(stage, key_set_url_pattern=f"{empty_ministack.endpoint_url}/_ministack/health")
    with pytest.raises(ValueError, match="answered 200, and the answer is not a key set"):
        function_variables(lost, outputs, public_url=PUBLIC_URL, secrets={})


def test_application_gets_the_settings_of_the_pool(empty_ministack: MiniStack) -> None:
    def variables(**cognito: str) -> dict[str, str]:
        stage = target(empty_ministack, **cognito)
        outputs = provision(
            empty_ministack.cloudformation(),
            stack_name=stage.stage.cognito_stack,
            template=COGNITO_TEMPLATE,
            parameters=cognito_parameters(stage, PUBLIC_URL),
            poll_seconds=0.02,
        ).outputs
        given = function_variables(stage, outputs, public_url=PUBLIC_URL, secrets={})
        names = ("COGNITO_AUTO_CONFIRM", "COGNITO_STAFF_GROUPS")
        return {name: given[name] for name in names}

    assert variables() == {"COGNITO_AUTO_CONFIRM": "false", "COGNITO_STAFF_GROUPS": "operators"}
    assert variables(AutoConfirm="true", OperatorsGroup="staff") == {
        "COGNITO_AUTO_CONFIRM": "true",
        "COGNITO_STAFF_GROUPS": "staff",
    }
