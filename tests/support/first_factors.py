"""Let the users of a pool choose how to sign in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

FACTORS = ("PASSWORD", "WEB_AUTHN", "EMAIL_OTP")


@contextmanager
def first_factors(
    cognito: CognitoIdentityProviderClient, pool_id: str, factors: tuple[str, ...] = FACTORS
) -> Iterator[None]:
    """Allow these factors during the block."""
    policies: Any = cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]["Policies"]
    allowed: Any = {**policies, "SignInPolicy": {"AllowedFirstAuthFactors": list(factors)}}
    cognito.update_user_pool(UserPoolId=pool_id, Policies=allowed)
    try:
        yield
    finally:
        cognito.update_user_pool(UserPoolId=pool_id, Policies=policies)
