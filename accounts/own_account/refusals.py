"""What the user pool's refusals are about, when users change their own accounts.

The pages of the account and `api/me/` use the same tables.
"""

from __future__ import annotations

from cognito import errors

# The sign-in has ended, or the state of the account allows no change. No value that the user sent
# is wrong.
SIGN_IN_AGAIN = (
    errors.NotAuthorized,
    errors.UserNotFound,
    errors.UserNotConfirmed,
    errors.PasswordResetRequired,
)
# The field of a form, or of the body of a request.
FIELDS: dict[type[errors.RequestRefused], str] = {
    errors.WrongPassword: "old_password",
    errors.PasswordRefused: "new_password",
    errors.CodeMismatch: "code",
    errors.ExpiredCode: "code",
}
