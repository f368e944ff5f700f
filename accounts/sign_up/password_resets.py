"""Resetting a forgotten password, which ends every sign-in made with the old one."""

from __future__ import annotations

import logging
from contextlib import suppress

from accounts import conf
from accounts.sign_out import sign_out
from cognito.directory.records import DirectoryUser
from cognito.errors import CognitoUnavailable, MalformedAnswer, UserNotFound
from cognito.user_pool import password

logger = logging.getLogger(__name__)


def reset_password(*, email: str, code: str, new_password: str) -> None:
    """Set a new password by a mailed code, and end every earlier sign-in of the account.

    The pool is asked first who the account belongs to. If it cannot tell, nothing is reset: the old
    sign-ins would stay. An unknown address takes the same calls as a known one.

    Raises:
        RequestRefused: the code or the password was refused.
        CognitoUnavailable: it is unknown whether the password was reset; try again.
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
        # The caller is told to try again, and a second reset ends them.
        logger.warning(
            "A password may have been reset without ending earlier sign-ins: %s",
            error.reason or error.code,
        )
        raise
    if user is None:
        logger.error("A password was reset, but the user pool does not know the account.")
        raise MalformedAnswer
    sign_out.end_earlier_sign_ins(user)
