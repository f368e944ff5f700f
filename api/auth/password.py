"""The reset of forgotten passwords."""

from __future__ import annotations

from typing import Any

from accounts import conf
from accounts.audit import trail
from accounts.sign_up import password_resets
from api.auth.codes import RequestCodeView, UseCodeView
from api.auth.serializers import ResetPasswordRequest
from cognito.user_pool import password


class ForgotPasswordView(RequestCodeView):
    """`POST auth/forgot-password`."""

    next_step = "reset-password"

    def send(self, email: str) -> None:
        """Send a code for a new password."""
        password.forgot_password(conf.pool_client(), username=email)


class ResetPasswordView(UseCodeView):
    """`POST auth/reset-password`. It ends all earlier sign-ins."""

    takes = ResetPasswordRequest
    action = trail.Action.PASSWORD_RESET
    password_field = "new_password"  # noqa: S105 # the name of a field

    def use(self, fields: dict[str, Any]) -> None:
        """Set the new password."""
        password_resets.reset_password(
            email=fields["email"], code=fields["code"], new_password=fields["new_password"]
        )
