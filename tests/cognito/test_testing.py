"""What we give to other people's tests does what docs/testing.md says."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests
from jose import jwt

from cognito.testing import WITHOUT, KeySetServer, SigningKey, TokenFactory, signing_key
from cognito.testing.key_set_faults import DOCUMENTS
from cognito.testing.token_factory import CLIENT_ID, ISSUER, MACHINE_CLIENT_ID
from cognito.tokens.claims import Claims
from cognito.tokens.verifier import TokenVerifier
from tests.cognito.conftest import ACCESS_ONLY

# For the `pytester` fixture: the documentation's example runs in a pytest of its own.
pytest_plugins = ["pytester"]

DOCS = Path(__file__).parents[2] / "docs" / "testing.md"


def test_the_fixtures_belong_together(
    token_verifier: TokenVerifier, token_factory: TokenFactory
) -> None:
    claims: Claims = token_verifier.verify(token_factory.access(), token_uses=ACCESS_ONLY)
    assert claims.sub == token_factory.sub


def test_another_library_takes_the_tokens_too(
    token_factory: TokenFactory, key_set_server: KeySetServer
) -> None:
    document = requests.get(key_set_server.url, timeout=5).json()
    claims = jwt.decode(
        token_factory.access(), document, algorithms=["RS256"], issuer=ISSUER, options={}
    )
    assert claims["client_id"] == CLIENT_ID
    machine = jwt.decode(token_factory.machine(), document, algorithms=["RS256"], issuer=ISSUER)
    assert machine["sub"] == machine["client_id"] == MACHINE_CLIENT_ID
    access_token = token_factory.access()
    id_claims = jwt.decode(
        token_factory.id_token(access_token=access_token),
        document,
        algorithms=["RS256"],
        audience=CLIENT_ID,
        access_token=access_token,
    )
    assert id_claims["email"] == "ada@example.com"


def test_claims_are_changed_added_and_taken_away(token_factory: TokenFactory) -> None:
    token = token_factory.access(
        {"cognito:groups": ["operators"]}, header={"typ": "JWT"}, sub="ada", scope=WITHOUT
    )
    claims = jwt.get_unverified_claims(token)
    assert claims["cognito:groups"] == ["operators"]
    assert claims["sub"] == "ada"
    assert "scope" not in claims
    assert jwt.get_unverified_header(token)["typ"] == "JWT"


def test_a_named_key_is_made_once() -> None:
    assert signing_key("one") is signing_key("one")
    assert signing_key("one").kid != signing_key("two").kid
    assert SigningKey(bits=1024, kid="mine").jwk()["kid"] == "mine"


def test_the_server_counts_and_rotates() -> None:
    with KeySetServer(signing_key("one")) as server:
        first = requests.get(server.url, timeout=5).json()
        server.publish(signing_key("two"))
        second = requests.get(server.url, timeout=5).json()
        assert server.hits == 2
    assert [key["kid"] for key in first["keys"]] == [signing_key("one").kid]
    assert [key["kid"] for key in second["keys"]] == [signing_key("two").kid]
    with pytest.raises(requests.ConnectionError):
        requests.get(server.url, timeout=5)


def test_every_behaviour_is_documented() -> None:
    text = DOCS.read_text(encoding="utf-8")
    others = "status redirect redirect307 redirect_loop hang delay drip header_drip truncate reset"
    for name in [*DOCUMENTS, *others.split(), "header_bomb", "huge", "gzip_bomb"]:
        assert f"`{name}" in text, name


def test_the_example_in_the_documentation_works(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It runs in a directory of its own.
    monkeypatch.setenv("PYTHONPATH", str(DOCS.parents[1]))
    (example,) = [
        block.removeprefix("python\n")
        for block in DOCS.read_text(encoding="utf-8").split("```")[1::2]
        if block.startswith("python\n") and "def test_" in block
    ]
    pytester.makepyfile(example)
    result = pytester.runpytest_subprocess(
        "-p", "cognito.testing.fixtures", "-p", "no:django", "-q"
    )
    result.assert_outcomes(passed=example.count("def test_"))
