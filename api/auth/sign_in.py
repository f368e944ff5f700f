"""Sign-in with a password or by choice, and the challenges that can follow."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

from rest_framework.request import Request
from rest_framework.response import Response

from accounts import conf
from accounts.audit import trail
from accounts.rate_limits.limits import (
    SIGN_INS,
    Attempt,
    account_name,
    count_account,
    count_attempt,
    count_request,
)
from api.auth import challenge_session, choice
from api.auth.answers import answer_with_challenge, answer_with_tokens, verify_tokens
from api.auth.choice import message_limit
from api.auth.public_view import PublicView
from api.auth.refusals import (
    ChallengeOver,
    ChoiceUnavailable,
    InvalidCredentials,
    PasskeyRefused,
)
from api.auth.serializers import (
    ChallengeRequest,
    SignInRequest,
    answer_to,
    requested_attributes,
)
from api.refusals import refuse_values, translate_refusal
from api.throttles import FIRST_STEPS, SIGN_IN
from cognito import errors
from cognito.hosted_ui.endpoints import UnverifiedTokens
from cognito.user_pool import sign_in as pool_sign_in
from cognito.user_pool.challenges import (
    ATTRIBUTE_PREFIX,
    CHALLENGES,
    MFA_SETUP,
    NEW_PASSWORD_REQUIRED,
    PASSWORD,
    SECOND_FACTORS,
    SELECT_CHALLENGE,
    SENT,
    WEB_AUTHN,
)
from cognito.user_pool.sign_in import Challenge, Target

Outcome = UnverifiedTokens | Challenge


class SignInStepView(PublicView):
    """The base of both steps of a sign-in."""

    def ask(self, call: Callable[[], Outcome], *, email: str, factor: str = "") -> Outcome:
        """Call Cognito within the rate limit for messages, and return its answer.

        Args:
            factor: the first factor that the caller asks for, if any.

        Raises:
            LimitReached: the limit does not permit another message.
            RequestRefused: Cognito refused `call`.
        """
        with count_attempt(self.request, message_limit(factor), account=email) as message:
            try:
                outcome = call()
            except errors.RequestRefused:
                message.take_back()
                raise
            if not (isinstance(outcome, Challenge) and outcome.name in SENT):
                message.take_back()
            return outcome

    def answer(self, outcome: Outcome, attempt: Attempt, *, email: str) -> Response:
        """Return tokens if the sign-in is complete, else the next challenge."""
        if isinstance(outcome, Challenge):
            # A challenge is not a failure. It is not a success either, so failures still count.
            attempt.take_back()
            return answer_with_challenge(outcome, email=email)
        sign_in = verify_tokens(outcome)
        if outcome.refresh_token is None:
            raise errors.MalformedAnswer
        claims = sign_in.access_claims
        account = account_name(issuer=claims.issuer, sub=claims.sub)
        count_account("completed sign-in", SIGN_INS, account=account)
        attempt.succeeded()
        self.record(
            trail.Action.SIGN_IN, trail.Outcome.SUCCESS, email=email, claims=sign_in.access_claims
        )
        return answer_with_tokens(outcome, sign_in, refresh_token=outcome.refresh_token)

    def record_failure(self, refused: errors.RequestRefused, *, email: str) -> None:
        self.record(trail.Action.SIGN_IN, trail.Outcome.FAILURE, email=email, detail=refused.code)


class SignInView(SignInStepView):
    """`POST auth/sign-in`."""

    takes = SignInRequest

    def post(self, request: Request) -> Response:
        """Return 200 with tokens or a challenge. Every refusal of a password is the same 401."""
        fields = self.fields(request)
        email, target = fields["email"], _target(fields)
        if target is None and "password" not in fields:
            return self.begin_by_choice(email, preferred=fields.get("preferred", ""))
        try:
            with count_attempt(request, SIGN_IN, account=email) as attempt:
                outcome = self.ask(
                    lambda: pool_sign_in.sign_in(
                        conf.pool_client(),
                        username=email,
                        password=fields.get("password", ""),
                        target=target,
                    ),
                    email=email,
                )
                return self.answer(outcome, attempt, email=email)
        except errors.RequestRefused as refused:
            if isinstance(refused, errors.ChoiceUnavailable):
                raise ChoiceUnavailable from None
            self.record_failure(refused, email=email)
            # A caller without the password must not learn that an account is unconfirmed, reset or
            # disabled. The pool can report these states before it has checked the password.
            if target is not None and isinstance(refused, errors.InvalidParameter):
                # Nor may they learn which factors an account has.
                raise InvalidCredentials from None
            raise translate_refusal(refused, otherwise=InvalidCredentials()) from None

    def begin_by_choice(self, email: str, *, preferred: str) -> Response:
        """Return 200 with the first factors to choose from, or with the preferred one."""
        count_request(self.request, "sign-in by choice", FIRST_STEPS)
        try:
            outcome = self.ask(
                lambda: choice.begin(email, preferred=preferred), email=email, factor=preferred
            )
        except errors.ChoiceUnavailable:
            raise ChoiceUnavailable from None
        except errors.RequestRefused as refused:
            raise translate_refusal(refused, otherwise=InvalidCredentials()) from None
        return answer_with_challenge(cast("Challenge", outcome), email=email)


class ChallengeView(SignInStepView):
    """`POST auth/challenge`."""

    takes = ChallengeRequest

    def post(self, request: Request) -> Response:
        """Return 200 with tokens or the next challenge."""
        fields = self.fields(request)
        email, name = fields["email"], fields["challenge"]
        # Unseal first, so that only a caller with a session of the account can use up its attempts.
        challenge = challenge_session.unseal(fields["session"], name=name, email=email)
        body = cast("dict[str, Any]", request.data)
        attributes = requested_attributes(challenge.attributes, body["answers"])
        answers = fields["answers"] | attributes
        limit, account = choice.attempt_limit(request, challenge, answers, email=email)
        try:
            with count_attempt(request, limit, account=account) as attempt:
                try:
                    outcome = self.respond(challenge, answers, email=email)
                except errors.RequestRefused:
                    if name == NEW_PASSWORD_REQUIRED:
                        # This was not a guess: the user had to know the old password.
                        attempt.take_back()
                    raise
                return self.answer(outcome, attempt, email=email)
        except errors.RequestRefused as refused:
            self.record_failure(refused, email=email)
            if challenge.is_first and (error := _first_factor_refused(refused, name, answers)):
                raise error from None
            raise _translate(refused, name, attributes) from None

    def respond(self, challenge: Challenge, answers: dict[str, Any], *, email: str) -> Outcome:
        """Send the answers to Cognito, and return its answer."""
        if challenge.name in SECOND_FACTORS and not challenge.is_first:
            # Cognito sends no message after these, so the limit for messages does not apply.
            return _respond(challenge, answers)
        factor = answers["factor"] if challenge.name == SELECT_CHALLENGE else ""
        return self.ask(lambda: _respond(challenge, answers), email=email, factor=factor)


def _target(fields: Mapping[str, Any]) -> Target | None:
    if "acr_values" not in fields:
        return None
    return Target(fields["acr_values"], fields.get("access_token", ""))


def _respond(challenge: Challenge, answers: dict[str, Any]) -> Outcome:
    client = conf.pool_client()
    answer = answers[answer_to(challenge.name)]
    if challenge.name == MFA_SETUP:
        return pool_sign_in.set_up_totp(client, challenge, code=answer)
    responses = {
        CHALLENGES[challenge.name]: json.dumps(answer) if challenge.name == WEB_AUTHN else answer
    }
    if answer == PASSWORD and challenge.name == SELECT_CHALLENGE:
        responses["PASSWORD"] = answers["password"]
    if challenge.name == NEW_PASSWORD_REQUIRED:
        # Cognito refuses attributes that it did not ask for.
        responses |= {ATTRIBUTE_PREFIX + name: answers[name] for name in challenge.attributes}
    return pool_sign_in.answer_challenge(client, challenge, responses)


def _first_factor_refused(
    refused: errors.RequestRefused, name: str, answers: dict[str, Any]
) -> Exception | None:
    """Return the one error for all accounts, or None if the general rules apply."""
    if isinstance(refused, errors.TooManyRequests) and not isinstance(
        refused, errors.TooManyAttempts
    ):
        return None
    if PASSWORD in (name, answers.get("factor")):
        return translate_refusal(refused, otherwise=InvalidCredentials())
    return PasskeyRefused() if name == WEB_AUTHN else None


def _translate(
    refused: errors.RequestRefused, challenge: str, attributes: Iterable[str]
) -> Exception:
    field = f"answers.{answer_to(challenge)}"
    if isinstance(refused, errors.InvalidParameter):
        sent = [f"answers.{name}" for name in attributes]
        return refuse_values(refused, sent, default=sent or [field])
    of_the_answer = (errors.PasswordRefused, errors.CodeMismatch, errors.ExpiredCode)
    fields = dict.fromkeys(of_the_answer, field)
    return translate_refusal(refused, fields=fields, otherwise=ChallengeOver())
