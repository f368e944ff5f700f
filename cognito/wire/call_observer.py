"""What is told about each call of Cognito, for metrics and traces."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from cognito.errors import CognitoError


class CallObserver(Protocol):
    """An owner of figures about calls. Its methods must be quick, and must not raise."""

    def calling(self, operation: str) -> AbstractContextManager[object]:
        """Return the context of one call, which observes its time and an error that it raises.

        Args:
            operation: a name of Cognito's API, such as `InitiateAuth`.
        """

    def refused(self, operation: str, error: CognitoError) -> None:
        """Take note of an answer that turned out to be an error."""


class IgnoredCalls:
    """The observer that does nothing."""

    def calling(self, operation: str) -> AbstractContextManager[object]:  # noqa: ARG002
        return nullcontext()

    def refused(self, operation: str, error: CognitoError) -> None:
        pass
