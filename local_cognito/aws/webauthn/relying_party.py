"""The relying party of a user pool: the domain to which passkeys belong."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

LOCALHOST = "localhost"


@dataclass(frozen=True)
class RelyingParty:
    """WebAuthnConfiguration of a user pool.

    Attributes:
        id: a domain. Pages of this domain and of those below it may use its passkeys.
        requires_user_verification: whether authenticators must verify the user, by a PIN or a
            fingerprint. Otherwise it is preferred.
    """

    id: str
    requires_user_verification: bool = False

    @property
    def user_verification(self) -> str:
        return "required" if self.requires_user_verification else "preferred"

    def accepts_origin(self, origin: str) -> bool:
        """Return whether a page at this origin may use the relying party's passkeys.

        Browsers decide the same by the rules of WebAuthn (section 5.1.3): https at the domain or
        below it, and http at localhost only. Any port is accepted, as browsers do.
        """
        try:
            parts = urlsplit(origin)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            return False
        shown_port = "" if port is None else f":{port}"
        if origin != f"{parts.scheme}://{host}{shown_port}":
            return False
        if self.id == LOCALHOST:
            return parts.scheme in {"http", "https"} and host == LOCALHOST
        return parts.scheme == "https" and (host == self.id or host.endswith(f".{self.id}"))
