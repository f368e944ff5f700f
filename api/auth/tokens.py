"""Token refresh and sign-out."""

from __future__ import annotations

from contextlib import suppress

from django.core.exceptions import ValidationError as FormRefused
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import conf, process
from accounts.audit import trail
from accounts.rate_limits.limits import (
    RECORDED_SIGN_OUTS,
    AccountLimitReached,
    LimitReached,
    count_account,
    count_request,
)
from accounts.sign_out import sign_out
from api.account_fields import compact_token
from api.auth.answers import answer_with_tokens, verify_tokens
from api.auth.public_view import PublicView
from api.auth.refusals import InvalidRefreshToken, RefreshTokenReused
from api.auth.serializers import RefreshTokenRequest
from api.caller import access_token_of, account_name_of, actor_of, claims_of
from api.contract_view import ContractView
from api.permissions import ACCOUNT_SCOPE, COGNITO_SCOPE, HasScope, IsUser, ListedClient
from api.throttles import REFRESH, UNKNOWN_SIGN_OUTS
from cognito import deadlines
from cognito.errors import CognitoUnavailable, GrantRefused, RefreshTokenReuse
from cognito.user_pool.refresh import UserPool


class RefreshTokenView(PublicView):
    """The base of views that take a refresh token."""

    takes = RefreshTokenRequest

    def refresh_token(self, request: Request) -> tuple[str, str]:
        """Return the unverified token, and the device key or an empty string.

        Raises:
            InvalidRefreshToken: the token is malformed.
        """
        fields = self.fields(request)
        try:
            compact_token(fields["refresh_token"])
        except FormRefused:
            raise InvalidRefreshToken from None
        return fields["refresh_token"], fields.get("device_key", "")


class RefreshView(RefreshTokenView):
    """`POST auth/refresh`."""

    def post(self, request: Request) -> Response:
        """Return 200 with new tokens. `refresh_token` changes if the pool rotates them."""
        refresh_token, device_key = self.refresh_token(request)
        count_request(request, "refresh", REFRESH)
        try:
            tokens = conf.user_pool().refresh(refresh_token, device_key=device_key)
        except RefreshTokenReuse:
            raise RefreshTokenReused from None
        except GrantRefused:
            raise InvalidRefreshToken from None
        sign_in = verify_tokens(tokens)
        if process.current.revocations.is_revoked(sign_in.access_claims):
            # The sign-in was ended here while Cognito was unavailable.
            raise InvalidRefreshToken
        return answer_with_tokens(tokens, sign_in, refresh_token=refresh_token)


class SignOutView(RefreshTokenView):
    """`POST auth/sign-out`."""

    def post(self, request: Request) -> Response:
        """Return 204 once the sign-in has ended, also if it had ended before.

        Only Cognito can read a refresh token, so its sign-in is unknown. The token is therefore
        exchanged one last time. The new tokens contain `origin_jti`, with which the revocation list
        refuses all bearer tokens of the sign-in. Then the newest refresh token is revoked, and with
        it all others of the sign-in.

        If the exchange gives no verifiable tokens, the sign-in ends at Cognito only, and its bearer
        tokens remain valid until `exp`. The same applies if the caller's address has sent too many
        unknown tokens, because a sign-out is never refused for requests of other clients.
        """
        refresh_token, device_key = self.refresh_token(request)
        pool = conf.user_pool(deadline_seconds=deadlines.SHARED_CALL_SECONDS)
        try:
            unknown = count_request(request, "unknown sign-out", UNKNOWN_SIGN_OUTS)
        except LimitReached:
            # Other clients at this address send invented tokens. A genuine one is still revoked.
            return self._revoke_only(pool, refresh_token)
        try:
            tokens = pool.refresh(refresh_token, device_key=device_key)
        except GrantRefused:
            # The token may have been rotated, so that its sign-in continues with a newer one.
            return self._revoke_only(pool, refresh_token)
        except CognitoUnavailable:
            unknown.take_back()
            raise
        unknown.take_back()
        last = tokens.refresh_token or refresh_token
        try:
            claims = verify_tokens(tokens).access_claims
        except CognitoUnavailable:
            # Revoke now: the exchange may have used up the token, so a retry would fail earlier.
            with suppress(CognitoUnavailable, GrantRefused):
                pool.revoke(last)
            raise
        sign_out.sign_out_bearer(claims, refresh_token=last)
        self.record(trail.Action.SIGN_OUT, trail.Outcome.SUCCESS, claims=claims)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _revoke_only(self, pool: UserPool, refresh_token: str) -> Response:
        """Return 204 after ending a sign-in at Cognito only. Raise InvalidRefreshToken.

        Cognito refuses a token of another kind, such as an access token.
        """
        try:
            pool.revoke(refresh_token)
        except GrantRefused:
            raise InvalidRefreshToken from None
        return Response(status=status.HTTP_204_NO_CONTENT)


class SignOutEverywhereView(ContractView):
    """`POST auth/sign-out-everywhere`."""

    permission_classes = (IsUser, ListedClient, HasScope(ACCOUNT_SCOPE))

    def post(self, request: Request) -> Response:
        """Return 204 once all sign-ins of the user have ended, including those of browsers."""
        claims = claims_of(request)
        # The limit applies to the audit events only. A sign-out is never refused.
        with suppress(AccountLimitReached):
            count_account("recorded sign-out", RECORDED_SIGN_OUTS, account=account_name_of(request))
            trail.record(
                self.request,
                trail.Action.SIGN_OUT_EVERYWHERE,
                trail.Outcome.SUCCESS,
                actor=actor_of(request),
            )
        may_tell_cognito = COGNITO_SCOPE in claims.scopes
        sign_out.sign_out_bearer_everywhere(
            claims, access_token=access_token_of(request) if may_tell_cognito else None
        )
        return Response(status=status.HTTP_204_NO_CONTENT)
