"""Everything that can go wrong between this application and Cognito, and the words for it.

CognitoError
├── TokenError                  a token is invalid: the caller is to blame, 401
│   ├── MalformedToken          not a compact JWS (RFC 7515 section 7.1) of JSON objects
│   ├── UnsupportedAlgorithm    `alg` is not RS256, or `crit`, `b64` or `typ` asks for more
│   ├── UnknownKey              no usable key of that `kid` in the issuer's key set
│   ├── BadSignature            the signature is not the named key's over this token
│   ├── MissingClaim            a required claim is missing
│   ├── InvalidClaim            a claim of the wrong type or form
│   ├── WrongIssuer             `iss` is not exactly one of the trusted issuers
│   ├── WrongClient             `client_id` or `aud` is not one of ours
│   ├── WrongAudience           `aud` of an access token does not name this API (RFC 8707)
│   ├── WrongTokenUse           an ID token where an access token is needed, or the reverse
│   ├── TokenExpired            `exp` has passed
│   ├── TokenNotYetValid        `nbf` or `iat` is further in the future than clocks may differ
│   ├── LifetimeTooLong         longer than any Cognito token lives
│   ├── WrongNonce              the ID token answers another sign-in (OpenID Connect 3.1.3.7)
│   └── WrongAccessToken        `at_hash` or `sub` belongs to another access token
├── SignInError                 a sign-in at the hosted UI did not succeed: start again, 4xx
│   ├── SignInRefused           the user cancelled, or an unknown OAuth error came back
│   ├── SignInNotFinished       the user has to do something at the hosted UI first
│   ├── SignInMisconfigured     an OAuth error that only an operator can fix
│   ├── GrantRefused            the code or refresh token is spent, expired, revoked or not ours
│   │   └── RefreshTokenReuse   it was used after its successor, and after the grace period
│   ├── AnotherUser             another user signed in to confirm a session
│   ├── SignInNotRecent         a sign-in that was to confirm a session is an old one
│   ├── SignInTooWeak           a sign-in that was to confirm a session lacks a factor
│   └── InvalidTransaction      the callback does not belong to a sign-in of this browser
├── RequestRefused              the user pool's API refuses: the caller is to blame, 4xx
│   ├── NotAuthorized           a wrong password, or a session or token that has ended
│   ├── WrongPassword           the old one, from a user whose token is valid
│   ├── UserNotFound            pools that hide it say NotAuthorized or CodeMismatch instead
│   ├── UserNotConfirmed        the user has signed up, and not confirmed the address yet
│   ├── PasswordResetRequired   an operator demands a new password
│   ├── AccountExists           another account has the user name or the verified address
│   ├── CodeMismatch            a wrong confirmation or one-time code
│   ├── ExpiredCode             a code is too old, or none was asked for
│   ├── CodeNotDelivered        a code could not be sent
│   ├── PasswordRefused         the pool's policy forbids it, or it was used before
│   ├── InvalidParameter        a value that the pool does not accept
│   │   └── AttributeRequired   an attribute of the user that the pool requires is missing
│   ├── RefusedByTrigger        a Lambda function of the pool refused on purpose
│   ├── ScopeNotHeld            a token of a caller lacks the scopes for a derived token
│   ├── NoSuchSecondFactor      it is not set up for this user, or not available in this pool
│   ├── ChoiceUnavailable       the app client or the pool's tier allows no sign-in by choice
│   ├── PasskeysUnavailable     the pool does not allow passkeys, or lacks their set-up
│   ├── PasskeyRefused          the response of a passkey is wrong, late or of another site
│   ├── PasskeyNotFound         the user has no passkey of that id
│   ├── LastFactor              the user could not sign in any more
│   ├── SessionNotFound         the user has no such session
│   ├── SessionsNotTracked      the pool does not track the sessions of users
│   ├── DevicesNotRemembered    the pool does not remember devices
│   ├── DeviceNotFound          the user has no such remembered device
│   ├── WrongUserState          the user's status does not allow what an operator wants
│   ├── GroupNotFound
│   ├── GroupExists
│   └── TooManyRequests         a quota of the pool: wait for `retry_after` seconds, 429
│       └── TooManyAttempts     the same, for one account
└── CognitoUnavailable          unavailable: try again after `retry_after`, 502 or 503
    ├── TransportError          no answer, or not in time, or too long
    ├── NoTimeLeft              not asked: earlier waits took the time that the request had
    ├── CredentialsUnavailable  not asked: the source of AWS credentials for operators' calls failed
    ├── KeysUnavailable         the issuer's key set is unavailable, and the key is not known
    ├── HostedUIUnavailable     the hosted UI's token endpoint failed
    ├── MalformedAnswer         an answer without the members or types that it must have
    │   └── TokenTooLong        a token that is longer than servers and gateways pass on
    ├── OperationNotSupported   an endpoint that is not AWS's lacks the operation, 501
    ├── ClientRefused           our client or the pool is configured wrongly: an operator must act
    └── Throttled               the hosted UI, or the pool at a refresh or revocation, is busy

This is the one table of words. Each error has a stable `code`, on which clients may rely; the
`status` of an HTTP answer; a `title` that says what is wrong, and an `advice` that says what to do.
Pages show title and advice, and the API and the console the `message` that is made of both. None
holds a key, claim value, token or name of a library. What was expected and what came is in
`expected` and `received`, for code that catches the error; neither is part of `str(error)`.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import ClassVar


class CognitoError(Exception):
    """The root of the tree. It is never raised itself."""

    code: ClassVar[str] = "cognito_error"
    status: ClassVar[HTTPStatus] = HTTPStatus.BAD_GATEWAY
    title: ClassVar[str] = "Something went wrong at Amazon Cognito"
    advice: ClassVar[str] = ""
    message: ClassVar[str] = f"{title}."

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.message = f"{cls.title}. {cls.advice}".rstrip()

    def __init__(
        self, message: str | None = None, *, expected: object = None, received: object = None
    ) -> None:
        super().__init__(message or self.message)
        self.expected = expected
        self.received = received


class TokenError(CognitoError):
    code = "invalid_token"
    status = HTTPStatus.UNAUTHORIZED
    title = "The token is not valid"


class MalformedToken(TokenError):
    code = "malformed_token"
    title = "The token is not a well-formed signed JWT"


class UnsupportedAlgorithm(TokenError):
    code = "unsupported_algorithm"
    title = "The token is not signed in the way this service accepts"


class UnknownKey(TokenError):
    code = "unknown_key"
    title = "The token is signed with a key that its issuer does not publish"


class BadSignature(TokenError):
    code = "bad_signature"
    title = "The token's signature does not match"


class MissingClaim(TokenError):
    code = "missing_claim"
    title = "The token lacks a required claim"


class InvalidClaim(TokenError):
    code = "invalid_claim"
    title = "The token has a claim of the wrong form"


class WrongIssuer(TokenError):
    code = "wrong_issuer"
    title = "The token was not issued by this service's user pool"


class WrongClient(TokenError):
    code = "wrong_client"
    title = "The token was issued to an app client that this service does not accept"


class WrongAudience(TokenError):
    code = "wrong_audience"
    title = "The token was not issued for this API"
    advice = "Request a token for this API, by its address in the parameter `resource`."


class WrongTokenUse(TokenError):
    code = "wrong_token_use"
    title = "This kind of token is not accepted here"


class TokenExpired(TokenError):
    code = "token_expired"
    title = "The token has expired"


class TokenNotYetValid(TokenError):
    code = "token_not_yet_valid"
    title = "The token is not valid yet"


class LifetimeTooLong(TokenError):
    code = "lifetime_too_long"
    title = "The token's lifetime is longer than its issuer allows"


class WrongNonce(TokenError):
    code = "wrong_nonce"
    title = "The token does not belong to this sign-in"


class WrongAccessToken(TokenError):
    code = "wrong_access_token"
    title = "The tokens do not belong together"


class SignInError(CognitoError):
    """A sign-in that failed.

    `reason` is for the log and the audit trail. It is the code, with the OAuth error if that is in
    a closed list.
    """

    code = "sign_in_failed"
    status = HTTPStatus.BAD_REQUEST
    title = "The sign-in did not succeed"

    def __init__(
        self,
        message: str | None = None,
        *,
        expected: object = None,
        received: object = None,
        reason: str = "",
    ) -> None:
        super().__init__(message, expected=expected, received=received)
        self.reason = reason or self.code


class SignInRefused(SignInError):
    """The hosted UI sent an OAuth error to the callback (RFC 6749 section 4.1.2.1)."""

    code = "sign_in_refused"
    title = "You were not signed in"
    advice = "The sign-in was cancelled or refused. Nothing has changed."


class SignInNotFinished(SignInError):
    """The hosted UI cannot go on without the user (OpenID Connect Core 1.0 section 3.1.2.6)."""

    code = "sign_in_not_finished"
    title = "You are not signed in yet"
    advice = (
        "The sign-in service needs something from you first. Start again, and follow its pages."
    )


class SignInMisconfigured(SignInError):
    """The hosted UI refuses the request of this application. This is logged as an error."""

    code = "sign_in_misconfigured"
    title = "The sign-in service refused this sign-in"
    advice = "Try again. If it happens again, tell the operators of this site."


class GrantRefused(SignInError):
    code = "grant_refused"
    title = "This sign-in has expired"
    advice = "Its code was used already or is too old. Nothing has changed."


class RefreshTokenReuse(GrantRefused):
    """It shares the code of its parent: only code that refreshes tokens distinguishes them."""


class AnotherUser(SignInError):
    code = "another_user"
    title = "You signed in as another user"
    advice = "Try again, and sign in with the account of this session."


class SignInNotRecent(SignInError):
    """The hosted UI ignored `max_age` and `prompt`, or reports no valid `auth_time`."""

    code = "sign_in_not_recent"
    title = "The sign-in service did not ask you to sign in again"
    advice = "Sign out, sign in again, and repeat what you wanted to do."


class SignInTooWeak(SignInError):
    """The `acr` of the ID token is missing, or lower than what was asked for."""

    code = "sign_in_too_weak"
    title = "This needs a stronger sign-in"
    advice = "Try again with your second factor or passkey. Set one up first if you have none."


class InvalidTransaction(SignInError):
    code = "invalid_transaction"
    title = "This sign-in is not in progress any more"
    advice = (
        "It took more than 15 minutes, was finished in another tab, or began in another browser. "
        "Your browser must accept the cookies of this site."
    )


class RequestRefused(CognitoError):
    """`received` is the name of the API's exception.

    Its text is never passed on, because it reveals who has an account and how the pool is
    configured.

    Sources: the errors of each operation in the API reference, and
    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/CommonErrors.html
    """

    code = "request_refused"
    status = HTTPStatus.CONFLICT
    title = "The sign-in service does not allow this"


class NotAuthorized(RequestRefused):
    """NotAuthorizedException has about a dozen meanings. Only its text distinguishes them."""

    code = "not_authorized"
    title = "The sign-in service does not accept these credentials"


class WrongPassword(RequestRefused):
    code = "wrong_password"
    title = "This is not your password"


class UserNotFound(RequestRefused):
    code = "user_not_found"
    status = HTTPStatus.NOT_FOUND
    title = "There is no such user"


class UserNotConfirmed(RequestRefused):
    code = "user_not_confirmed"
    title = "The user's address is not confirmed yet"


class PasswordResetRequired(RequestRefused):
    code = "password_reset_required"
    title = "The password has to be reset first"


class AccountExists(RequestRefused):
    code = "account_exists"
    title = "This e-mail address is already in use"


class CodeMismatch(RequestRefused):
    code = "code_mismatch"
    title = "This code is wrong, or too old"


class ExpiredCode(RequestRefused):
    code = "expired_code"
    # No answer reveals whether a code was ever sent.
    title = CodeMismatch.title


class CodeNotDelivered(RequestRefused):
    code = "code_not_delivered"
    title = "No message could be sent to this address"


class PasswordRefused(RequestRefused):
    code = "password_refused"
    title = "This does not meet the rules for passwords here"


class InvalidParameter(RequestRefused):
    """`attributes` are the user attributes that the text of the pool's error names, if any."""

    code = "invalid_parameter"
    title = "The user pool does not accept this value"

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
    code = "attribute_required"
    title = "The user pool requires another attribute of the user"


class RefusedByTrigger(RequestRefused):
    code = "refused_by_trigger"
    title = "The user pool refuses this user"


class ScopeNotHeld(RequestRefused):
    """`expected` has the scopes of which the token needs at least one."""

    code = "scope_not_held"
    status = HTTPStatus.FORBIDDEN
    title = "The token lacks the scopes for this"


class NoSuchSecondFactor(RequestRefused):
    code = "no_such_second_factor"
    title = "There is no such second factor to set up or to use here"


class ChoiceUnavailable(RequestRefused):
    code = "sign_in_by_choice_unavailable"
    title = "This service signs users in with a password only"
    advice = "Send `password`, without `acr_values`."


class PasskeysUnavailable(RequestRefused):
    code = "passkeys_unavailable"
    title = "This service does not support passkeys"


class PasskeyRefused(RequestRefused):
    code = "passkey_refused"
    title = "This passkey was not accepted"
    advice = "Start again, and use a passkey of this site."


class PasskeyNotFound(RequestRefused):
    code = "passkey_not_found"
    status = HTTPStatus.NOT_FOUND
    title = "You have no such passkey"


class LastFactor(RequestRefused):
    code = "last_factor"
    title = "This is the only way to sign in to this account"
    advice = "Set a password or add another passkey first."


class SessionNotFound(RequestRefused):
    code = "session_not_found"
    status = HTTPStatus.NOT_FOUND
    title = "There is no such session of the user"


class SessionsNotTracked(RequestRefused):
    code = "sessions_not_tracked"
    title = "The user pool does not track the sessions of users"


class DevicesNotRemembered(RequestRefused):
    code = "devices_not_remembered"
    title = "The user pool does not remember devices"


class DeviceNotFound(RequestRefused):
    code = "device_not_found"
    status = HTTPStatus.NOT_FOUND
    title = "There is no such remembered device of the user"


class WrongUserState(RequestRefused):
    code = "wrong_user_state"
    title = "The user's status does not allow this"


class GroupNotFound(RequestRefused):
    code = "group_not_found"
    status = HTTPStatus.NOT_FOUND
    title = "There is no such group"


class GroupExists(RequestRefused):
    code = "group_exists"
    title = "There is a group of that name already"


class TooManyRequests(RequestRefused):
    code = "too_many_requests"
    status = HTTPStatus.TOO_MANY_REQUESTS
    title = "Too many requests"
    advice = "Try again later."
    retry_after: ClassVar[int] = 5


class TooManyAttempts(TooManyRequests):
    code = "too_many_attempts"
    title = "There were too many attempts for this account"
    retry_after = 900


class CognitoUnavailable(CognitoError):
    """`retry_after` is in whole seconds.

    `reason` and `dependency`, the name of what is unavailable, are for the log. Neither is for a
    caller, and neither contains a secret.
    """

    code = "cognito_unavailable"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    title = "The sign-in service cannot be reached right now"
    advice = "Wait a moment, then try again."
    dependency: ClassVar[str] = "Cognito"

    def __init__(
        self, message: str | None = None, *, retry_after: int = 10, reason: str = ""
    ) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.reason = reason


class TransportError(CognitoUnavailable):
    code = "transport_error"


class NoTimeLeft(CognitoUnavailable):
    code = "no_time_left"
    title = "This took too long"
    dependency = "The time of the request"

    def __init__(self) -> None:
        super().__init__(retry_after=2, reason="earlier waits used it up")


class CredentialsUnavailable(CognitoUnavailable):
    code = "credentials_unavailable"
    title = "The AWS credentials of this application are unavailable right now"
    dependency = "The source of AWS credentials"


class KeysUnavailable(CognitoUnavailable):
    code = "keys_unavailable"
    title = "The signing keys are unavailable right now"
    dependency = "The key set"


class HostedUIUnavailable(CognitoUnavailable):
    code = "hosted_ui_unavailable"
    title = "The sign-in service has a fault"
    dependency = "The hosted UI"


class MalformedAnswer(CognitoUnavailable):
    code = "malformed_answer"
    title = "The sign-in service sent an invalid answer"


class TokenTooLong(MalformedAnswer):
    title = "Your account is in too many groups"
    advice = "This site does not accept such a long list of groups. Ask an operator to shorten it."


class OperationNotSupported(CognitoUnavailable):
    """This is not an outage. Another try fails as well, so `retry_after` has no meaning here."""

    code = "operation_not_supported"
    status = HTTPStatus.NOT_IMPLEMENTED
    title = "This user pool service does not support this operation"
    advice = ""


class ClientRefused(CognitoUnavailable):
    """The code that finds this error also writes it to the log."""

    code = "client_refused"
    title = "The sign-in service does not accept this application"
    advice = "Its configuration is wrong. Tell the operators of this site: their log says why."


class Throttled(CognitoUnavailable):
    code = "throttled"
    title = "The sign-in service is busy"
    advice = "Try again in a minute."
