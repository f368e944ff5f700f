"""Simultaneous changes of notes, and unusual queries, on PostgreSQL."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
import requests

from tests.races.browser import at_once
from tests.races.conftest import Deployment
from tests.support.provider.people import Person

ROUNDS = 10


class Writer:
    """A user of the notes API."""

    def __init__(self, deployment: Deployment) -> None:
        self.notes = f"{deployment.public_url}/api/v1/notes"
        token = deployment.provider.pool.factory(Person()).access()
        self._headers = {"Authorization": f"Bearer {token}"}

    def __call__(
        self, method: str, address: str, json: dict[str, str] | None = None
    ) -> requests.Response:
        """Send a request on its own connection, so that requests do not wait for each other."""
        return requests.request(method, address, json=json, headers=self._headers, timeout=20)

    def write(self) -> str:
        """Create a note, and return its address."""
        note = self("POST", self.notes, {"title": "old", "body": "old"}).json()
        return f"{self.notes}/{note['id']}"

    def change(self, address: str, **members: str) -> int:
        return self("PATCH", address, members).status_code

    def remove(self, address: str) -> int:
        return self("DELETE", address).status_code


@pytest.fixture
def writer(deployment: Deployment) -> Writer:
    return Writer(deployment)


def test_two_simultaneous_changes_both_take_effect(writer: Writer) -> None:
    for _ in range(ROUNDS):
        address = writer.write()
        statuses = at_once(
            [
                partial(writer.change, address, title="new"),
                partial(writer.change, address, body="new"),
            ]
        )
        note: dict[str, Any] = writer("GET", address).json()
        assert (statuses, note["title"], note["body"]) == ([200, 200], "new", "new")


def test_note_deleted_during_a_change_stays_deleted(writer: Writer) -> None:
    for _ in range(ROUNDS):
        address = writer.write()
        changed, deleted = at_once(
            [
                partial(writer.change, address, title="new"),
                partial(writer.remove, address),
            ]
        )
        assert (changed in {200, 404}, deleted) == (True, 204)
        assert writer("GET", address).status_code == 404


@pytest.mark.parametrize(
    "query", ["search=%00", "search=%25_%5C'", "updated_since=0001-01-01T00:00:00Z", "cursor=%00"]
)
def test_unusual_query_is_no_server_error(writer: Writer, query: str) -> None:
    assert writer("GET", f"{writer.notes}?{query}").status_code in {200, 400}


def test_pages_of_a_list_contain_each_note_once(writer: Writer) -> None:
    addresses = {writer.write() for _ in range(5)}
    found, cursor = [], ""
    for _ in range(20):
        page = writer("GET", f"{writer.notes}?limit=2{cursor}").json()
        found += [f"{writer.notes}/{note['id']}" for note in page["results"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert len(found) == len(set(found))
    assert addresses <= set(found)
