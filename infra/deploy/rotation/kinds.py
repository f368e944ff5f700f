"""The three kinds of secrets: where their values are, and what accepts them."""

from __future__ import annotations

from collections.abc import Mapping

from infra.deploy.function.secrets import fernet_key, signing_key
from infra.deploy.function.stored_secrets import (
    CLIENT_SECRET,
    CLIENT_SECRET_ID,
    ENCRYPTION_KEYS,
    FORMER_SIGNING_KEYS,
    NEXT,
    SIGNING_KEY,
    split,
)
from infra.deploy.rotation.client_secrets import new_client_secret
from infra.deploy.rotation.rotation import Rotation


class SigningKey(Rotation):
    """Django's secret key, which signs sessions and forms."""

    kind, title = "signing", "signing key"

    def _next_name(self) -> str:
        return NEXT + SIGNING_KEY

    def _prepare(self) -> None:
        self._write({**self.stored, self._next_name(): signing_key()})

    def _introduce(self) -> None:
        self._release()

    def _promoted(self) -> dict[str, str]:
        stored = dict(self.stored)
        key = stored.pop(self._next_name())
        former = [stored[SIGNING_KEY], *split(stored.get(FORMER_SIGNING_KEYS, ""))]
        return {**stored, SIGNING_KEY: key, FORMER_SIGNING_KEYS: ",".join(former)}

    def _has_former(self) -> bool:
        live = split(self.place.live().get(FORMER_SIGNING_KEYS, ""))
        return bool(split(self.stored.get(FORMER_SIGNING_KEYS, ""))) or bool(live)

    def _is_used(self) -> bool:
        return self.place.live().get(SIGNING_KEY) == self.stored[SIGNING_KEY]

    def _remove_former(self) -> None:
        stored = dict(self.stored)
        stored.pop(FORMER_SIGNING_KEYS, None)
        self._write(stored)
        self._release()


class EncryptionKey(Rotation):
    """The key of refresh tokens at rest."""

    kind, title = "encryption", "encryption key"

    def _next_name(self) -> str:
        return NEXT + ENCRYPTION_KEYS

    def _prepare(self) -> None:
        self._write({**self.stored, self._next_name(): fernet_key()})

    def _introduce(self) -> None:
        self._release()

    def _promoted(self) -> dict[str, str]:
        stored = dict(self.stored)
        keys = [stored.pop(self._next_name()), *split(stored[ENCRYPTION_KEYS])]
        return {**stored, ENCRYPTION_KEYS: ",".join(keys)}

    def _has_former(self) -> bool:
        keys = split(self.stored[ENCRYPTION_KEYS])
        return len(keys) > 1 or len(split(self.place.live().get(ENCRYPTION_KEYS, ""))) > 1

    def _is_used(self) -> bool:
        live = split(self.place.live().get(ENCRYPTION_KEYS, ""))
        return live[:1] == split(self.stored[ENCRYPTION_KEYS])[:1]

    def _remove_former(self) -> None:
        self._write({**self.stored, ENCRYPTION_KEYS: split(self.stored[ENCRYPTION_KEYS])[0]})
        self._release()


class ClientSecret(Rotation):
    """The secret of the app client with which browsers sign in."""

    kind, title = "client", "client secret"

    def _next_name(self) -> str:
        return NEXT + CLIENT_SECRET

    def _prepare(self) -> None:
        """Store the value before Cognito knows it, because Cognito never shows it again."""
        secret_id, value = self.place.client_secrets.only()
        if self.stored.get(CLIENT_SECRET_ID) == secret_id:
            value = self.stored[CLIENT_SECRET]
        self._write(
            {
                **self.stored,
                CLIENT_SECRET: value,
                CLIENT_SECRET_ID: secret_id,
                self._next_name(): new_client_secret(),
            }
        )

    def _introduce(self) -> None:
        known = self.place.client_secrets
        if len(known.dates()) == 1:
            known.add(self.stored[self._next_name()])
        known.require_accepted(self.stored[self._next_name()])

    def _promoted(self) -> dict[str, str]:
        stored = dict(self.stored)
        [added] = self.place.client_secrets.dates().keys() - {stored[CLIENT_SECRET_ID]}
        value = stored.pop(self._next_name())
        return {**stored, CLIENT_SECRET: value, CLIENT_SECRET_ID: added}

    def _has_former(self) -> bool:
        return CLIENT_SECRET_ID in self.stored and len(self.place.client_secrets.dates()) > 1

    def _is_used(self) -> bool:
        if CLIENT_SECRET not in self.stored:
            return True
        return self.place.live().get(CLIENT_SECRET) == self.stored[CLIENT_SECRET]

    def _remove_former(self) -> None:
        known = self.place.client_secrets
        known.require_accepted(self.stored[CLIENT_SECRET])
        for secret_id in known.dates().keys() - {self.stored[CLIENT_SECRET_ID]}:
            known.delete(secret_id)


ROTATIONS: Mapping[str, type[Rotation]] = {
    one.kind: one for one in (ClientSecret, SigningKey, EncryptionKey)
}
