"""Errors of AWS: each message says what to do, and contains no value that was sent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore import exceptions
from botocore.exceptions import ClientError

from infra.aws.aws_errors import advice_in, explained, sentence
from infra.errors import InfraError, ProvisionError
from infra.local.ministack import MiniStack


def client_error(code: str, status: int = 400, message: str = "No.") -> ClientError:
    return ClientError(
        {
            "Error": {"Code": code, "Message": message},
            "ResponseMetadata": {"HTTPStatusCode": status},  # type: ignore[typeddict-item] # the other members are not needed
        },
        "PublishVersion",
    )


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (client_error("ExpiredToken", 403), "aws sso login"),
        (client_error("ExpiredTokenException"), "aws sso login"),
        (client_error("UnrecognizedClientException"), "check AWS_PROFILE"),
        (client_error("SignatureDoesNotMatch", 403), "the clock of this machine"),
        (client_error("AccessDenied", 403), "allow PublishVersion to these credentials"),
        (client_error("AccessDeniedException"), "allow PublishVersion to these credentials"),
        (client_error("SomethingNew", 403), "allow PublishVersion to these credentials"),
        (client_error("Throttling"), "wait a minute"),
        (client_error("SomethingNew", 429), "wait a minute"),
        (client_error("ResourceConflictException", 409), "wait until it has ended"),
        (client_error("PreconditionFailedException", 412), "wait until it has ended"),
        (client_error("CodeStorageExceededException"), "Service Quotas"),
        (client_error("SomethingNew", 500), "AWS failed"),
        (client_error("SomethingNew"), "Correct what this message names"),
        (exceptions.NoCredentialsError(), "Set AWS_PROFILE"),
        (exceptions.ProfileNotFound(profile="x"), "Set AWS_PROFILE"),
        (exceptions.NoRegionError(), "Set AWS_PROFILE"),
        (exceptions.UnauthorizedSSOTokenError(), "aws sso login"),
        (exceptions.SSOTokenLoadError(error_msg="x"), "aws sso login"),
        (exceptions.CredentialRetrievalError(provider="x", error_msg="y"), "aws sso login"),
        (exceptions.EndpointConnectionError(endpoint_url="x"), "Check the network"),
        (exceptions.ConnectTimeoutError(endpoint_url="x"), "Check the network"),
        (exceptions.ReadTimeoutError(endpoint_url="x"), "Check the network"),
        (exceptions.SSLError(endpoint_url="x", error=OSError("y")), "Check the network"),
        (
            exceptions.WaiterError("x", str(client_error("AccessDenied")), {}),
            "allow PublishVersion to these credentials",
        ),
        (exceptions.WaiterError("x", "Max attempts exceeded", {}), "Correct what this message"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_error_message_says_what_to_do(error: Exception, advice: str) -> None:
    with pytest.raises(InfraError) as told, explained("the function"):
        raise error
    text = str(told.value)
    assert text.startswith("The function: ")
    assert advice in text
    assert text.endswith("run the same command again.")


def test_caller_chooses_the_class_of_the_error() -> None:
    with pytest.raises(ProvisionError), explained("the stack", ProvisionError):
        raise client_error("Throttling")


def test_infra_error_is_not_changed() -> None:
    with pytest.raises(InfraError, match=r"^ours$"), explained("the function"):
        raise InfraError("ours")


def test_error_does_not_quote_a_value_that_botocore_refuses() -> None:
    client: Any = boto3.client(
        "secretsmanager",
        region_name="eu-west-1",
        aws_access_key_id="x",
        aws_secret_access_key="x",
    )
    with pytest.raises(exceptions.ParamValidationError) as refused:
        client.create_secret(Name="name", SecretString=["hush"])
    assert "hush" in str(refused.value)
    assert "hush" not in sentence(refused.value)
    assert "SecretString" in sentence(refused.value)


def test_error_does_not_quote_the_variables_of_a_function() -> None:
    error = client_error(
        "InvalidParameterValueException",
        message='exceeded the 4KB limit. String measured: {"DATABASE_URL":"hush"}',
    )
    assert "hush" not in sentence(error)
    assert "exceeded the 4KB limit" in sentence(error)


def test_last_error_in_the_output_of_a_program_is_found() -> None:
    output = f"{client_error('NoSuchBucket')}\nTraceback\n{client_error('AccessDenied')}\n"
    assert "allow PublishVersion" in advice_in(output)
    assert advice_in("Traceback (most recent call last)") == ""


@pytest.mark.ministack
def test_failed_upload_is_one_message(empty_ministack: MiniStack, tmp_path: Path) -> None:
    """boto3 raises a class of its own for a failed upload, Boto3Error."""
    file = tmp_path / "bundle.zip"
    file.write_bytes(b"x")
    s3: Any = boto3.client(
        "s3",
        region_name="eu-west-1",
        endpoint_url=empty_ministack.endpoint_url,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    with pytest.raises(InfraError, match="Failed to upload"), explained("the bundle"):
        s3.upload_file(str(file), "no-such-bucket", "key")
