"""The issuer of a user pool, which Cognito writes in two ways."""

from __future__ import annotations

import re
from typing import NamedTuple

# https://docs.aws.amazon.com/cognito/latest/developerguide/federation-endpoints.html
_COGNITO_ISSUER = re.compile(
    r"https://(issuer-)?(cognito-idp\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?/.+)"
)


class PoolIssuer(NamedTuple):
    """The issuer of a user pool, identified by one of its names."""

    name: str

    @classmethod
    def of_pool(cls, *, region: str, user_pool_id: str) -> PoolIssuer:
        """Return the issuer of a pool on AWS. Regions in China have another suffix."""
        suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
        return cls(f"https://cognito-idp.{region}.{suffix}/{user_pool_id}")

    @property
    def names(self) -> tuple[str, ...]:
        """`name` and its counterpart: Cognito writes ``cognito-idp`` or ``issuer-cognito-idp``.

        An issuer of another form, such as an emulator's, has one name.
        """
        match = _COGNITO_ISSUER.fullmatch(self.name)
        if match is None:
            return (self.name,)
        return (self.name, "https://" + ("" if match[1] else "issuer-") + match[2])
