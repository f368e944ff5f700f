"""Write revocations, so that every process refuses bearer tokens before they expire."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction

from accounts.models import Revocation

# How many sign-ins of one user are revoked one by one. A user who revokes more within the lifetime
# of a token is signed out everywhere instead, so that no caller can fill the table.
MAX_SIGN_INS = 100

# SQLite and PostgreSQL both accept it. `excluded` has the key that a new row would have got. A
# revocation is never shortened, because a clock may have been put back since the first one.
_REVOKE = """
INSERT INTO accounts_revocation AS kept (issuer, origin_jti, sub, signed_in_until, expires_at)
VALUES (%s, %s, %s, %s, %s)
ON CONFLICT {target} DO UPDATE SET
    id = excluded.id,
    created_at = excluded.created_at,
    signed_in_until = CASE WHEN kept.signed_in_until > excluded.signed_in_until
                      THEN kept.signed_in_until ELSE excluded.signed_in_until END,
    expires_at = CASE WHEN kept.expires_at > excluded.expires_at
                 THEN kept.expires_at ELSE excluded.expires_at END
RETURNING id
"""
_REVOKE_USER = _REVOKE.format(target="(issuer, sub) WHERE origin_jti = ''")
_REVOKE_SIGN_IN = _REVOKE.format(target="(issuer, origin_jti) WHERE NOT (origin_jti = '')")


def revoke_user(*, issuer: str, sub: str, until: datetime, expires_at: datetime) -> int:
    """Refuse the tokens of every sign-in of the user up to `until`. Return the row's key."""
    return _write(_REVOKE_USER, issuer, "", sub, until, expires_at)


def revoke_sign_in(
    *, issuer: str, origin_jti: str, sub: str, until: datetime, expires_at: datetime
) -> int | None:
    """Refuse the tokens of one sign-in of the user. Return the row's key.

    The user is signed out everywhere if more than MAX_SIGN_INS sign-ins are revoked already. The
    key is then None: the row replaces those of sign-ins that Cognito may not have ended, so an
    answer of Cognito about one sign-in must not shorten it.
    """
    others = Revocation.objects.filter(issuer=issuer, sub=sub).exclude(origin_jti="")
    with transaction.atomic():
        key = _write(_REVOKE_SIGN_IN, issuer, origin_jti, sub, until, expires_at)
        if sub and others.count() > MAX_SIGN_INS:
            revoke_user(issuer=issuer, sub=sub, until=until, expires_at=expires_at)
            others.delete()
            return None
    return key


def _write(statement: str, issuer: str, origin_jti: str, sub: str, *times: datetime) -> int:
    convert = connection.ops.adapt_datetimefield_value
    with connection.cursor() as cursor:
        cursor.execute(statement, [issuer, origin_jti, sub, *map(convert, times)])
        return int(cursor.fetchone()[0])
