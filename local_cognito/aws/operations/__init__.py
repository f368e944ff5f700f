"""Operations of the user pool's API that MiniStack lacks. One module for each family.

To add an operation:

1. Write a function in the module of its family. It takes the request and the Context, and returns
   the answer or raises ServiceError:

       def update_group(request: Request, context: Context) -> Answer:
           pool = context.pools.pool(request["UserPoolId"])
           ...
           return {"Group": {...}}

   The request has the types, the required members and the bounds of AWS's service model when the
   function is called. An access token in it is valid, and has the scope
   `aws.cognito.signin.user.admin`.
2. Add it to OPERATIONS.
3. Run `.venvs/app/bin/python -m local_cognito.aws.model`, which adds its shapes to
   service_model.json, and `.venvs/app/bin/python -m docs.local_operations`, which updates the table
   in docs/local-stack.md.
4. Test it through boto3 in tests/local_cognito/aws/operations/.

An operation that MiniStack has, but not for every request, is declared with `only_if`: MiniStack
answers all other requests.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from local_cognito.aws import triggers
from local_cognito.aws.context import Answer, Context, Request
from local_cognito.aws.operations import (
    auth_factors,
    client_secrets,
    derived_token,
    devices,
    first_password,
    groups,
    hosted_passkeys,
    hosted_ui,
    migration,
    passkeys,
    recovery,
    sessions,
    sign_up,
    user_auth,
    user_import,
    verification,
)
from local_cognito.aws.tokens import rotation

Function = Callable[[Request, Context], Answer]


@dataclass(frozen=True)
class Operation:
    """A function, and the requests that it answers.

    `only_if` returns whether the function answers a request, which is not yet checked. None stands
    for all requests: MiniStack lacks the operation. `requests` says which ones, for the docs.
    `unchecked` are members that the function checks itself.
    """

    function: Function
    only_if: Callable[[Request, Context], bool] | None = None
    requests: str = ""
    unchecked: frozenset[str] = frozenset()


def _always(request: Request, context: Context) -> bool:
    del request, context
    return True


# The operations of AWS's service model.
OPERATIONS: Mapping[str, Operation] = {
    "AddUserPoolClientSecret": Operation(client_secrets.add_secret),
    "AdminDeleteSoftwareToken": Operation(auth_factors.admin_delete_software_token),
    "AdminForgetDevice": Operation(devices.admin_forget_device),
    "AdminGetUserAuthFactors": Operation(auth_factors.admin_get_user_auth_factors),
    "AdminInitiateAuth": Operation(
        user_auth.initiate_auth, user_auth.begins, "`USER_AUTH`, passwords from elsewhere"
    ),
    "AdminListDevices": Operation(devices.admin_list_devices),
    "AdminListUserSessions": Operation(sessions.admin_list_user_sessions),
    "AdminRespondToAuthChallenge": Operation(user_auth.respond, user_auth.continues, "`USER_AUTH`"),
    "AdminRevokeUserSession": Operation(sessions.admin_revoke_user_session),
    "AssociateSoftwareToken": Operation(
        user_auth.associate_software_token, user_auth.continues, "in a sign-in with `USER_AUTH`"
    ),
    "CancelPointInTimeRecovery": Operation(recovery.cancel),
    "ChangePassword": Operation(
        first_password.change_password,
        first_password.has_no_former,
        "the first password of a user who signed up without one",
    ),
    "CompleteWebAuthnRegistration": Operation(passkeys.complete_registration),
    "ConfirmSignUp": Operation(
        sign_up.confirm_sign_up, sign_up.allows_choice, "sign-ups that continue as a sign-in"
    ),
    "CreateUserImportJob": Operation(user_import.create_job),
    "DeleteUserPoolClientSecret": Operation(client_secrets.delete_secret),
    "DeleteWebAuthnCredential": Operation(passkeys.delete_passkey),
    "DescribePointInTimeRecovery": Operation(recovery.describe),
    "DescribeUserImportJob": Operation(user_import.describe_job),
    "ForgotPassword": Operation(
        migration.forgot_password, triggers.migrates_reset, "the UserMigration trigger"
    ),
    "GetCSVHeader": Operation(user_import.get_csv_header),
    "GetDerivedToken": Operation(derived_token.get_derived_token),
    "GetTokensFromRefreshToken": Operation(
        rotation.get_tokens,
        _always,
        "rotation, expiry and client secrets",
        # Secrets of app clients that MiniStack created have other characters.
        unchecked=frozenset({"ClientSecret"}),
    ),
    "GetUserAttributeVerificationCode": Operation(verification.get_code),
    "GetUserAuthFactors": Operation(auth_factors.get_user_auth_factors),
    "GetUserPoolClientSessionConfiguration": Operation(sessions.get_client_configuration),
    "GetUserPoolSessionConfiguration": Operation(sessions.get_pool_configuration),
    "InitiateAuth": Operation(
        user_auth.initiate_auth,
        user_auth.begins,
        "`USER_AUTH`, passwords from elsewhere, refusals of refreshes that must rotate",
    ),
    "InitiatePointInTimeRecovery": Operation(recovery.initiate),
    "ListPointInTimeRecoveries": Operation(recovery.list_all),
    "ListUserImportJobs": Operation(user_import.list_jobs),
    "ListUserPoolClientSecrets": Operation(client_secrets.list_secrets),
    "ListUserSessions": Operation(sessions.list_user_sessions),
    "ListWebAuthnCredentials": Operation(passkeys.list_passkeys),
    "RespondToAuthChallenge": Operation(user_auth.respond, user_auth.continues, "`USER_AUTH`"),
    "RevokeUserSession": Operation(sessions.revoke_user_session),
    "SetUserPoolClientSessionConfiguration": Operation(sessions.set_client_configuration),
    "SetUserPoolSessionConfiguration": Operation(sessions.set_pool_configuration),
    "SignUp": Operation(
        sign_up.sign_up,
        sign_up.allows_choice,
        "sign-ups without a password, or that continue as a sign-in",
    ),
    "StartPointInTimeRecovery": Operation(recovery.start),
    "StartUserImportJob": Operation(user_import.start_job),
    "StartWebAuthnRegistration": Operation(passkeys.start_registration),
    "StopUserImportJob": Operation(user_import.stop_job),
    "UpdateGroup": Operation(groups.update_group),
    "UpdateUserAttributes": Operation(
        verification.update_user_attributes,
        verification.changes_address,
        "codes for a new e-mail address or phone number",
    ),
    "VerifySoftwareToken": Operation(
        user_auth.verify_software_token, user_auth.continues, "in a sign-in with `USER_AUTH`"
    ),
    "VerifyUserAttribute": Operation(verification.verify_user_attribute),
}

# For the local hosted UI and for tests.
PRIVATE_OPERATIONS: Mapping[str, Function] = {
    "LocalCompletePasskeyRegistration": hosted_passkeys.complete_registration,
    "LocalCompletePasskeySignIn": hosted_passkeys.complete_sign_in,
    "LocalStartPasskeyRegistration": hosted_passkeys.start_registration,
    "LocalStartPasskeySignIn": hosted_passkeys.start_sign_in,
    "LocalBeginHostedSession": hosted_ui.begin_session,
    "LocalCheckClientSecret": hosted_ui.check_client_secret,
    "LocalCreateAuthorizationCode": hosted_ui.create_code,
    "LocalEndHostedSession": hosted_ui.end_session,
    "LocalSetClock": hosted_ui.set_clock,
}
