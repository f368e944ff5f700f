"""The bundle under AWS's own runtime client, with events of every gateway.

The bundle is the one that `deploy` builds, with the variables of the deployed function, PostgreSQL
and the local Cognito. It runs without the packages of this checkout, as on Lambda.
"""

from __future__ import annotations

import gzip
import json
import os
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from cognito.wire import base64url
from infra.deploy.bundle.bundle import build
from infra.deploy.bundle.packages import HERE, Runtime
from infra.deploy.function.function import ALIAS, deployed_function, environment_of
from infra.environments import ROOT
from infra.local.demo import DEMO_PASSWORD, USER
from infra.local.ministack import ACCESS_KEY_ID, SECRET_ACCESS_KEY
from tests.e2e.test_deployed import token_of
from tests.support.deployment import Deployment
from tests.support.gateways import GATEWAYS, Gateway, Received, Sent, received
from tests.support.lambda_runtime import packages_of, python_of
from tests.support.runtime_api import RuntimeApi, function

pytestmark = pytest.mark.ministack

NEWEST = Runtime("python3.13", HERE.architecture)
RUNTIMES = list(dict.fromkeys([HERE, NEWEST]))

Send = Callable[[Gateway, Sent], Received]


@pytest.fixture(scope="module", params=RUNTIMES, ids=lambda runtime: runtime.name)
def send(
    request: pytest.FixtureRequest,
    deployment: Deployment,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Send]:
    """Send a request through a gateway to a function that runs for the gateway's address."""
    runtime, directory = request.param, tmp_path_factory.mktemp(request.param.name)
    python = python_of(runtime)
    runtime_packages = packages_of(runtime, directory / "uv.log")
    bundle = deployment.bundle
    if runtime != HERE:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PATH", str(Path(python).parent), prepend=os.pathsep)
            bundle = build(directory / "work", runtime).path
    task = directory / "task"
    with zipfile.ZipFile(bundle) as archive:
        archive.extractall(task)
    deployed = environment_of(deployed_function(deployment.local.target).configuration(ALIAS) or {})
    running: dict[str, RuntimeApi] = {}

    with ExitStack() as functions:

        def send(gateway: Gateway, sent: Sent) -> Received:
            url = gateway.public_url
            if url not in running:
                variables = deployed | {
                    "PUBLIC_URL": url,
                    "PYTHONPATH": f"{task}:{runtime_packages}",
                    "AWS_LAMBDA_FUNCTION_NAME": "gatehouse-dev",
                    "AWS_EXECUTION_ENV": f"AWS_Lambda_{runtime.name}",
                    "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
                    "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
                    "AWS_REGION": "eu-west-1",
                }
                command = [python, "-S", "-m", "awslambdaric", "project.lambda_entry.handler"]
                log = directory / f"{len(running)}.log"
                context = function(command, task, variables=variables, log=log)
                running[url] = functions.enter_context(context)
            return received(running[url].invoke(gateway.event(sent)))

        yield send


EVERY_GATEWAY = pytest.mark.parametrize("gateway", GATEWAYS, ids=lambda gateway: gateway.name)


def prefix(gateway: Gateway) -> str:
    return urlsplit(gateway.public_url).path


@EVERY_GATEWAY
def test_sign_in_leads_to_the_hosted_ui_and_back_to_the_address_of_the_gateway(
    send: Send, gateway: Gateway
) -> None:
    following = f"{prefix(gateway)}/accounts/profile/?q=a%26b%20c%2520d&q=%C3%AB"
    query = f"next={quote(following, safe='')}"
    planted = tuple(f"{cookie_name(gateway)}planted{n}=x.{n}.Lw" for n in range(8))
    answer = send(gateway, Sent("/accounts/login/", query=query, cookies=planted))
    assert answer.status == 302
    asked = parse_qs(urlsplit(answer.headers["location"]).query)
    assert asked["redirect_uri"] == [f"{gateway.public_url}/accounts/callback/"]
    # The new transaction, and the oldest of the planted ones, which are deleted.
    cookies = [SimpleCookie(cookie) for cookie in answer.cookies]
    names = [name for cookie in cookies for name in cookie]
    assert len(names) == len(set(names)) == 4
    (made,) = (name for name in names if "planted" not in name)
    morsel = cookies[names.index(made)][made]
    assert (morsel["path"], morsel["secure"]) == (f"{prefix(gateway)}/", True)
    assert base64url.decode(morsel.value.rpartition(".")[2].encode()).decode() == following


def cookie_name(gateway: Gateway) -> str:
    # A cookie with the prefix `__Host-` must have the path `/`.
    return f"{'__Secure-' if prefix(gateway) else '__Host-'}gatehouse-login-"


@EVERY_GATEWAY
def test_api_answers_the_bearer_of_a_token(
    send: Send, gateway: Gateway, deployment: Deployment
) -> None:
    headers = {"Authorization": f"Bearer {token_of(deployment, USER.email)}"}
    me = send(gateway, Sent("/api/v1/me", headers=headers))
    assert (me.status, json.loads(me.body)["kind"]) == (200, "user")
    assert me.headers["content-type"] == "application/json"
    anonymous = send(gateway, Sent("/api/v1/me"))
    assert anonymous.status == 401
    assert f'"{gateway.public_url}/.well-known/' in anonymous.headers["www-authenticate"]


@EVERY_GATEWAY
def test_body_arrives_as_it_was_sent(send: Send, gateway: Gateway) -> None:
    # A password with characters that JSON and UTF-8 write in several bytes.
    wrong = json.dumps({"email": USER.email, "password": "Zo\u00eb \u2603"}, ensure_ascii=False)
    right = json.dumps({"email": USER.email, "password": DEMO_PASSWORD})
    headers = {"Content-Type": "application/json"}
    for body, status in ((wrong, 401), (right, 200)):
        sent = Sent("/api/v1/auth/sign-in", method="POST", headers=headers, body=body.encode())
        answer = send(gateway, sent)
        assert answer.status == status, answer.body
    assert set(json.loads(answer.body)) >= {"access_token", "refresh_token"}


@EVERY_GATEWAY
def test_static_file_arrives_byte_by_byte(
    send: Send, gateway: Gateway, deployment: Deployment
) -> None:
    with zipfile.ZipFile(deployment.bundle) as archive:
        names = json.loads(archive.read("static-collected/staticfiles.json"))["paths"]
    answer = send(gateway, Sent(f"/static/{names['gatehouse/style.css']}"))
    assert (answer.status, answer.headers["content-encoding"]) == (200, "gzip")
    source = ROOT / "accounts/static/gatehouse/style.css"
    assert gzip.decompress(answer.body)[:200] == source.read_bytes()[:200]


@EVERY_GATEWAY
def test_path_is_decoded_once(send: Send, gateway: Gateway) -> None:
    for path, status in {"/%68ealthz": 200, "/%2568ealthz": 404, "/dev/healthz": 404}.items():
        assert send(gateway, Sent(path)).status == status, path


@EVERY_GATEWAY
def test_forged_headers_change_nothing(send: Send, gateway: Gateway) -> None:
    forged = {
        "X-Forwarded-For": "6.6.6.6",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "http",
        "X-Original-URL": "/admin/",
        "Forwarded": "host=evil.example;proto=http",
    }
    answer = send(gateway, Sent("/accounts/login/", headers=forged))
    assert answer.status == 302
    asked = parse_qs(urlsplit(answer.headers["location"]).query)
    assert asked["redirect_uri"] == [f"{gateway.public_url}/accounts/callback/"]
