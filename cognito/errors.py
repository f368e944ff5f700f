"""Everything that can go wrong between this application and Cognito.

CognitoError
├── TokenError                  a token is no good: the caller is to blame, 401
│   ├── MalformedToken          not a compact JWS of JSON objects
│   ├── UnsupportedAlgorithm    `alg` is not RS256, or the header asks for an extension
│   ├── UnknownKey              no usable key of that `kid` in the issuer's key set
│   ├── BadSignature
│   ├── MissingClaim
│   ├── InvalidClaim            a claim of the wrong type or form
│   ├── WrongIssuer
│   ├── WrongClient             `client_id` or `aud` is not one of ours
│   ├── WrongTokenUse           an ID token where an access token is needed, or the reverse
│   ├── TokenExpired
│   ├── TokenNotYetValid        `nbf` or `iat` is in the future
│   ├── LifetimeTooLong         longer than any Cognito token lives
│   ├── WrongNonce              the ID token answers another sign-in
│   └── WrongAccessToken        `at_hash` or `sub` belongs to another access token
├── SignInError                 a sign-in at the hosted UI did not succeed: start again, 4xx
│   ├── SignInRefused           the user cancelled, or an unknown OAuth error came back
│   ├── SignInNotFinished       the user has to do something at the hosted UI first
│   ├── SignInMisconfigured     an OAuth error that only an operator can put right
│   ├── GrantRefused            the code or refresh token is spent, revoked or unknown
│   │   └── RefreshTokenReuse   the refresh token was exchanged for a newer one
│   └── InvalidTransaction      the callback does not belong to a sign-in of this browser
├── RequestRefused              the user pool's API says no: the caller is to blame, 4xx
│   ├── NotAuthorized           a wrong password, or a session or token that is over
│   ├── WrongPassword           the old one, of somebody whose token is good
│   ├── UserNotFound
│   ├── UserNotConfirmed
│   ├── PasswordResetRequired   an operator demands a new password
│   ├── AccountExists           the name or address is somebody's already
│   ├── CodeMismatch            a wrong code
│   ├── ExpiredCode
│   ├── CodeNotDelivered
│   ├── PasswordRefused         a new password that the pool's policy does not allow
│   ├── InvalidParameter        a value that the pool does not take
│   │   └── AttributeRequired   an attribute of the user that the pool requires is missing
│   ├── RefusedByTrigger        a Lambda function of the pool's operator said no
│   ├── NoSuchSecondFactor      the user has not set that one up
│   ├── WrongUserState          the user cannot have that done to them as they are now
│   ├── GroupNotFound
│   ├── GroupExists
│   └── TooManyRequests         wait for `retry_after` seconds, 429
│       └── TooManyAttempts     the same, for one account
└── CognitoUnavailable          not to be had right now: try again after `retry_after`, 502 or 503
    ├── TransportError          no answer, or not in time, or too long
    ├── NoTimeLeft              not asked: earlier waits took the time that the request had
    ├── CredentialsUnavailable  not asked: AWS gives this application no credentials
    ├── KeysUnavailable         the issuer's key set
    ├── HostedUIUnavailable     the hosted UI's token endpoint failed
    ├── MalformedAnswer         either answered something that makes no sense
    ├── OperationNotSupported   an endpoint that is not AWS's lacks the operation
    ├── ClientRefused           either does not know our client or secret: an operator must act
    └── Throttled               either asks for patience

Each leaf has a stable `code`, which clients may rely on, and a `message` that holds no key, claim
value, token or name of a library: it may be shown to whoever sent the token. What was expected and
what came is in `expected` and `received`, for tests and debuggers; neither is part of `str(error)`.
"""

from __future__ import annotations

from typing import ClassVar


class CognitoError(Exception):
    """The root of the tree. Never raised itself."""

    code: ClassVar[str] = "cognito_error"
    message: ClassVar[str] = "Something went wrong at Amazon Cognito."

    def __init__(
        self, message: str | None = None, *, expected: object = None, received: object = None
    ) -> None:
        super().__init__(message or self.message)
        self.expected = expected
        self.received = received


class TokenError(CognitoError):
    """A token is no good."""

    code = "invalid_token"
    message = "The token is not valid."


class MalformedToken(TokenError):
    """Not a compact JWS (RFC 7515 section 7.1) whose header and payload are JSON objects."""

    code = "malformed_token"
    message = "The token is not a well-formed signed JWT."


class UnsupportedAlgorithm(TokenError):
    """`alg` is not RS256, or the header has `crit`, `b64`, or a type of another kind of token."""

    code = "unsupported_algorithm"
    message = "The token is not signed in the way this service accepts."


class UnknownKey(TokenError):
    """The issuer's key set has no usable key of the token's `kid`."""

    code = "unknown_key"
    message = "The token is signed with a key that its issuer does not publish."


class BadSignature(TokenError):
    """The signature is not the named key's over this token."""

    code = "bad_signature"
    message = "The token's signature does not match."


class MissingClaim(TokenError):
    """A claim that must be there is not."""

    code = "missing_claim"
    message = "The token lacks a required claim."


class InvalidClaim(TokenError):
    """A claim has the wrong type or form."""

    code = "invalid_claim"
    message = "The token has a claim of the wrong form."


class WrongIssuer(TokenError):
    """`iss` is not exactly one of the issuers that are trusted."""

    code = "wrong_issuer"
    message = "The token was not issued by this service's user pool."


class WrongClient(TokenError):
    """`client_id` of an access token, or `aud` of an ID token, is not an accepted app client."""

    code = "wrong_client"
    message = "The token was issued to an app client that this service does not accept."


class WrongTokenUse(TokenError):
    """`token_use` is not one of those accepted here."""

    code = "wrong_token_use"
    message = "This kind of token is not accepted here."


class TokenExpired(TokenError):
    """`exp` has passed."""

    code = "token_expired"
    message = "The token has expired."


class TokenNotYetValid(TokenError):
    """`nbf` or `iat` is further in the future than clocks may differ."""

    code = "token_not_yet_valid"
    message = "The token is not valid yet."


class LifetimeTooLong(TokenError):
    """`exp - iat` is longer than Cognito lets any token live."""

    code = "lifetime_too_long"
    message = "The token's lifetime is longer than its issuer allows."


class WrongNonce(TokenError):
    """`nonce` is not the one this sign-in began with (OpenID Connect Core 3.1.3.7)."""

    code = "wrong_nonce"
    message = "The token does not belong to this sign-in."


class WrongAccessToken(TokenError):
    """The ID token and the access token do not belong together."""

    code = "wrong_access_token"
    message = "The tokens do not belong together."


class SignInError(CognitoError):
    """A sign-in at the hosted UI did not succeed; the user can start again."""

    code = "sign_in_failed"
    message = "The sign-in did not succeed."

    def __init__(
        self,
        message: str | None = None,
        *,
        expected: object = None,
        received: object = None,
        reason: str = "",
    ) -> None:
        super().__init__(message, expected=expected, received=received)
        # For the log and the audit trail: the code, and an OAuth error of a closed list.
        self.reason = reason or self.code


class SignInRefused(SignInError):
    """The hosted UI came back with an OAuth error (RFC 6749 section 4.1.2.1)."""

    code = "sign_in_refused"
    message = "The sign-in was refused or cancelled."


class SignInNotFinished(SignInError):
    """The hosted UI cannot go on without the user (OpenID Connect Core 1.0 section 3.1.2.6)."""

    code = "sign_in_not_finished"
    message = "The sign-in service needs you to sign in first."


class SignInMisconfigured(SignInError):
    """The hosted UI refuses what this application asks for. It is logged as an error."""

    code = "sign_in_misconfigured"
    message = "The sign-in service refused this sign-in. An operator must act."


class GrantRefused(SignInError):
    """`invalid_grant`: the code or refresh token is spent, expired, revoked or not ours."""

    code = "grant_refused"
    message = "The sign-in has expired or was already used."


class RefreshTokenReuse(GrantRefused):
    """A refresh token was used after its successor, and after the grace period."""


class InvalidTransaction(SignInError):
    """A callback that no sign-in of this browser is waiting for."""

    code = "invalid_transaction"
    message = "This browser has no sign-in in progress."


class RequestRefused(CognitoError):
    """The user pool's API refuses a request. `received` is the name of its exception.

    Its own words are never passed on: they tell who has an account, and how the pool is made.
    Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/CommonErrors.html
    and the errors of each operation.
    """

    code = "request_refused"
    message = "The sign-in service refuses this request."


class NotAuthorized(RequestRefused):
    """NotAuthorizedException: it means a dozen things, and its text alone tells them apart."""

    code = "not_authorized"
    message = "The sign-in service does not accept these credentials."


class WrongPassword(RequestRefused):
    """The old password is not right. The token that it came with is."""

    code = "wrong_password"
    message = "This is not your password."


class UserNotFound(RequestRefused):
    """There is no such user; pools that hide it say NotAuthorized or CodeMismatch instead."""

    code = "user_not_found"


class UserNotConfirmed(RequestRefused):
    """The user has signed up, and not confirmed the address yet."""

    code = "user_not_confirmed"


class PasswordResetRequired(RequestRefused):
    """An operator has reset the user's password."""

    code = "password_reset_required"


class AccountExists(RequestRefused):
    """The user name (sign-up) or a verified address (confirmation) belongs to an account."""

    code = "account_exists"


class CodeMismatch(RequestRefused):
    """A confirmation or one-time code is wrong."""

    code = "code_mismatch"


class ExpiredCode(RequestRefused):
    """A code is too old, or none was asked for."""

    code = "expired_code"


class CodeNotDelivered(RequestRefused):
    """A code could not be sent."""

    code = "code_not_delivered"


class PasswordRefused(RequestRefused):
    """A new password does not meet the pool's policy, or was used before."""

    code = "password_refused"
    message = "The new password does not meet the rules for passwords here."


class InvalidParameter(RequestRefused):
    """A value has a form that the pool does not take.

    `attributes` are the attributes of a user that the pool's words name, if they name any.
    """

    code = "invalid_parameter"
    message = "The user pool does not accept one of these values."

    def __init__(
        self,
        message: str | None = None,
        *,
        expected: object = None,
        received: object = None,
        attributes: frozenset[str] = frozenset(),
    ) -> None:
        super().__init__(message, expected=expected, received=received)
        self.attributes = attributes


class AttributeRequired(InvalidParameter):
    """The pool requires `attributes`, and the request does not have them."""

    code = "attribute_required"
    message = "The user pool requires another attribute of the user."


class RefusedByTrigger(RequestRefused):
    """A Lambda function of the pool refused on purpose (UserLambdaValidationException)."""

    code = "refused_by_trigger"


class NoSuchSecondFactor(RequestRefused):
    """The second factor is not set up for this user, or not to be had in this pool."""

    code = "no_such_second_factor"


class WrongUserState(RequestRefused):
    """An operator wants something of a user whose status does not allow it."""

    code = "wrong_user_state"
    message = "The user's status does not allow this."


class GroupNotFound(RequestRefused):
    """There is no such group in the pool."""

    code = "group_not_found"
    message = "There is no such group."


class GroupExists(RequestRefused):
    """There is a group of that name already."""

    code = "group_exists"
    message = "There is a group of that name already."


class TooManyRequests(RequestRefused):
    """The pool's quota of requests per second is used up. `retry_after` is in whole seconds."""

    code = "too_many_requests"
    message = "Too many requests. Try again later."
    retry_after: ClassVar[int] = 5


class TooManyAttempts(TooManyRequests):
    """One account's attempts are used up for a while, whoever made them."""

    code = "too_many_attempts"
    retry_after = 900


class CognitoUnavailable(CognitoError):
    """Cognito cannot be had right now.

    `retry_after` is in whole seconds. `reason` is for the operator's log, not for a caller; it
    holds no secret either. `dependency` names for the log what is unavailable.
    """

    code = "cognito_unavailable"
    message = "The sign-in service cannot be reached right now."
    dependency: ClassVar[str] = "Cognito"

    def __init__(
        self, message: str | None = None, *, retry_after: int = 10, reason: str = ""
    ) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.reason = reason


class TransportError(CognitoUnavailable):
    """An HTTP exchange did not complete within its limits of time and size."""

    code = "transport_error"


class NoTimeLeft(CognitoUnavailable):
    """A call that was not made, because the request had waited too long for something else."""

    code = "no_time_left"
    message = "The request took too long. Try again."
    dependency = "The time of the request"

    def __init__(self) -> None:
        super().__init__(retry_after=2, reason="earlier waits used it up")


class CredentialsUnavailable(CognitoUnavailable):
    """AWS does not give this application the credentials that calls for operators are signed with.

    Cognito was not asked.
    """

    code = "credentials_unavailable"
    message = "The AWS credentials of this application are unavailable right now."
    dependency = "The source of AWS credentials"


class KeysUnavailable(CognitoUnavailable):
    """The issuer's key set cannot be had, and the key that is needed is not known."""

    code = "keys_unavailable"
    message = "The keys that tokens are verified with cannot be fetched right now."
    dependency = "The key set"


class HostedUIUnavailable(CognitoUnavailable):
    """The hosted UI did not answer a token request properly."""

    code = "hosted_ui_unavailable"
    dependency = "The hosted UI"


class MalformedAnswer(CognitoUnavailable):
    """An answer without the members or types that it must have."""

    code = "malformed_answer"
    message = "The sign-in service gave an answer that makes no sense."


class OperationNotSupported(CognitoUnavailable):
    """The endpoint does not know the operation, as a local AWS may not. It is no outage.

    Trying again does not help, so `retry_after` means nothing here.
    """

    code = "operation_not_supported"
    message = "This user pool service does not support this operation."


class ClientRefused(CognitoUnavailable):
    """Our own configuration is wrong: client id, secret, allowed flows, or the pool's own set-up.

    It is logged as an error where it is found.
    """

    code = "client_refused"
    message = "The sign-in service does not accept this application. Its operator must act."


class Throttled(CognitoUnavailable):
    """The hosted UI, or the user pool's API at a refresh or a revocation, asks for patience."""

    code = "throttled"
    message = "The sign-in service is busy."
