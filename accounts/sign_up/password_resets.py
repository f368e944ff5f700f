"""Reset a forgotten password, and end all sign-ins with the old one."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import TYPE_CHECKING

from accounts import conf
from accounts.sign_out import sign_out
from cognito.errors import CognitoUnavailable, MalformedAnswer, UserNotFound
from cognito.user_pool import password

if TYPE_CHECKING:
    from cognito.directory.records import DirectoryUser

logger = logging.getLogger(__name__)


def reset_password(*, email: str, code: str, new_password: str) -> None:
    """Set a new password with a code, and end all earlier sign-ins of the account.

    The pool is first asked for the user. If it is unavailable, nothing is reset, because the old
    sign-ins could not be ended. An unknown address takes the same calls as a known one.

    Raises:
        RequestRefused: the pool refused the code or the password.
        CognitoUnavailable: the password may be reset or not. Try again.
    """
    directory = conf.directory()
    user: DirectoryUser | None = None
    with suppress(UserNotFound):
        user = directory.user(email)
    try:
        password.reset_password(
            conf.pool_client(), username=email, code=code, new_password=new_password
        )
    except CognitoUnavailable as error:
        # The answer tells the caller to try again, and the second reset ends the sign-ins.
        logger.warning(
            "A password may have been reset without ending earlier sign-ins: %s",
            error.reason or error.code,
        )
        raise
    if user is None:
        logger.error("A password was reset, but the user pool does not know the account.")
        raise MalformedAnswer
    sign_out.end_earlier_sign_ins(user)
