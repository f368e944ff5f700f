"""What a process keeps from one request to the next: all of it in one object, `process.current`.

Django keeps connections to the database besides, and `logging` counts the lines that it leaves out.
Where the settings change, as in tests, what was made of them is made again. A test that wants a
process that has just started assigns another `ProcessState` to `current`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.conf import settings
from django.core.signals import setting_changed

from accounts.process.refusal_tally import RefusalTally
from accounts.process.revocation_list import RevocationList
from cognito.tokens.key_source import KeySource
from cognito.tokens.verifier import TokenVerifier, TrustedIssuer
from cognito.user_pool.aws_clients import AWSClients


class Verification:
    """How bearer tokens are verified, as the settings say.

    Attributes:
        keys: the keys of the user pool, which the verifier uses.
        api_token_uses: which tokens the API accepts: of ``access`` and ``id``.
    """

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.keys = KeySource(
            settings.COGNITO_JWKS_URL, initial=settings.COGNITO_JWKS or None, monotonic=monotonic
        )
        trusted = TrustedIssuer(
            issuer=settings.COGNITO_ISSUER,
            client_ids=frozenset({settings.COGNITO_CLIENT_ID}) | settings.COGNITO_API_CLIENT_IDS,
            keys=self.keys,
        )
        self.verifier = TokenVerifier([trusted], clock=time.time)
        self.api_token_uses: frozenset[str] = settings.COGNITO_API_TOKEN_USES


@dataclass
class ProcessState:
    """The objects that live as long as a process. Each is safe to use from many threads.

    Making one does no I/O and reads no setting, so that it is made when this module is imported,
    and a server that forks afterwards gives a copy to each process.
    """

    aws: AWSClients = field(default_factory=AWSClients)
    revocations: RevocationList = field(default_factory=RevocationList)
    refusals: RefusalTally = field(default_factory=RefusalTally)

    @cached_property
    def verification(self) -> Verification:
        """How tokens are verified. Reads settings."""
        # Threads that ask for the first time at once may make one each. The last one stays.
        return Verification()


# Read it as `process.current`: an imported name would stay that of an earlier state.
current = ProcessState()


def _read_settings_again(*, setting: str, **_: Any) -> None:
    if setting.startswith("COGNITO_"):
        vars(current).pop("verification", None)


# Django sends it when a test changes a setting.
setting_changed.connect(_read_settings_again)
