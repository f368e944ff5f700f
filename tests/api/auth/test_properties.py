"""No body and no answer of the pool causes an unexpected failure of an endpoint."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from accounts.rate_limits.counters import Counter
from cognito.attributes.usernames import normalised
from tests.api.auth.conftest import BODIES, Api
from tests.support.caller import SECRET_MEMBERS, SHORTEST_SECRET
from tests.support.log_checks import lines_of
from tests.support.pool_stub import PoolStub

pytestmark = pytest.mark.django_db

OPERATIONS = {
    "sign-up": "SignUp",
    "confirm": "ConfirmSignUp",
    "resend-code": "ResendConfirmationCode",
    "sign-in": "InitiateAuth",
    "refresh": "GetTokensFromRefreshToken",
    "sign-out": "GetTokensFromRefreshToken",
    "forgot-password": "ForgotPassword",
    "reset-password": "ConfirmForgotPassword",
}
MEMBERS = (
    "AuthenticationResult",
    "AccessToken",
    "IdToken",
    "RefreshToken",
    "ChallengeName",
    "ChallengeParameters",
    "Session",
    "USER_ID_FOR_SRP",
    "MFAS_CAN_CHOOSE",
    "requiredAttributes",
    "UserConfirmed",
    "CodeDeliveryDetails",
    "__type",
    "message",
)
CHALLENGES = ("SMS_MFA", "SELECT_MFA_TYPE", "MFA_SETUP")
scalars = (
    st.none() | st.booleans() | st.integers() | st.text(max_size=40) | st.sampled_from(MEMBERS)
)
json_values = st.recursive(
    scalars | st.sampled_from([*OPERATIONS.values(), *CHALLENGES]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(MEMBERS), inner, max_size=6)
    ),
    max_leaves=8,
)
THOROUGH = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture(autouse=True)
def no_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove the rate limits, which would refuse most of the generated requests."""
    monkeypatch.setattr(Counter, "count", lambda *_: 0.0)


def has_secrets_of_its_own(body: dict[str, Any]) -> bool:
    """Return whether no secret of the body is also public, in the body or as a name of Cognito.

    A response or a log line may contain public texts, which would look like a leak.
    """
    public = {name: value for name, value in body.items() if name not in SECRET_MEMBERS}
    names = (*MEMBERS, *OPERATIONS.values(), *CHALLENGES)
    text = json.dumps([public, names], ensure_ascii=False)
    secrets = [value for name, value in body.items() if name in SECRET_MEMBERS]
    return not any(
        isinstance(one, str) and len(one) >= SHORTEST_SECRET and one in text for one in secrets
    )


@THOROUGH
@given(path=st.sampled_from(sorted(BODIES)), data=st.data())
def test_no_body_causes_a_server_error(
    api: Api, stub: PoolStub, caplog: pytest.LogCaptureFixture, path: str, data: st.DataObject
) -> None:
    body: dict[str, Any] = {
        name: data.draw(st.just(value) | json_values | st.text(max_size=300), label=name)
        for name, value in BODIES[path].items()
    }
    assume(has_secrets_of_its_own(body))
    # The text of an earlier example's secret may be public in this one.
    api.secrets.clear()
    caplog.clear()
    response = api(path, body)
    if response.status_code >= 500:
        # A slow machine can use up the time of a request. A body that is at fault fails again.
        response = api(path, body)
    assert response.status_code < 500, response.content
    for line in lines_of(caplog):
        assert not api.call.leaked(line), "a secret is in a log line"


@THOROUGH
@given(
    path=st.sampled_from(sorted(OPERATIONS)),
    members=st.dictionaries(st.sampled_from(MEMBERS), json_values, max_size=6),
)
def test_no_answer_of_the_pool_causes_a_500(
    api: Api, stub: PoolStub, path: str, members: dict[str, object]
) -> None:
    stub.answer(OPERATIONS[path], members)
    assert api.send(path).status_code != 500


@given(st.text(max_size=100))
@example("J\u030c")
@example(" \u00a8 \u0130\u03a3 ")
def test_normalising_an_address_again_changes_nothing(email: str) -> None:
    assert normalised(normalised(email)) == normalised(email)
