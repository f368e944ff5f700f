"""What a process keeps from one request to the next: one object, `process.current`.

Read it as `process.current`, because a test replaces it: a name imported from here would still mean
the earlier object. See "What a process keeps" in docs/architecture.md.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.signals import setting_changed

from accounts.metrics.declared import REVOCATION_LIST_AGE
from accounts.metrics.recorder import Metrics
from accounts.process.refusal_tally import RefusalTally
from accounts.process.revocation_list import RevocationList
from cognito.tokens.key_source import KeySource, fetch_key_set
from cognito.tokens.verifier import TokenVerifier, TrustedIssuer
from cognito.user_pool.aws_clients import AWSClients
from cognito.wire.call_observer import CallObserver, IgnoredCalls

if TYPE_CHECKING:
    from cognito.user_pool.token_exchange import DerivedTokenCache


class Verification:
    """The verifier of Cognito's tokens that the settings describe.

    Attributes:
        keys: the keys of the user pool. The verifier uses them.
        api_token_uses: the kinds of tokens that the API accepts, of ``access`` and ``id``.
    """

    def __init__(
        self,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        observer: CallObserver | None = None,
    ) -> None:
        calls = observer or IgnoredCalls()

        def fetch(jwks_url: str) -> bytes:
            with calls.calling("KeySet"):
                return fetch_key_set(jwks_url)

        self.keys = KeySource(
            settings.COGNITO_JWKS_URL,
            initial=settings.COGNITO_JWKS or None,
            fetch=fetch,
            monotonic=monotonic,
        )
        trusted = TrustedIssuer(
            issuer=settings.COGNITO_ISSUER,
            client_ids=frozenset({settings.COGNITO_CLIENT_ID}) | settings.COGNITO_API_CLIENT_IDS,
            keys=self.keys,
            audience=settings.COGNITO_API_AUDIENCE,
            requires_audience=settings.COGNITO_REQUIRE_AUDIENCE,
            open_scopes=(
                settings.COGNITO_API_SCOPES
                if settings.COGNITO_AUDIENCE_CLIENTS == "any"
                else frozenset()
            ),
        )
        self.verifier = TokenVerifier([trusted], clock=time.time)
        self.api_token_uses: frozenset[str] = settings.COGNITO_API_TOKEN_USES


@dataclass(eq=False, repr=False)
class ProcessState:
    """The objects that live as long as a process. All threads share them.

    Making the state does no I/O and reads no setting, because it is made while Django starts.
    """

    metrics: Metrics = field(default_factory=Metrics)
    aws: AWSClients = field(default_factory=AWSClients)
    revocations: RevocationList = field(default_factory=RevocationList)
    refusals: RefusalTally = field(default_factory=RefusalTally)  # only with console
    # begin capability console
    # Whether the console has found all migrations in the database. No process gets new ones.
    has_all_migrations: bool = False
    # end capability console

    def __post_init__(self) -> None:
        self.aws.observer = self.metrics
        self.revocations.on_change_of_age = partial(self.metrics.observe, REVOCATION_LIST_AGE)

    @cached_property
    def verification(self) -> Verification:
        # Two threads that need the first one at once may each make one. The last one stays.
        return Verification(observer=self.metrics)

    @cached_property
    def derived_tokens(self) -> DerivedTokenCache:
        from cognito.user_pool.token_exchange import DerivedTokenCache  # noqa: PLC0415 # few need it

        # Two threads may each make one here as well. The tokens of the one that is dropped are
        # exchanged again.
        return DerivedTokenCache()


current = ProcessState()


def renew() -> None:
    """Replace the state, as in a new process.

    A process that continues from a snapshot would otherwise believe keys, revocations and
    credentials of the time of the snapshot.
    """
    global current  # noqa: PLW0603 # the one owner of the state
    current = ProcessState()


def _read_settings_again(*, setting: str, **_: Any) -> None:
    if setting.startswith("COGNITO_"):
        vars(current).pop("verification", None)


# Django sends this signal when a test changes a setting.
setting_changed.connect(_read_settings_again)
