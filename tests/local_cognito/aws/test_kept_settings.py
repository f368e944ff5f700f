"""Settings that MiniStack drops, by the API and by CloudFormation."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra.local.ministack import MiniStack

pytestmark = pytest.mark.ministack

ROTATION: Any = {"Feature": "ENABLED", "RetryGracePeriodSeconds": 7}
LEVELS: Any = {"Level1": {"AcrValue": "urn:mine:1"}}


def test_api_keeps_and_resets_them(empty_ministack: MiniStack) -> None:
    cognito = empty_ministack.cognito()
    created = cognito.create_user_pool(PoolName="p", AcrConfiguration=LEVELS)["UserPool"]
    assert created["AcrConfiguration"] == {
        "Level1": {"AcrValue": "urn:mine:1"},
        "Level2": {"AcrValue": "urn:cognito:loa:2"},
        "Level3": {"AcrValue": "urn:cognito:loa:3"},
        "Level4": {"AcrValue": "urn:cognito:loa:4"},
    }
    with pytest.raises(cognito.exceptions.InvalidParameterException):
        cognito.create_user_pool(
            PoolName="q", AcrConfiguration={"Level1": {"AcrValue": "urn:cognito:loa:2"}}
        )
    pool_id = created["Id"]
    client = cognito.create_user_pool_client(
        UserPoolId=pool_id, ClientName="c", RefreshTokenRotation=ROTATION
    )["UserPoolClient"]
    assert client["RefreshTokenRotation"] == ROTATION
    names: Any = {"UserPoolId": pool_id, "ClientId": client["ClientId"]}
    described = cognito.describe_user_pool_client(**names)["UserPoolClient"]
    assert described["RefreshTokenRotation"] == ROTATION
    updated = cognito.update_user_pool_client(**names)["UserPoolClient"]
    assert "RefreshTokenRotation" not in updated
    cognito.update_user_pool(UserPoolId=pool_id)
    pool = cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]
    assert "AcrConfiguration" not in pool


def test_cloudformation_keeps_them_and_the_factors(empty_ministack: MiniStack) -> None:
    properties: dict[str, Any] = {
        "UserPoolName": "p",
        "Policies": {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN"]}},
        "EnabledMfas": ["SOFTWARE_TOKEN_MFA", "EMAIL_OTP"],
        "EmailAuthenticationMessage": "Your code: {####}",
        "EmailAuthenticationSubject": "A code",
        "WebAuthnRelyingPartyID": "localhost",
        "WebAuthnUserVerification": "required",
        "WebAuthnFactorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION",
    }
    client = {
        "UserPoolId": {"Ref": "Pool"},
        "RefreshTokenRotation": ROTATION,
        "ExplicitAuthFlows": ["ALLOW_USER_AUTH"],
    }
    resources = {
        "Pool": {"Type": "AWS::Cognito::UserPool", "Properties": properties},
        "Client": {"Type": "AWS::Cognito::UserPoolClient", "Properties": client},
    }
    template = json.dumps({"Resources": resources})
    cloudformation, cognito = empty_ministack.cloudformation(), empty_ministack.cognito()
    cloudformation.create_stack(StackName="s", TemplateBody=template)
    ids = {
        resource["LogicalResourceId"]: resource["PhysicalResourceId"]
        for resource in cloudformation.describe_stack_resources(StackName="s")["StackResources"]
    }
    pool = cognito.describe_user_pool(UserPoolId=ids["Pool"])["UserPool"]
    policy = pool["Policies"]["SignInPolicy"]
    assert policy["AllowedFirstAuthFactors"] == ["PASSWORD", "WEB_AUTHN"]
    described = cognito.describe_user_pool_client(UserPoolId=ids["Pool"], ClientId=ids["Client"])
    assert described["UserPoolClient"]["RefreshTokenRotation"] == ROTATION
    assert described["UserPoolClient"]["ExplicitAuthFlows"] == ["ALLOW_USER_AUTH"]
    factors: Any = cognito.get_user_pool_mfa_config(UserPoolId=ids["Pool"])
    assert factors["SoftwareTokenMfaConfiguration"] == {"Enabled": True}
    assert factors["EmailMfaConfiguration"] == {
        "Message": "Your code: {####}",
        "Subject": "A code",
    }
    assert factors["WebAuthnConfiguration"] == {
        "RelyingPartyId": "localhost",
        "UserVerification": "required",
        "FactorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION",
    }
    resources["Pool"]["Properties"] = {"UserPoolName": "p"}
    cloudformation.update_stack(StackName="s", TemplateBody=json.dumps({"Resources": resources}))
    factors = cognito.get_user_pool_mfa_config(UserPoolId=ids["Pool"])
    assert "WebAuthnConfiguration" not in factors
    assert "EmailMfaConfiguration" not in factors
