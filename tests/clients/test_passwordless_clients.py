"""Passkeys and codes with the libraries that browsers use: SimpleWebAuthn and AWS Amplify.

SimpleWebAuthn passes the options of the API to the browser. AWS Amplify speaks with Cognito itself,
here the local one.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from infra.setup import node
from tests.clients.conftest import ApiSite
from tests.e2e.other_app import serving
from tests.e2e.people import PASSWORD, have_user, read_code
from tests.support.first_factors import first_factors
from tests.support.virtual_authenticator import VirtualAuthenticator

pytestmark = [pytest.mark.ministack, pytest.mark.e2e]

SIMPLE_WEB_AUTHN = "@simplewebauthn/browser/dist/bundle/index.umd.min.js"

REGISTER = """async ({ api, email, password }) => {
    const call = async (path, method, token, body) => {
        const headers = { "Content-Type": "application/json" };
        if (token) headers.Authorization = `Bearer ${token}`;
        const response = await fetch(api + path, { method, headers, body: JSON.stringify(body) });
        const text = await response.text();
        if (!response.ok) throw new Error(text);
        return text && JSON.parse(text);
    };
    const { startRegistration, startAuthentication } = SimpleWebAuthnBrowser;
    const { access_token } = await call("auth/sign-in", "POST", "", { email, password });
    const { creation_options } = await call("me/passkeys", "POST", access_token);
    const created = await startRegistration({ optionsJSON: creation_options });
    await call("me/passkeys", "PUT", access_token, { credential: created });

    const asked = await call("auth/sign-in", "POST", "", { email, preferred: "WEB_AUTHN" });
    const optionsJSON = asked.parameters.request_options;
    const credential = await startAuthentication({ optionsJSON });
    const { challenge, session } = asked;
    const tokens = await call(
        "auth/challenge", "POST", "", { challenge, session, email, answers: { credential } },
    );
    return [asked.challenge, await call("me/profile", "GET", tokens.access_token)];
}"""


@pytest.fixture
def app(page: Page, api_site: ApiSite) -> Iterator[Page]:
    """Yield a page of the application at another port of this host."""
    stack = api_site.stack
    with (
        first_factors(stack.aws.cognito(), stack.pool.user_pool_id),
        serving(stack.app_url),
    ):
        page.goto(stack.app_url)
        yield page


def test_simplewebauthn_registers_a_passkey_and_signs_in_with_it(
    app: Page, api_site: ApiSite, node_modules: Path
) -> None:
    email = "simplewebauthn@example.com"
    have_user(api_site.stack, email)
    app.add_script_tag(path=node_modules / SIMPLE_WEB_AUTHN)
    authenticator = VirtualAuthenticator(app)
    with authenticator.touched():
        challenge, profile = app.evaluate(
            REGISTER, {"api": api_site.url("/api/v1/"), "email": email, "password": PASSWORD}
        )
    assert challenge == "WEB_AUTHN"
    assert profile["email"] == email
    assert len(authenticator) == 1


@pytest.fixture(scope="module")
def amplify_bundle(node_modules: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Bundle AWS Amplify for a page, because it is not published in such a form."""
    bundle = tmp_path_factory.mktemp("amplify") / "amplify.js"
    subprocess.run(
        [
            *(node_modules / ".bin" / "esbuild", "--bundle", "--format=iife"),
            *("--global-name=amplify", "--log-level=warning", f"--outfile={bundle}"),
        ],
        # esbuild looks for packages from this directory.
        cwd=node.directory(),
        input=(node.PROJECT / "amplify.mjs").read_bytes(),
        check=True,
        timeout=60,
    )
    return bundle


@pytest.fixture
def amplify(app: Page, api_site: ApiSite, amplify_bundle: Path) -> Iterator[Page]:
    """Load AWS Amplify into the page, configured for a public app client that may use USER_AUTH."""
    stack = api_site.stack
    cognito: Any = stack.aws.cognito()
    client = {"UserPoolId": stack.pool.user_pool_id, "ClientId": stack.pool.app_client_id}
    flows = cognito.describe_user_pool_client(**client)["UserPoolClient"]["ExplicitAuthFlows"]
    # MiniStack keeps what the request does not name.
    cognito.update_user_pool_client(**client, ExplicitAuthFlows=[*flows, "ALLOW_USER_AUTH"])
    app.add_script_tag(path=amplify_bundle)
    app.evaluate(
        "settings => amplify.configure(settings)",
        {
            "userPoolId": stack.pool.user_pool_id,
            "userPoolClientId": stack.pool.app_client_id,
            "userPoolEndpoint": stack.aws.endpoint_url,
        },
    )
    yield app
    cognito.update_user_pool_client(**client, ExplicitAuthFlows=flows)


def sign_in(page: Page, email: str, **options: str) -> dict[str, Any]:
    """Call Amplify's signIn with USER_AUTH, and return the next step."""
    answer: dict[str, Any] = page.evaluate(
        "input => amplify.signIn(input)",
        {"username": email, "options": {"authFlowType": "USER_AUTH"} | options},
    )
    return answer


def confirm(page: Page, answer: str) -> dict[str, Any]:
    confirmed: dict[str, Any] = page.evaluate(
        "challengeResponse => amplify.confirmSignIn({ challengeResponse })", answer
    )
    return confirmed


def user(page: Page) -> Any:
    """Return the attributes of Amplify's user."""
    return page.evaluate("() => amplify.fetchUserAttributes()")


def api_problem(page: Page, api_site: ApiSite) -> str:
    """Return the problem of a request to the API with Amplify's access token."""
    code: str = page.evaluate(
        """async (url) => {
            const { tokens } = await amplify.fetchAuthSession();
            const headers = { Authorization: `Bearer ${tokens.accessToken}` };
            return (await (await fetch(url, { headers })).json()).code;
        }""",
        api_site.url("/api/v1/me/profile"),
    )
    return code


def test_amplify_chooses_a_password_registers_a_passkey_and_signs_in_with_it(
    amplify: Page, api_site: ApiSite
) -> None:
    email = "amplify@example.com"
    have_user(api_site.stack, email)
    authenticator = VirtualAuthenticator(amplify)

    asked = sign_in(amplify, email)
    assert asked["nextStep"]["signInStep"] == "CONTINUE_SIGN_IN_WITH_FIRST_FACTOR_SELECTION"
    assert sorted(asked["nextStep"]["availableChallenges"]) == [
        "EMAIL_OTP",
        "PASSWORD",
        "PASSWORD_SRP",
    ]
    asked = confirm(amplify, "PASSWORD")
    assert asked["nextStep"]["signInStep"] == "CONFIRM_SIGN_IN_WITH_PASSWORD"
    assert confirm(amplify, PASSWORD)["isSignedIn"]
    assert user(amplify)["email"] == email
    # Only the hosted UI issues tokens with the scopes of the API.
    assert api_problem(amplify, api_site) == "insufficient_scope"

    with authenticator.touched():
        amplify.evaluate("() => amplify.associateWebAuthnCredential()")
    [passkey] = amplify.evaluate("() => amplify.listWebAuthnCredentials()")["credentials"]
    assert passkey["relyingPartyId"] == "localhost"
    amplify.evaluate("() => amplify.signOut()")

    with authenticator.touched():
        assert sign_in(amplify, email, preferredChallenge="WEB_AUTHN")["isSignedIn"]
    assert user(amplify)["email"] == email

    amplify.evaluate("input => amplify.deleteWebAuthnCredential(input)", passkey)
    assert amplify.evaluate("() => amplify.listWebAuthnCredentials()")["credentials"] == []


def test_amplify_signs_in_by_code_and_with_srp(amplify: Page, api_site: ApiSite) -> None:
    email = "amplify-code@example.com"
    have_user(api_site.stack, email)
    asked = sign_in(amplify, email, preferredChallenge="EMAIL_OTP")
    assert asked["nextStep"]["signInStep"] == "CONFIRM_SIGN_IN_WITH_EMAIL_CODE"
    mailbox = amplify.context.new_page()
    mailbox.goto(f"{api_site.stack.login_url}/mailbox")
    code = read_code(mailbox, email)
    mailbox.close()
    assert confirm(amplify, code)["isSignedIn"]
    assert user(amplify)["email"] == email
    amplify.evaluate("() => amplify.signOut()")

    srp = {"preferredChallenge": "PASSWORD_SRP"}
    signed_in = amplify.evaluate(
        "input => amplify.signIn(input)",
        {"username": email, "password": PASSWORD, "options": {"authFlowType": "USER_AUTH"} | srp},
    )
    assert signed_in["isSignedIn"]
    assert user(amplify)["email"] == email


def test_amplify_signs_up_without_a_password_and_signs_in_by_the_same_code(
    amplify: Page, api_site: ApiSite
) -> None:
    email = "amplify-new@example.com"
    asked = amplify.evaluate(
        """(username) => amplify.signUp({
            username,
            options: {
                userAttributes: { email: username },
                autoSignIn: { authFlowType: "USER_AUTH" },
            },
        })""",
        email,
    )
    assert asked["nextStep"]["signUpStep"] == "CONFIRM_SIGN_UP"
    mailbox = amplify.context.new_page()
    mailbox.goto(f"{api_site.stack.login_url}/mailbox")
    code = read_code(mailbox, email)
    mailbox.close()
    confirmed = amplify.evaluate(
        "input => amplify.confirmSignUp(input)", {"username": email, "confirmationCode": code}
    )
    assert confirmed["nextStep"]["signUpStep"] == "COMPLETE_AUTO_SIGN_IN"
    assert amplify.evaluate("() => amplify.autoSignIn()")["isSignedIn"]
    assert user(amplify)["email"] == email
