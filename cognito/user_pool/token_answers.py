"""The tokens in an answer of the user pool API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cognito.errors import MalformedAnswer
from cognito.hosted_ui.endpoints import UnverifiedTokens, token_in


def tokens_of(answer: Mapping[str, Any]) -> UnverifiedTokens:
    """Return the tokens of an AuthenticationResult. `refresh_token` can be None.

    Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AuthenticationResultType.html

    Raises:
        MalformedAnswer: the result, its access token or its ID token is missing.
    """
    result = answer.get("AuthenticationResult")
    if not isinstance(result, dict):
        raise MalformedAnswer
    return UnverifiedTokens(
        access_token=token_in(result, "AccessToken"),
        id_token=token_in(result, "IdToken"),
        refresh_token=token_in(result, "RefreshToken") if result.get("RefreshToken") else None,
    )
