"""Generate temporary passwords for invitations."""

from __future__ import annotations

import secrets

# Characters that look alike in some fonts are left out.
_LOWER = "abcdefghijkmnpqrstuvwxyz"
_UPPER = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_DIGITS = "23456789"
_GROUPS, _GROUP_CHARACTERS = 4, 5


def generate() -> str:
    """Return a password such as `kTq3m-wP7xe-…`, of 23 characters and more than 100 random bits.

    Its hyphens, digits and letters of both cases satisfy every password policy of Cognito.
    https://docs.aws.amazon.com/cognito/latest/developerguide/managing-users-passwords.html
    """
    while True:
        groups = [
            "".join(secrets.choice(_LOWER + _UPPER + _DIGITS) for _ in range(_GROUP_CHARACTERS))
            for _ in range(_GROUPS)
        ]
        password = "-".join(groups)
        if all(any(one in kind for one in password) for kind in (_LOWER, _UPPER, _DIGITS)):
            return password
