"""The address of a new API, which the user pool must know."""

from __future__ import annotations

from infra.deploy.step import NOWHERE, Run, StackStep, Step


class FirstAddress(Step):
    """Make the API of a new stage, and set its address as the callback of the user pool.

    The pool is made before the API, so it gets its callbacks only here. A stage that has an address
    already keeps its API as it is until the new version is released.
    """

    name = "the API's address in the user pool"

    def __init__(self, gateway: StackStep, user_pool: StackStep) -> None:
        self._gateway = gateway
        self._user_pool = user_pool

    def apply(self, run: Run) -> list[str]:
        if run.has_address:
            return []
        changes = self._gateway.apply(run)
        run.public_url = run.target.api_url() or NOWHERE
        return [*changes, *self._user_pool.apply(run)]
