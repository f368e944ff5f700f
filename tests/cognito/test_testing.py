"""Tests that `cognito.testing` does what docs/testing.md says."""

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

# The fixture `pytester` runs the example of the documentation in a separate pytest.
pytest_plugins = ["pytester"]

DOCS = Path(__file__).parents[2] / "docs" / "testing.md"


def test_verifier_of_the_fixtures_accepts_their_tokens(
    token_verifier: TokenVerifier, token_factory: TokenFactory
) -> None:
    claims: Claims = token_verifier.verify(token_factory.access(), token_uses=ACCESS_ONLY)
    assert claims.sub == token_factory.sub


def test_python_jose_accepts_the_tokens(
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


def test_claims_are_changed_added_and_removed(token_factory: TokenFactory) -> None:
    token = token_factory.access(
        {"cognito:groups": ["operators"]}, header={"typ": "JWT"}, sub="ada", scope=WITHOUT
    )
    claims = jwt.get_unverified_claims(token)
    assert claims["cognito:groups"] == ["operators"]
    assert claims["sub"] == "ada"
    assert "scope" not in claims
    assert jwt.get_unverified_header(token)["typ"] == "JWT"


def test_named_key_is_generated_once() -> None:
    assert signing_key("one") is signing_key("one")
    assert signing_key("one").kid != signing_key("two").kid
    assert SigningKey(bits=1024, kid="mine").jwk()["kid"] == "mine"


def test_server_counts_requests_and_rotates_keys() -> None:
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


@pytest.mark.slow
def test_example_in_the_documentation_works(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    # pytester runs the example in another directory, from which it must find the packages.
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
