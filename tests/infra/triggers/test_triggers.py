"""The triggers in a pool of the template, called by the local AWS."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.aws.provision import COGNITO_TEMPLATE, provision
from infra.deploy.stage.stage import Stage
from infra.deploy.user_pool.user_pool import TRIGGERS, cognito_parameters
from infra.local.demo import DEMO_PASSWORD
from infra.local.local_deployment import local_target
from infra.local.ministack import ACCESS_KEY_ID, REGION, SECRET_ACCESS_KEY, MiniStack
from infra.tokens import access_token
from infra.triggers import post_confirmation, pre_sign_up, pre_token_generation
from infra.users import ensure_user
from local_cognito.login.user_pool.web_endpoints import WebEndpoints

pytestmark = pytest.mark.ministack


class Pool:
    """A user pool that is created from the template with these parameters."""

    def __init__(self, ministack: MiniStack, **parameters: str) -> None:
        stage = Stage("triggers", REGION)
        self.target = local_target(ministack, login_url="http://localhost:9", stage=stage)
        self.cognito = ministack.cognito()
        self.outputs: Mapping[str, str] = provision(
            ministack.cloudformation(),
            stack_name="gatehouse-triggers",
            template=COGNITO_TEMPLATE,
            parameters=cognito_parameters(self.target, "https://app.example.com") | parameters,
            poll_seconds=0.05,
        ).outputs

    def sign_up(self, email: str) -> Any:
        return self.cognito.sign_up(
            ClientId=self.outputs["AppClientId"],
            Username=email,
            Password=DEMO_PASSWORD,
            UserAttributes=[{"Name": "email", "Value": email}],
        )

    def token_of(self, email: str) -> str:
        client = self.cognito.describe_user_pool_client(
            UserPoolId=self.outputs["UserPoolId"], ClientId=self.outputs["WebClientId"]
        )["UserPoolClient"]
        return access_token(
            self.cognito,
            client_id=client["ClientId"],
            client_secret=client["ClientSecret"],
            email=email,
            password=DEMO_PASSWORD,
        )

    def scopes_of(self, email: str, groups: list[str]) -> set[str]:
        pool = self.outputs["UserPoolId"]
        ensure_user(
            self.cognito, user_pool_id=pool, email=email, password=DEMO_PASSWORD, groups=groups
        )
        token = self.token_of(email)
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return set(claims["scope"].split())


def test_only_addresses_of_listed_domains_sign_up(empty_ministack: MiniStack) -> None:
    pool = Pool(empty_ministack, AllowedEmailDomains="example.com, example.org")
    assert pool.sign_up("ann@Example.com")["UserConfirmed"] is False
    assert pool.sign_up("bob@example.org")["UserConfirmed"] is False
    for email in ("eve@evil.example", "eve@sub.example.com", "eve@notexample.com"):
        with pytest.raises(ClientError, match="addresses of this domain may not sign up"):
            pool.sign_up(email)
    # Operators can invite addresses of every domain.
    assert ensure_user(
        pool.cognito,
        user_pool_id=pool.outputs["UserPoolId"],
        email="guest@evil.example",
        password=DEMO_PASSWORD,
        groups=[],
    )


def test_user_is_confirmed_at_once_without_a_verified_address(
    empty_ministack: MiniStack,
) -> None:
    pool = Pool(empty_ministack, AutoConfirm="true")
    assert pool.sign_up("ann@example.com")["UserConfirmed"] is True
    user = pool.cognito.admin_get_user(
        UserPoolId=pool.outputs["UserPoolId"], Username="ann@example.com"
    )
    attributes = {item["Name"]: item["Value"] for item in user["UserAttributes"]}
    assert attributes.get("email_verified", "false") == "false"


def test_group_does_not_add_scopes_that_are_permissions_of_a_client(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The test calls the function, because the template refuses the value."""
    monkeypatch.setenv("GROUP_SCOPES", "operators=api/operate,api/write,api/audit,api/account")
    event = {"request": {"groupConfiguration": {"groupsToOverride": ["operators"]}}, "response": {}}
    answer = pre_token_generation.handler(event, None)["response"]
    generation = answer["claimsAndScopeOverrideDetails"]["accessTokenGeneration"]
    assert generation["scopesToAdd"] == ["api/write"]


def test_members_of_a_group_get_its_scopes(empty_ministack: MiniStack) -> None:
    pool = Pool(empty_ministack, GroupScopes="operators=api/write,api/read others=api/none")
    assert {"api/write", "api/read"} <= pool.scopes_of("olivia@example.com", ["operators"])
    assert not {"api/write", "api/none"} & pool.scopes_of("uma@example.com", [])


@pytest.mark.parametrize(
    ("email", "is_allowed"), [("ann@example.com", True), ("eve@evil.example", False), ("", False)]
)
def test_users_of_identity_providers_need_a_listed_domain(
    monkeypatch: pytest.MonkeyPatch, email: str, is_allowed: bool
) -> None:
    """The test calls the function, because the local AWS has no identity providers."""
    monkeypatch.setenv("ALLOWED_EMAIL_DOMAINS", "example.com")
    monkeypatch.setenv("AUTO_CONFIRM", "true")
    event: dict[str, Any] = {
        "triggerSource": "PreSignUp_ExternalProvider",
        "request": {"userAttributes": {"email": email} if email else {}},
        "response": {},
    }
    if is_allowed:
        # Cognito itself confirms users of identity providers.
        assert pre_sign_up.handler(event, None)["response"] == {}
    else:
        with pytest.raises(pre_sign_up.SignUpRefused):
            pre_sign_up.handler(event, None)


def test_functions_may_write_only_their_own_log(
    empty_ministack: MiniStack,
) -> None:
    pool = Pool(empty_ministack, AutoConfirm="true", GroupScopes="operators=api/read")
    config = pool.cognito.describe_user_pool(UserPoolId=pool.outputs["UserPoolId"])["UserPool"][
        "LambdaConfig"
    ]
    client = pool.target.client
    [group] = client("logs").describe_log_groups()["logGroups"]
    assert group["retentionInDays"] == 30
    for arn in (config["PreSignUp"], config["PreTokenGenerationConfig"]["LambdaArn"]):
        function = client("lambda").get_function_configuration(FunctionName=arn)
        assert function["LoggingConfig"]["LogGroup"] == group["logGroupName"]
        role = function["Role"].rpartition("/")[2]
        iam = client("iam")
        assert iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"] == []
        [name] = iam.list_role_policies(RoleName=role)["PolicyNames"]
        policy = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        assert [statement["Resource"] for statement in policy["Statement"]] == [group["arn"]]


@pytest.fixture
def aws_environment(empty_ministack: MiniStack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the variables with which a function on Lambda finds its region and credentials."""
    for name, value in (
        ("AWS_ENDPOINT_URL", empty_ministack.endpoint_url),
        ("AWS_DEFAULT_REGION", REGION),
        ("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID),
        ("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY),
    ):
        monkeypatch.setenv(name, value)


def test_password_reset_ends_every_earlier_sign_in(
    empty_ministack: MiniStack, aws_environment: None, caplog: pytest.LogCaptureFixture
) -> None:
    """The test calls the function itself, because it also reads what the function logs."""
    pool = Pool(empty_ministack, EndSignInsAtReset="true")
    pool_id = pool.outputs["UserPoolId"]
    config = pool.cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]["LambdaConfig"]
    function = pool.target.client("lambda").get_function_configuration(
        FunctionName=config["PostConfirmation"]
    )
    role = function["Role"].rpartition("/")[2]
    assert role
    email = "ann@example.com"
    ensure_user(pool.cognito, user_pool_id=pool_id, email=email, password=DEMO_PASSWORD, groups=[])
    client = pool.cognito.create_user_pool_client(
        UserPoolId=pool_id, ClientName="test", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"]
    )["UserPoolClient"]["ClientId"]
    signed_in = pool.cognito.initiate_auth(
        ClientId=client,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": email, "PASSWORD": DEMO_PASSWORD},
    )["AuthenticationResult"]
    event = {
        "triggerSource": "PostConfirmation_ConfirmSignUp",
        "userPoolId": pool_id,
        "userName": email,
        "response": {},
    }

    def refresh() -> Any:
        return pool.cognito.get_tokens_from_refresh_token(
            ClientId=client, RefreshToken=signed_in["RefreshToken"]
        )

    assert post_confirmation.handler(event, None) == event
    assert refresh()
    event["triggerSource"] = "PostConfirmation_ConfirmForgotPassword"
    assert post_confirmation.handler(event, None) == event
    with pytest.raises(ClientError):
        refresh()
    assert "was not signed out everywhere" not in caplog.text, "the pool tracks no sessions"
    event["userName"] = "missing@example.com"
    assert post_confirmation.handler(event, None) == event
    assert "was not signed out everywhere" in caplog.text


def test_password_reset_ends_the_sessions_at_the_hosted_ui(
    empty_ministack: MiniStack, aws_environment: None, caplog: pytest.LogCaptureFixture
) -> None:
    pool = Pool(empty_ministack, EndSignInsAtReset="true")
    pool_id, email = pool.outputs["UserPoolId"], "ann@example.com"
    ensure_user(pool.cognito, user_pool_id=pool_id, email=email, password=DEMO_PASSWORD, groups=[])
    cognito: Any = pool.cognito
    cognito.set_user_pool_session_configuration(
        UserPoolId=pool_id, UserSessionTracking="ENABLED", TokenSession={"MaxPerUser": 20}
    )
    for _ in range(2):
        WebEndpoints(empty_ministack.endpoint_url).call(
            "LocalBeginHostedSession", {"AccessToken": pool.token_of(email)}, region=REGION
        )

    def sessions() -> Any:
        return cognito.admin_list_user_sessions(UserPoolId=pool_id, Username=email)["Sessions"]

    assert [one["SessionType"] for one in sessions()] == ["SSO", "SSO"]
    event = {
        "triggerSource": "PostConfirmation_ConfirmForgotPassword",
        "userPoolId": pool_id,
        "userName": email,
        "response": {},
    }
    assert post_confirmation.handler(event, None) == event
    assert sessions() == []
    assert "was not signed out everywhere" not in caplog.text


def test_pool_has_no_trigger_by_default(empty_ministack: MiniStack) -> None:
    pool = Pool(empty_ministack)
    described = pool.cognito.describe_user_pool(UserPoolId=pool.outputs["UserPoolId"])["UserPool"]
    assert not described.get("LambdaConfig")
    assert described["MfaConfiguration"] == "OPTIONAL"


def test_triggers_are_small_enough_for_the_template() -> None:
    files = [file for file in TRIGGERS.glob("*.py") if file.name != "__init__.py"]
    assert len(files) == 4
    for file in files:
        assert len(file.read_bytes()) <= 4096, file.name
