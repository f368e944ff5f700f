"""Keep versions of the pools, and refuse changes of a pool while it is recovered."""
# ruff: noqa: SLF001

from __future__ import annotations

from typing import Any

from local_cognito.aws.context import Context, Request
from local_cognito.aws.dispatcher import Dispatch, RawAnswer, raw_error
from local_cognito.aws.ministack_pools import Record
from local_cognito.aws.recovery import restorations
from local_cognito.aws.service_errors import NotFound, ServiceError

_READS = ("AdminGet", "AdminList", "Describe", "Get", "List", "LocalSetClock")
# The operations that write users and groups. Sign-ins and refreshes continue.
_PAUSED = """
    AdminAddUserToGroup AdminConfirmSignUp AdminCreateUser AdminDeleteSoftwareToken AdminDeleteUser
    AdminDeleteUserAttributes AdminDisableProviderForUser AdminDisableUser AdminEnableUser
    AdminForgetDevice AdminLinkProviderForUser AdminRemoveUserFromGroup AdminResetUserPassword
    AdminSetUserMFAPreference AdminSetUserPassword AdminSetUserSettings AdminUpdateDeviceStatus
    AdminUpdateUserAttributes AssociateSoftwareToken ChangePassword CompleteWebAuthnRegistration
    ConfirmDevice ConfirmForgotPassword ConfirmSignUp CreateGroup CreateUserImportJob DeleteGroup
    DeleteUser DeleteUserAttributes DeleteWebAuthnCredential ForgetDevice ForgotPassword
    ResendConfirmationCode SetUserMFAPreference SetUserSettings SignUp StartUserImportJob
    UpdateDeviceStatus UpdateGroup UpdateUserAttributes VerifySoftwareToken VerifyUserAttribute
"""
_PAUSED_NAMES = frozenset(_PAUSED.split())
_CHALLENGES = frozenset({"MFA_SETUP", "NEW_PASSWORD_REQUIRED", "SOFTWARE_TOKEN_MFA"})


def install(cognito: Any, context: Context) -> None:
    """Put this in front of all operations of the user pool's API."""
    cognito._dispatch_idp = pausing(cognito._dispatch_idp, cognito, context)


def pausing(others: Dispatch, cognito: Any, context: Context) -> Dispatch:
    async def dispatch(action: str, request: Any) -> RawAnswer:
        pools = [pool for _, pool in cognito._user_pools.all_items()]
        context.history.keep(pools, context.clock())
        if isinstance(request, dict) and _is_paused(action, request):
            pool = _pool(request, context)
            if pool is not None and restorations.is_active(context, pool):
                return raw_error(
                    ServiceError(
                        "OperationNotEnabledException",
                        "Changes of the user pool are paused by a point-in-time recovery.",
                    )
                )
        try:
            return await others(action, request)
        finally:
            if not action.startswith(_READS):
                context.history.note_change(context.clock())

    return dispatch


def _is_paused(action: str, request: Request) -> bool:
    return action in _PAUSED_NAMES or request.get("ChallengeName") in _CHALLENGES


def _pool(request: Request, context: Context) -> Record | None:
    """Return the pool of a request, which is not checked yet."""
    token, client_id = request.get("AccessToken"), request.get("ClientId")
    try:
        if isinstance(client_id, str):
            return context.pools.pool_of_client(client_id)[0]
        if isinstance(token, str):
            claims = context.pools.unverified_claims(token)
            return context.pools.pool(str(claims.get("iss", "")).rpartition("/")[2])
        return context.pools.pool(str(request.get("UserPoolId")))
    except NotFound:
        return None
