"""The user pool without HTTP: users, codes, sign-ins and refresh tokens."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from cognito.testing import SigningKey, TokenFactory, signing_key
from tests.support.provider.drafts import Draft, SignIn
from tests.support.provider.people import Person

CODE_SECONDS = 300.0
# boto3 refuses a secret that is shorter than those of Cognito.
CLIENT_SECRET = "the-web-client's/own+secret="
# The key of every device, if the pool tracks devices.
DEVICE_KEY = "eu-west-1_0b6ed9f2-6f0c-4c43-8f5a-3f2a1c9a7d10"


class Refused(Exception):
    """A refusal of the pool. `name` is the error in the API, `oauth_error` that in OAuth."""

    def __init__(self, name: str, oauth_error: str = "invalid_grant") -> None:
        super().__init__(name)
        self.name = name
        self.oauth_error = oauth_error


@dataclass(frozen=True)
class RegisteredClient:
    """The app client of the web application."""

    client_id: str
    client_secret: str
    redirect_uris: frozenset[str]
    logout_uris: frozenset[str]


@dataclass
class Code:
    sign_in: SignIn
    redirect_uri: str
    code_challenge: str
    nonce: str | None
    expires_at: float


@dataclass
class RefreshToken:
    """A refresh token. After a rotation, `expires_at` is the end of its grace period."""

    sign_in: SignIn
    expires_at: float | None = None


@dataclass
class Pool:
    """The state of a user pool. It is safe for the threads of the server.

    Attributes:
        rotates: whether a refresh returns a new refresh token and invalidates the former one.
        grace_seconds: how long the former refresh token is still accepted.
        tracks_devices: whether a refresh requires the device key of its sign-in.
        sends: the attributes whose new values need a code.
        relying_party: the domain of the passkeys.
        secrets: every code, token and secret that the pool has issued.
        access_tokens: the access tokens of the sign-ins, oldest first.
        people: the users that operators can find. A sign-in adds its user.
    """

    issuer: str
    client: RegisteredClient
    clock: Callable[[], float]
    evil_url: str = ""
    rotates: bool = False
    tracks_devices: bool = False
    relying_party: str = "localhost"
    sends: frozenset[str] = frozenset({"email"})
    grace_seconds: float = 0.0
    key: SigningKey = field(default_factory=lambda: signing_key("pool"))
    second_key: SigningKey = field(default_factory=lambda: signing_key("second"))
    secrets: set[str] = field(default_factory=set)
    access_tokens: list[str] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._lock = threading.RLock()
        self._codes: dict[str, Code] = {}
        self._refresh_tokens: dict[str, RefreshToken] = {}
        self._earlier_id_tokens: dict[str, str] = {}
        self.secrets.add(self.client.client_secret)

    def published_keys(self) -> tuple[SigningKey, SigningKey]:
        return self.key, self.second_key

    def issue_code(
        self, person: Person, *, redirect_uri: str, code_challenge: str, nonce: str | None
    ) -> str:
        """Return a code that can be redeemed once."""
        code = str(uuid.uuid4())
        with self._lock:
            sign_in = self._new_sign_in(person)
            self.secrets.add(code)
            self._codes[code] = Code(
                sign_in, redirect_uri, code_challenge, nonce, self.clock() + CODE_SECONDS
            )
        return code

    def tokens_without_code(self, person: Person) -> Draft:
        """Return the tokens of a sign-in that takes no code. The ID token has no nonce."""
        with self._lock:
            sign_in = self._new_sign_in(person)
            return self._draft(sign_in, None, self._new_refresh(sign_in))

    def redeem(self, code: str, *, redirect_uri: str, code_verifier: str) -> Draft:
        """Return the tokens for a code. Raise Refused if a parameter is wrong."""
        with self._lock:
            issued = self._codes.pop(code, None)
            digest = hashlib.sha256(code_verifier.encode()).digest()
            challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
            if (
                issued is None
                or issued.redirect_uri != redirect_uri
                or issued.code_challenge != challenge
                or issued.expires_at <= self.clock()
            ):
                raise Refused("NotAuthorizedException")
            self.secrets.add(code_verifier)
            return self._draft(issued.sign_in, issued.nonce, self._new_refresh(issued.sign_in))

    def refresh(self, refresh_token: str, *, device_key: str = "") -> Draft:
        """Return the tokens for a refresh token. Raise Refused if it is invalid or has expired."""
        if self.tracks_devices and device_key != DEVICE_KEY:
            raise Refused("NotAuthorizedException")
        with self._lock:
            known = self._refresh_tokens.get(refresh_token)
            if known is None or known.sign_in.has_ended or not known.sign_in.person.is_enabled:
                raise Refused("NotAuthorizedException")
            if known.expires_at is not None and known.expires_at <= self.clock():
                # A second use of a rotated token counts as theft, and ends the sign-in.
                known.sign_in.has_ended = True
                raise Refused("RefreshTokenReuseException")
            successor = None
            if self.rotates:
                known.expires_at = known.expires_at or self.clock() + self.grace_seconds
                successor = self._new_refresh(known.sign_in)
            return self._draft(known.sign_in, None, successor)

    def revoke(self, refresh_token: str) -> None:
        """End the sign-in of a refresh token. An unknown token is not an error."""
        with self._lock:
            known = self._refresh_tokens.get(refresh_token)
            if known is not None:
                known.sign_in.has_ended = True

    def end_all_sign_ins(self, person_sub: str) -> None:
        with self._lock:
            for known in self._refresh_tokens.values():
                if known.sign_in.person.sub == person_sub:
                    known.sign_in.has_ended = True

    def person_of(self, access_token: str) -> Person:
        """Return the user of an access token. Raise Refused unless the user has a live sign-in."""
        payload = access_token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        with self._lock:
            for known in self._refresh_tokens.values():
                if known.sign_in.person.sub == claims["sub"] and not known.sign_in.has_ended:
                    return known.sign_in.person
        raise Refused("NotAuthorizedException")

    def live_sign_ins(self) -> int:
        """Return the number of sign-ins with a valid refresh token."""
        with self._lock:
            sign_ins = {id(one.sign_in): one.sign_in for one in self._refresh_tokens.values()}
            return sum(not sign_in.has_ended for sign_in in sign_ins.values())

    def factory(self, person: Person) -> TokenFactory:
        factory = TokenFactory(
            self.key, issuer=self.issuer, client_id=self.client.client_id, clock=self.clock
        )
        factory.sub = person.sub
        return factory

    def remember(self, id_token: str, sign_in: SignIn) -> None:
        self._earlier_id_tokens.setdefault(sign_in.person.sub, id_token)

    def _new_sign_in(self, person: Person) -> SignIn:
        if person not in self.people:
            self.people.append(person)
        now = int(self.clock())
        return SignIn(person, self.client.client_id, str(uuid.uuid4()), auth_time=now)

    def _draft(self, sign_in: SignIn, nonce: str | None, refresh_token: str | None) -> Draft:
        return Draft(
            factory=self.factory(sign_in.person),
            second_key=self.second_key,
            sign_in=sign_in,
            nonce=nonce,
            refresh_token=refresh_token,
            client_secret=self.client.client_secret,
            earlier_id_token=self._earlier_id_tokens.get(sign_in.person.sub, "none"),
            evil_url=self.evil_url,
            access_changes={"device_key": DEVICE_KEY} if self.tracks_devices else {},
        )

    def _new_refresh(self, sign_in: SignIn) -> str:
        # Refresh tokens of Cognito are encrypted JWTs, which have five parts.
        token = ".".join(secrets.token_urlsafe(40) for _ in range(5))
        self._refresh_tokens[token] = RefreshToken(sign_in)
        self.secrets.add(token)
        return token
