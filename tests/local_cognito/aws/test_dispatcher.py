"""What the dispatcher does with every request, whatever its operation."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from infra.local.ministack import MiniStack

pytestmark = pytest.mark.ministack

CREDENTIALS = "AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-1/cognito-idp/aws4_request"


def ask(
    ministack: MiniStack, operation: str, body: Any, *, signed: bool = True
) -> requests.Response:
    return requests.post(
        ministack.endpoint_url,
        data=body if isinstance(body, str) else json.dumps(body),
        headers={
            "X-Amz-Target": f"AWSCognitoIdentityProviderService.{operation}",
            "Content-Type": "application/x-amz-json-1.1",
            **(
                {"Authorization": f"{CREDENTIALS}, SignedHeaders=host, Signature=0"}
                if signed
                else {}
            ),
        },
        timeout=10,
    )


def error_of(answer: requests.Response) -> str:
    name: str = answer.json()["__type"]
    # Clients in Java and Go read the header.
    assert answer.headers["x-amzn-errortype"] == name
    assert answer.status_code == 400
    return name


@pytest.mark.parametrize(
    ("request_body", "error"),
    [
        ([], "SerializationException"),
        ("null", "SerializationException"),
        ({}, "InvalidParameterException"),
        ({"UserPoolId": None, "GroupName": "g"}, "InvalidParameterException"),
        ({"UserPoolId": 7, "GroupName": "g"}, "SerializationException"),
        ({"UserPoolId": "no pool id", "GroupName": "g"}, "InvalidParameterException"),
        ({"UserPoolId": "eu-west-1_a", "GroupName": ""}, "InvalidParameterException"),
        ({"UserPoolId": "eu-west-1_a", "GroupName": "g" * 129}, "InvalidParameterException"),
        (
            {"UserPoolId": "eu-west-1_a", "GroupName": "g", "Precedence": True},
            "SerializationException",
        ),
        ({"UserPoolId": "eu-west-1_a", "GroupName": "g"}, "ResourceNotFoundException"),
    ],
)
def test_request_that_breaks_the_service_model_is_refused(
    shared_ministack: MiniStack, request_body: Any, error: str
) -> None:
    assert error_of(ask(shared_ministack, "UpdateGroup", request_body)) == error


def test_operation_for_operators_needs_credentials(shared_ministack: MiniStack) -> None:
    answer = ask(shared_ministack, "UpdateGroup", {}, signed=False)
    assert answer.json()["__type"] == "MissingAuthenticationTokenException"


def test_operation_for_users_needs_a_token_instead_of_credentials(
    shared_ministack: MiniStack,
) -> None:
    body = {"AccessToken": "a.b.c", "AttributeName": "email", "Code": "123456"}
    answer = ask(shared_ministack, "VerifyUserAttribute", body, signed=False)
    assert error_of(answer) == "NotAuthorizedException"


def test_web_page_reaches_no_operation(shared_ministack: MiniStack) -> None:
    answer = requests.post(
        shared_ministack.endpoint_url,
        data="{}",
        headers={
            "X-Amz-Target": "AWSCognitoIdentityProviderService.UpdateGroup",
            "Origin": "http://evil.example",
        },
        timeout=10,
    )
    assert answer.status_code == 403
