"""Compare the verifier with that of an earlier revision, on mutated tokens.

    python -m tests.cognito.tokens.compare_verifiers REVISION --tokens 3000000

Both must accept the same tokens with the same claims, and refuse all others with the same class of
error. Tokens with the claims `aud` and `act` in an access token are left out, because earlier
revisions did not read them. The script prints each difference, and fails if there is one.
"""

from __future__ import annotations

import argparse
import importlib
import json
import random
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any

from cognito.testing import WITHOUT, TokenFactory, signing_key
from cognito.testing.token_factory import CLIENT_ID, ISSUER
from cognito.wire import base64url

ROOT = Path(__file__).parents[3]
NOW = 1_800_000_000
BOTH = frozenset({"access", "id"})
POOL = signing_key("pool")
FACTORY = TokenFactory(POOL, clock=lambda: NOW)
KEYS = json.dumps({"keys": [POOL.jwk()]})

Verdict = Callable[[str], str]

VALUES = [
    *(WITHOUT, None, True, 0, 1, -1, 1.5, "", " ", "a", "a b", [], {}, [1], {"a": {"b": [1]}}),
    *(NOW, NOW + 1, NOW + 60, NOW + 61, NOW + 90_000, NOW + 0.5, 2**53, 2**64, 1e300),
    *("access", "id", ISSUER, CLIENT_ID, "\u00e9", "\x00", "\u2028", "x" * 256, ["readers", 1]),
]
CLAIMS = (
    *("sub", "iss", "exp", "iat", "nbf", "token_use", "client_id", "username", "origin_jti"),
    *("scope", "cognito:groups", "cognito:username", "jti", "version", "other"),
)
MEMBERS: dict[str, list[Any]] = {
    "alg": ["none", "RS384", "HS256", None, WITHOUT],
    "kid": ["", "another", 1, None, WITHOUT, "x" * 257],
    "typ": ["JWT", "at+jwt", "AT+JWT", "dpop+jwt", None, 1],
    "crit": [[], ["b64"]],
    "cty": ["JWT"],
}
TEXTS = (
    *(b"", b" ", b"\n", b"\\", b'"', b"{", b"}", b"[", b",", b":", b"0", b"-0", b"1e5", b"1.0"),
    *(b'"exp":1,', b'"\\u0065xp":1,', b"\\ud800", b"\\/", b"\xff", b"\xc3\xa9", b"\xef\xbb\xbf"),
    *(b"NaN", b"18446744073709551616", b"true", b"null", b'{"a":{"b":[[[[[[[[1]]]]]]]]},"c":'),
)


def verdict_of(verifier: ModuleType, key_source: ModuleType, errors: ModuleType) -> Verdict:
    """Return a function that names the error of a token, or describes its claims."""
    keys = key_source.KeySource("unused", initial=KEYS, fetch=lambda _: KEYS.encode())
    trusted = verifier.TrustedIssuer(issuer=ISSUER, client_ids=frozenset({CLIENT_ID}), keys=keys)
    # Without a cache, every token is verified.
    judge = verifier.TokenVerifier([trusted], clock=lambda: NOW, cache_size=2)

    def verdict(token: str) -> str:
        try:
            claims = judge.verify(token, token_uses=BOTH)
        except errors.CognitoError as error:
            return type(error).__name__
        fields = claims._asdict()
        # Earlier revisions have fewer fields.
        kept = {name: fields[name] for name in fields if name not in {"actors", "is_listed_client"}}
        return repr(sorted(kept.items()))

    return verdict


def load(tree: Path | None = None) -> Verdict:
    """Return the verdict of the package `cognito` in `tree`, or of the one that is imported."""
    names = [f"cognito.{name}" for name in ("tokens.verifier", "tokens.key_source", "errors")]
    if tree is None:
        return verdict_of(*map(importlib.import_module, names))
    mine = {n: sys.modules.pop(n) for n in list(sys.modules) if n.partition(".")[0] == "cognito"}
    sys.path.insert(0, str(tree))
    try:
        return verdict_of(*map(importlib.import_module, names))
    finally:
        sys.path.remove(str(tree))
        for name in [n for n in sys.modules if n.partition(".")[0] == "cognito"]:
            del sys.modules[name]
        sys.modules.update(mine)


def mutated(draw: random.Random) -> Iterator[str]:
    """Yield tokens without end: well-formed ones with other values, and damaged ones."""
    while True:
        make = draw.choice((FACTORY.access, FACTORY.id_token, FACTORY.machine))
        good = make()
        header, payload = (base64url.decode(part.encode()) for part in good.split(".")[:2])
        changes = {draw.choice(CLAIMS): draw.choice(VALUES) for _ in range(draw.randrange(3))}
        if changes.get("token_use") == "access":
            # An ID token would become an access token with an audience.
            changes["aud"] = WITHOUT
        name = draw.choice([*MEMBERS])
        members = {name: draw.choice(MEMBERS[name])} if draw.random() < 0.2 else {}
        yield make(changes, header=members)
        # Signing takes longer than everything else, so one signed text has many damaged ones.
        yield FACTORY.forged(header, _damaged(payload, draw))
        for _ in range(20):
            yield FACTORY.forged(header, _damaged(payload, draw), sign=lambda _: b"\x01" * 256)
            damaged = _damaged(good.encode(), draw).decode("latin-1")
            yield damaged
            head, _, signature = good.rpartition(".")
            yield f"{head}.{_damaged(signature.encode(), draw).decode('latin-1')}"


def _damaged(text: bytes, draw: random.Random) -> bytes:
    start = draw.randrange(len(text) + 1)
    # Half of the changes are where a member may begin, so that many of them are still JSON.
    if draw.random() < 0.5:
        start = text.find(b",", start) + 1 or text.find(b"{") + 1
    length = draw.choice((0, 0, 1, 1, 2, 9))
    insertion = draw.choice(TEXTS) if draw.random() < 0.7 else bytes([draw.randrange(256)])
    return text[:start] + insertion + text[start + length :]


def differences(old: Verdict, new: Verdict, *, tokens: int, seed: int) -> Iterator[str]:
    """Yield a line for each token about which the verdicts differ. The last line counts them."""
    counts: Counter[str] = Counter()
    for _, token in zip(range(tokens), mutated(random.Random(seed)), strict=False):
        before, after = old(token), new(token)
        counts[after.partition("(")[0].partition("[")[0] or "accepted"] += 1
        if before != after:
            yield f"{before} became {after}: {token}"
    print(dict(counts.most_common()), flush=True)


def main() -> int:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("revision", help="a commit of this repository")
    parser.add_argument("--tokens", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    git = ["git", "-C", str(ROOT), "archive", options.revision, "cognito"]
    archive = subprocess.run(git, check=True, capture_output=True).stdout
    with tempfile.TemporaryDirectory() as directory:
        with tarfile.open(fileobj=BytesIO(archive)) as files:
            files.extractall(directory, filter="data")
        old = load(Path(directory))
        count = 0
        for line in differences(old, load(), tokens=options.tokens, seed=options.seed):
            count += 1
            print(line, flush=True)
    print(f"{options.tokens} tokens, {count} differences")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
