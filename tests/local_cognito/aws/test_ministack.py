"""The guard in front of MiniStack itself."""

from __future__ import annotations

import http.client
import json
import subprocess
from pathlib import Path
from typing import Any

import boto3
import pytest

from infra.environments import MINISTACK
from infra.local.ministack import ACCESS_KEY_ID, REGION, SECRET_ACCESS_KEY, MiniStack
from infra.local.pool import provision_pool
from infra.local.ports import LOOPBACK

pytestmark = pytest.mark.ministack

SIGN_UP_CODE = "123456"


def ask(
    ministack: MiniStack, method: str, path: str, host: str, headers: dict[str, str] | None = None
) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection(LOOPBACK, ministack.port, timeout=10)
    try:
        connection.request(method, path, headers={"Host": host} | (headers or {}))
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def test_page_of_another_site_cannot_reset_ministack(empty_ministack: MiniStack) -> None:
    pool_id = empty_ministack.cognito().create_user_pool(PoolName="kept")["UserPool"]["Id"]
    here = f"localhost:{empty_ministack.port}"
    for host, headers in (
        (here, {"Origin": "http://evil.example"}),
        (here, {"Sec-Fetch-Site": "cross-site"}),
        (f"evil.example:{empty_ministack.port}", {}),
        (f"12345678.execute-api.{here}", {"Origin": "http://evil.example"}),
    ):
        status, _, body = ask(empty_ministack, "POST", "/_ministack/reset", host, headers)
        assert status == 403
        assert b"The local AWS refused this request" in body
    pools = empty_ministack.cognito().list_user_pools(MaxResults=10)["UserPools"]
    assert [pool["Id"] for pool in pools] == [pool_id]


def test_answers_allow_no_origin(empty_ministack: MiniStack) -> None:
    for method, path in (("GET", "/_ministack/health"), ("OPTIONS", "/"), ("GET", "/x/y")):
        _, headers, _ = ask(empty_ministack, method, path, f"localhost:{empty_ministack.port}")
        assert not [name for name in headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_aws_clients_are_answered(empty_ministack: MiniStack, host: str, tmp_path: Path) -> None:
    """botocore runs in a process of its own, without the variables of this project."""
    code = (
        "import boto3, sys\n"
        "s3 = boto3.client('s3', endpoint_url=sys.argv[1])\n"
        "s3.create_bucket(Bucket='letters', "
        "CreateBucketConfiguration={'LocationConstraint': 'eu-west-1'})\n"
        "s3.put_object(Bucket='letters', Key='a', Body=b'b' * 100_000)\n"
        "print(len(s3.get_object(Bucket='letters', Key='a')['Body'].read()))\n"
    )
    environment = {
        "HOME": str(tmp_path),
        "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
        "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
        "AWS_DEFAULT_REGION": REGION,
        # Not every machine resolves bucket.localhost.
        "AWS_S3_ADDRESSING_STYLE": "path",
    }
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws/config").write_text("[default]\ns3 =\n    addressing_style = path\n")
    shown = subprocess.run(
        [MINISTACK.python, "-c", code, f"http://{host}:{empty_ministack.port}"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert shown.stdout == "100000\n", shown.stderr


def gateway(ministack: MiniStack, domain: str) -> str:
    """An API that answers `{"from": "the API"}` to everything, at its own host and at `domain`."""
    client: Any = boto3.client(
        "apigateway",
        aws_access_key_id=ACCESS_KEY_ID,
        aws_secret_access_key=SECRET_ACCESS_KEY,
        region_name=REGION,
        endpoint_url=ministack.endpoint_url,
    )
    api_id: str = client.create_rest_api(name="an API")["id"]
    root = client.get_resources(restApiId=api_id)["items"][0]["id"]
    proxy = client.create_resource(restApiId=api_id, parentId=root, pathPart="{proxy+}")["id"]
    for resource in (root, proxy):
        asked = {"restApiId": api_id, "resourceId": resource, "httpMethod": "ANY"}
        client.put_method(**asked, authorizationType="NONE")
        client.put_integration(
            **asked, type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'}
        )
        client.put_method_response(**asked, statusCode="200")
        client.put_integration_response(
            **asked,
            statusCode="200",
            responseTemplates={"application/json": '{"from": "the API"}'},
        )
    client.create_deployment(restApiId=api_id, stageName="dev")
    client.create_domain_name(domainName=domain)
    client.create_base_path_mapping(domainName=domain, restApiId=api_id, stage="dev")
    return api_id


def test_host_of_an_api_gives_access_to_that_api_only(empty_ministack: MiniStack) -> None:
    api_id = gateway(empty_ministack, "app.localhost")
    own = f"{api_id}.execute-api.localhost:{empty_ministack.port}"
    domain = f"app.localhost:{empty_ministack.port}"
    page = {"Origin": "https://app.example", "Sec-Fetch-Site": "cross-site"}
    paths = ("/notes", "/login", "/health", "/oauth2/token", "/v2/email/identities", "/iceberg/v1")
    for method in ("GET", "POST"):
        for path in paths:
            for host, prefix in ((own, "/dev"), (domain, "")):
                status, _, body = ask(empty_ministack, method, prefix + path, host, page)
                assert (status, json.loads(body)) == (200, {"from": "the API"}), (host, path)
    for path in ("/_ministack/reset", "/_ministack/health", "/health", "/login"):
        status, _, body = ask(empty_ministack, "POST", path, own, page)
        assert status in {403, 404}, path
        assert b"Missing Authentication Token" in body or status == 403, (path, body)


def test_tagged_issuer_is_in_the_discovery_document_of_that_pool_only(
    empty_ministack: MiniStack,
) -> None:
    cognito = empty_ministack.cognito()
    on_aws, local = (cognito.create_user_pool(PoolName=name)["UserPool"] for name in ("a", "b"))
    issuer = f"http://localhost:4567/{local['Id']}"
    cognito.tag_resource(ResourceArn=local["Arn"], Tags={"gatehouse:issuer": issuer})

    def issuer_in_document(pool_id: str) -> object:
        path = f"/{pool_id}/.well-known/openid-configuration"
        return json.loads(
            ask(empty_ministack, "GET", path, f"localhost:{empty_ministack.port}")[2]
        )["issuer"]

    assert issuer_in_document(local["Id"]) == issuer
    region = on_aws["Id"].partition("_")[0]
    assert issuer_in_document(on_aws["Id"]) == (
        f"https://cognito-idp.{region}.amazonaws.com/{on_aws['Id']}"
    )


def test_confirmed_address_is_verified_as_on_aws(empty_ministack: MiniStack) -> None:
    pool = provision_pool(empty_ministack, public_url="http://localhost:8000")
    cognito = empty_ministack.cognito()
    name, client_id = "new@example.com", pool.app_client_id
    cognito.sign_up(
        ClientId=client_id,
        Username=name,
        Password="a long enough password",
        UserAttributes=[{"Name": "email", "Value": name}],
    )

    def attributes() -> dict[str, str]:
        user = cognito.admin_get_user(UserPoolId=pool.user_pool_id, Username=name)
        return {attribute["Name"]: attribute["Value"] for attribute in user["UserAttributes"]}

    with pytest.raises(cognito.exceptions.CodeMismatchException):
        cognito.confirm_sign_up(ClientId=client_id, Username=name, ConfirmationCode="000000")
    assert attributes().get("email_verified") != "true"
    cognito.confirm_sign_up(ClientId=client_id, Username=name, ConfirmationCode=SIGN_UP_CODE)
    assert attributes()["email_verified"] == "true"
    assert attributes()["email"] == name
