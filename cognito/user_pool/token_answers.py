"""Tokens in an answer of the user pool's API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cognito.errors import MalformedAnswer
from cognito.hosted_ui.endpoints import UnverifiedTokens, token_in


def tokens_of(answer: Mapping[str, Any]) -> UnverifiedTokens:
    """The tokens of an AuthenticationResult; `refresh_token` is None where none came.

    Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AuthenticationResultType.html

    Raises:
        MalformedAnswer: there is no such result, or no access and ID token in it.
    """
    result = answer.get("AuthenticationResult")
    if not isinstance(result, dict):
        raise MalformedAnswer
    return UnverifiedTokens(
        access_token=token_in(result, "AccessToken"),
        id_token=token_in(result, "IdToken"),
        refresh_token=token_in(result, "RefreshToken") if result.get("RefreshToken") else None,
    )
