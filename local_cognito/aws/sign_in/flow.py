"""What a user must prove next, until the tokens.

https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-step-up-authentication.html
"""

from __future__ import annotations

import json

from local_cognito.aws.context import Answer, Context
from local_cognito.aws.ministack_pools import Record
from local_cognito.aws.service_errors import InvalidParameter, NotAuthorized, ServiceError
from local_cognito.aws.sign_in import factors, progress, second
from local_cognito.aws.sign_in.factors import FACTORS, Responses
from local_cognito.aws.sign_in.progress import Progress
from local_cognito.aws.tokens import issuing, levels
from local_cognito.aws.tokens.sign_ins import SignIn

SELECT, SELECT_SECOND = "SELECT_CHALLENGE", "SELECT_MFA_TYPE"
SET_UP, NEW_PASSWORD = "MFA_SETUP", "NEW_PASSWORD_REQUIRED"


def can_reach(pool: Record, user: Record | None, target: int, proven: tuple[str, ...]) -> bool:
    """Return whether the user has factors for a level."""
    if levels.level(proven) >= target:
        return True
    first = factors.available(pool, user)
    seconds = second.all_enabled(user)
    has_password = "PASSWORD" in first or levels.PASSWORD in proven
    has_code = second.SMS in seconds or second.EMAIL in seconds
    by_level = {
        1: bool(first),
        2: bool({"EMAIL_OTP", "SMS_OTP"} & set(first)),
        3: "WEB_AUTHN" in first or (has_password and has_code),
        4: has_password and second.TOTP in seconds,
    }
    # A higher level includes the lower ones.
    return any(by_level[level] for level in levels.LEVELS if level >= target)


def continue_with(context: Context, at: Progress, responses: Responses) -> Answer:
    """Return the next challenge, or the tokens. `responses` may answer the challenge at once."""
    user = at.user(context)
    if not at.methods or _lacks_first_factor(at):
        return _first_factor(context, at, responses)
    if user is None:
        raise NotAuthorized
    _require_no_reset(user)
    if levels.PASSWORD in at.methods and user.get("UserStatus") == "FORCE_CHANGE_PASSWORD":
        return _challenge(context, at, NEW_PASSWORD, _new_password_parameters(at, user))
    wanted = _second_factors(at.pool(context), user, at)
    if wanted == [SET_UP]:
        can_set_up = json.dumps([second.TOTP])
        return _challenge(context, at, SET_UP, {"MFAS_CAN_SETUP": can_set_up})
    if len(wanted) > 1:
        return _challenge(
            context, at, SELECT_SECOND, {"MFAS_CAN_CHOOSE": json.dumps(wanted)}, choices=wanted
        )
    if wanted:
        return begin(context, at, wanted[0], responses)
    return {"AuthenticationResult": _tokens(context, at, user)}


def begin(context: Context, at: Progress, challenge: str, responses: Responses) -> Answer:
    """Begin a factor. A response that contains its answer completes it at once."""
    at.state = {}
    if at.methods and challenge in second.METHODS:
        return _challenge(context, at, challenge, second.begin(context, at, challenge))
    factor = FACTORS[challenge]
    if challenge == "PASSWORD" and responses.get("PASSWORD"):
        proven = factor.check(context, at, responses)
        return prove(context, at, proven)
    if challenge == "PASSWORD_SRP" and not responses.get("SRP_A"):
        return _challenge(context, at, challenge, {})
    parameters = factor.begin(context, at, responses)
    return _challenge(context, at, factor.next_challenge or challenge, parameters)


def prove(context: Context, at: Progress, methods: tuple[str, ...]) -> Answer:
    """Add what is proven, and continue."""
    if not at.methods:
        at.proven_at = context.clock()
    at.methods = (*at.methods, *methods)
    return continue_with(context, at, {})


def _first_factor(context: Context, at: Progress, responses: Responses) -> Answer:
    choices = first_choices(context, at)
    if not choices:
        raise NotAuthorized("No sign-in method is available for this user.")
    preferred = responses.get("PREFERRED_CHALLENGE")
    if preferred in choices:
        answer = begin(context, at, preferred, responses)
    # As on AWS, a user with a single factor does not choose. The two forms of a password are two.
    elif len(choices) == 1 and choices[0] in {"EMAIL_OTP", "SMS_OTP", "WEB_AUTHN"}:
        answer = begin(context, at, choices[0], responses)
    else:
        answer = _challenge(context, at, SELECT, {}, choices=choices)
    if "ChallengeName" in answer:
        answer["AvailableChallenges"] = choices
    return answer


def first_choices(context: Context, at: Progress) -> list[str]:
    """Return the first factors that lead to the target."""
    pool, user = at.pool(context), at.user(context)
    available = factors.available(pool, user, at.typed)
    if not at.target:
        return available
    seconds = second.all_enabled(user)
    leads_to = {
        "EMAIL_OTP": 2,
        "SMS_OTP": 2,
        "WEB_AUTHN": 3,
        "PASSWORD": 4 if second.TOTP in seconds else 3 if seconds else 1,
    }
    leads_to["PASSWORD_SRP"] = leads_to["PASSWORD"]
    return [name for name in available if leads_to[name] >= at.target]


def _lacks_first_factor(at: Progress) -> bool:
    """Return whether only another first factor leads from what is proven to the target."""
    return levels.level(at.methods) < at.target and levels.PASSWORD not in at.methods


def _second_factors(pool: Record, user: Record, at: Progress) -> list[str]:
    """Return the second factors to choose from; none if enough is proven."""
    is_on = pool.get("MfaConfiguration", "OFF") != "OFF"
    usable = [name for name in second.enabled(user) if second.METHODS[name] not in at.methods]
    if levels.level(at.methods) < at.target:
        needed = {4: {second.TOTP}, 3: {second.SMS, second.EMAIL, second.TOTP}}
        allowed = needed.get(at.target, set(second.METHODS))
        leading = [name for name in second.all_enabled(user) if name in allowed]
        if not leading:
            raise NotAuthorized("The user has no factors for the requested level.")
        return leading
    # A required second factor is a floor, whatever the client asks for. The same code, sent
    # again, would not be another factor.
    if not is_on or len(set(at.methods)) > 1 or at.is_multi_factor:
        return []
    if not usable and pool["MfaConfiguration"] == "ON" and not second.all_enabled(user):
        return [SET_UP]
    return usable


def require_enabled(user: Record | None) -> None:
    """Refuse what AWS refuses before it looks at a password or code. Raises ServiceError."""
    if user is None:
        return
    if not user.get("Enabled", True):
        raise NotAuthorized("User is disabled.")
    if user.get("UserStatus") == "UNCONFIRMED":
        raise ServiceError("UserNotConfirmedException", "User is not confirmed.")


def _require_no_reset(user: Record) -> None:
    if user.get("UserStatus") == "RESET_REQUIRED":
        raise ServiceError("PasswordResetRequiredException", "Password reset required for the user")


def _challenge(
    context: Context,
    at: Progress,
    name: str,
    parameters: dict[str, str],
    *,
    choices: list[str] | None = None,
) -> Answer:
    at.awaited = name
    at.attempts = 0
    if choices is not None:
        at.state = {"choices": choices}
    answer: Answer = {
        "ChallengeName": name,
        "ChallengeParameters": {"USERNAME": at.typed, **parameters},
        "Session": progress.begin(context, at),
    }
    if name == SELECT:
        answer["AvailableChallenges"] = choices
    return answer


def _new_password_parameters(at: Progress, user: Record) -> dict[str, str]:
    known = {attribute["Name"]: attribute["Value"] for attribute in user["Attributes"]}
    return {
        "USER_ID_FOR_SRP": at.username or "",
        "requiredAttributes": "[]",
        "userAttributes": json.dumps(known),
    }


def _tokens(context: Context, at: Progress, user: Record) -> Answer:
    sign_in = SignIn(auth_time=int(at.proven_at), methods=at.methods, shows_level=at.shows_level)
    return issuing.issue(
        context,
        at.pool(context),
        at.client(context),
        user,
        sign_in,
        client_metadata=at.metadata,
    )


def set_new_password(context: Context, at: Progress, responses: Responses) -> None:
    """Replace a temporary password. Raises ServiceError."""
    user, password = at.user(context), responses.get("NEW_PASSWORD")
    if not user or not password:
        raise InvalidParameter("Missing required parameter NEW_PASSWORD")
    context.pools.require_password(at.pool(context), password)
    user |= {"_password": password, "UserStatus": "CONFIRMED"}
    user["UserLastModifiedDate"] = context.clock()
