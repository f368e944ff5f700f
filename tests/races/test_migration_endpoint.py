"""Two processes of an old site on one PostgreSQL share nonces and counters."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.races.conftest import postgresql_url
from tests.support.old_site.process import OldSite, running, signature

__all__ = ["postgresql_url"]

PASSWORD = "an old password"
USERS = [{"email": "ann@example.com", "raw": PASSWORD}]
LIMIT = 10


@pytest.fixture(scope="module")
def sites(postgresql_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[OldSite]]:
    with psycopg.connect(postgresql_url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE old_site")
    url = urlsplit(postgresql_url)._replace(path="/old_site").geturl()
    limits = {"ACCOUNT_LIMIT": [LIMIT, 3600], "SOURCE_LIMIT": [40, 3600]}
    first, second = tmp_path_factory.mktemp("first"), tmp_path_factory.mktemp("second")
    with (
        running(first, USERS, database=url, **limits) as one,  # type: ignore[arg-type]
        running(second, [], database=url, **limits) as other,  # type: ignore[arg-type]
    ):
        yield [one, other]


def forget(postgresql_url: str) -> None:
    url = urlsplit(postgresql_url)._replace(path="/old_site").geturl()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DELETE FROM gatehouse_migration_attempts")


def at_once(sites: list[OldSite], questions: list[tuple[bytes, str]]) -> Counter[int]:
    """Send each question to one of the sites, all in parallel. Return how often a status came."""
    with ThreadPoolExecutor(16) as pool:
        chosen = [sites[number % len(sites)] for number in range(len(questions))]
        sent = pool.map(lambda one: one[0].send(*one[1]), zip(chosen, questions, strict=True))
        return Counter(status for status, _ in sent)


def question(username: str, password: str) -> bytes:
    asked = {"action": "authenticate", "username": username, "password": password}
    return json.dumps(asked).encode()


def test_copies_of_a_request_are_answered_once(sites: list[OldSite]) -> None:
    body = question("ann@example.com", PASSWORD)
    assert at_once(sites, [(body, signature(body))] * 24) == {200: 1, 401: 23}


def test_parallel_wrong_passwords_do_not_exceed_the_limit(
    sites: list[OldSite], postgresql_url: str
) -> None:
    forget(postgresql_url)
    bodies = [question("ann@example.com", f"wrong {number}") for number in range(60)]
    found = at_once(sites, [(body, signature(body)) for body in bodies])
    assert found == {200: LIMIT, 429: 60 - LIMIT}


def test_parallel_attempts_at_many_accounts_do_not_exceed_the_limit(
    sites: list[OldSite], postgresql_url: str
) -> None:
    forget(postgresql_url)
    bodies = [question(f"user{number}@example.com", "wrong") for number in range(100)]
    found = at_once(sites, [(body, signature(body)) for body in bodies])
    assert found == {200: 40, 429: 60}
