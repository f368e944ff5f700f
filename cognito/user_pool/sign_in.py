"""Sign users in through the user pool API, and answer its challenges.

Source: https://docs.aws.amazon.com/cognito/latest/developerguide/authentication-flows-public-server-side.html
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from cognito.errors import ChoiceUnavailable, ClientRefused, CodeMismatch, MalformedAnswer
from cognito.hosted_ui.endpoints import UnverifiedTokens
from cognito.user_pool.challenges import (
    CHALLENGES,
    MFA_SETUP,
    SELECT_CHALLENGE,
    first_factors_in,
    offered_to_set_up,
    parameters_of,
)
from cognito.user_pool.pool_client import PoolClient
from cognito.user_pool.token_answers import tokens_of

logger = logging.getLogger(__name__)

# https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AssociateSoftwareToken.html
MAX_TOTP_SECRET_CHARACTERS = 256
MAX_SESSION_CHARACTERS = 4096
MAX_USERNAME_CHARACTERS = 128


@dataclass(frozen=True, slots=True)
class Challenge:
    """A challenge that the user must answer before the pool issues tokens.

    Attributes:
        session: the pool's session, valid for a few minutes and one answer.
        username: the pool's name for the user, which the answer must contain.
        parameters: the parameters that the user may see; see `challenges.parameters_of`.
        attributes: for NEW_PASSWORD_REQUIRED, the user's attributes that the answer must have.
        totp_secret: for MFA_SETUP, the base32 secret for an authenticator app.
        is_first: whether the user has proven nothing yet, so that any visitor may have begun it.
    """

    name: str
    session: str = field(repr=False)
    username: str
    parameters: Mapping[str, Any] = field(repr=False)
    attributes: tuple[str, ...] = ()
    totp_secret: str = field(default="", repr=False)
    is_first: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """The level of authentication that a sign-in must reach (step-up, RFC 9470).

    Attributes:
        acr_values: the accepted levels, in order of preference, separated by spaces.
        access_token: a token of the user. What its sign-in has proven counts, so that the pool
            asks only for what is missing. Empty to begin with the password.
    """

    acr_values: str
    access_token: str = field(default="", repr=False)


def sign_in(
    client: PoolClient, *, username: str, password: str, target: Target | None = None
) -> UnverifiedTokens | Challenge:
    """Return tokens for a password, or a challenge.

    Args:
        username: a user name or e-mail address.
        password: empty if the access token of `target` takes its place.
        target: the level that the sign-in must reach. The app client needs ALLOW_USER_AUTH, and the
            pool the tier Essentials or Plus.

    Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_InitiateAuth.html

    Raises:
        RequestRefused: NotAuthorized for a wrong password, and for a disabled account;
            InvalidParameter if the user has no factors for the level.
        CognitoUnavailable: Cognito did not answer.
    """
    answer = client.service.call(
        lambda api: api.initiate_auth(
            ClientId=client.app_client.id,
            AuthFlow="USER_PASSWORD_AUTH" if target is None else "USER_AUTH",
            AuthParameters={
                **client.auth_parameters(username),
                **({"PASSWORD": password} if password else {}),
                **(_aim(target, has_password=bool(password)) if target is not None else {}),
            },
        )
    )
    return _outcome(client, answer, username=username)


def _aim(target: Target, *, has_password: bool) -> dict[str, str]:
    parameters = {"TARGET_ACR_VALUES": target.acr_values}
    if target.access_token:
        parameters["ACCESS_TOKEN"] = target.access_token
    if has_password:
        parameters["PREFERRED_CHALLENGE"] = "PASSWORD"
    return parameters


def begin_by_choice(client: PoolClient, *, username: str, preferred: str = "") -> Challenge:
    """Begin a sign-in without a password (`USER_AUTH`), and return its challenge.

    The pool answers with the preferred first factor, or with SELECT_CHALLENGE if the user does not
    have it. A user with a single factor gets that one: the pool sends its code at once.

    Source: https://docs.aws.amazon.com/cognito/latest/developerguide/authentication-flows-selection-sdk.html#authentication-flows-selection-choice

    Raises:
        ChoiceUnavailable: the app client lacks ALLOW_USER_AUTH, or the pool's tier the feature.
        RequestRefused: the state of the account does not allow a sign-in.
        CognitoUnavailable: Cognito did not answer.
    """
    wanted = {"PREFERRED_CHALLENGE": preferred} if preferred else {}
    try:
        answer = client.service.call(
            lambda api: api.initiate_auth(
                ClientId=client.app_client.id,
                AuthFlow="USER_AUTH",
                AuthParameters={**client.auth_parameters(username), **wanted},
            )
        )
    except ClientRefused as error:
        if error.reason == "FeatureUnavailableInTierException":
            raise ChoiceUnavailable(received=error.reason) from None
        raise
    outcome = _outcome(client, answer, username=username)
    if not isinstance(outcome, Challenge):
        # The request proves nothing, so these are not tokens of a sign-in.
        raise MalformedAnswer
    return replace(outcome, is_first=True)


def answer_challenge(
    client: PoolClient, challenge: Challenge, responses: Mapping[str, str]
) -> UnverifiedTokens | Challenge:
    """Return tokens, or the next challenge.

    Args:
        responses: the answers, by the pool's names for them.

    Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_RespondToAuthChallenge.html

    Raises:
        RequestRefused: CodeMismatch, ExpiredCode, PasswordRefused; NotAuthorized for an expired
            session.
        CognitoUnavailable: Cognito did not answer.
    """
    answer = client.service.call(
        lambda api: api.respond_to_auth_challenge(
            ClientId=client.app_client.id,
            # The stubs list the allowed names; the caller has checked this one.
            ChallengeName=challenge.name,  # type: ignore[arg-type]
            Session=challenge.session,
            ChallengeResponses={**client.auth_parameters(challenge.username), **responses},
        ),
        settable=challenge.attributes,
    )
    outcome = _outcome(client, answer, username=challenge.username)
    chosen = responses.get("ANSWER") if challenge.name == SELECT_CHALLENGE else None
    if isinstance(outcome, Challenge) and outcome.name == chosen:
        return replace(outcome, is_first=True)
    return outcome


def set_up_totp(
    client: PoolClient, challenge: Challenge, *, code: str
) -> UnverifiedTokens | Challenge:
    """Prove that the authenticator app has the secret of an MFA_SETUP challenge, and answer it.

    Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_VerifySoftwareToken.html

    Raises as `answer_challenge`.
    """
    answer = client.service.call(
        lambda api: api.verify_software_token(Session=challenge.session, UserCode=code)
    )
    if answer.get("Status") != "SUCCESS":
        raise CodeMismatch
    session = _text(answer, "Session", MAX_SESSION_CHARACTERS)
    return answer_challenge(client, replace(challenge, session=session), {})


def _outcome(
    client: PoolClient, answer: Mapping[str, Any], *, username: str
) -> UnverifiedTokens | Challenge:
    name = answer.get("ChallengeName")
    if not name:
        return tokens_of(answer)
    parameters = answer.get("ChallengeParameters") or {}
    if (
        not isinstance(name, str)
        or name not in CHALLENGES
        or (name == MFA_SETUP and not offered_to_set_up(parameters))
    ):
        logger.error(
            "The user pool sent a challenge that this API does not support (%.40s). Check the app "
            "client's authentication flows and the pool's second factors.",
            name,
        )
        raise ClientRefused(reason="an unknown challenge")
    shown = parameters_of(name, parameters)
    if name == SELECT_CHALLENGE:
        shown = {"choices": first_factors_in(answer.get("AvailableChallenges"))}
    challenge = Challenge(
        name=name,
        session=_text(answer, "Session", MAX_SESSION_CHARACTERS),
        username=_text(
            {"name": parameters.get("USER_ID_FOR_SRP") or username}, "name", MAX_USERNAME_CHARACTERS
        ),
        parameters=shown,
        attributes=tuple(shown.get("required_attributes", ())),
    )
    return _with_totp_secret(client, challenge) if name == MFA_SETUP else challenge


def _with_totp_secret(client: PoolClient, challenge: Challenge) -> Challenge:
    """Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AssociateSoftwareToken.html"""
    answer = client.service.call(
        lambda api: api.associate_software_token(Session=challenge.session)
    )
    return replace(
        challenge,
        session=_text(answer, "Session", MAX_SESSION_CHARACTERS),
        totp_secret=_text(answer, "SecretCode", MAX_TOTP_SECRET_CHARACTERS),
    )


def _text(answer: Mapping[str, Any], name: str, max_characters: int) -> str:
    value = answer.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= max_characters:
        raise MalformedAnswer
    return value
