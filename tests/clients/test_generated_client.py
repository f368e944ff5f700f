"""A client that openapi-python-client generates from the OpenAPI document."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from infra.local.demo import DEMO_PASSWORD, USER
from tests.clients.conftest import ApiSite

pytestmark = pytest.mark.ministack

# A program that uses only the generated package.
PROGRAM = """
import json, sys
from gatehouse_api_client import AuthenticatedClient, Client
from gatehouse_api_client.api.notes import update_note, create_note, delete_note, list_notes
from gatehouse_api_client.api.signing_in_without_a_browser import sign_in
from gatehouse_api_client.models import (
    NoteRequest, PatchedNoteRequest, Problem, SignInRequest, Tokens,
)

url, email, password = sys.argv[1], sys.argv[2], sys.stdin.read()

with Client(base_url=url) as anonymous:
    wrong = sign_in.sync(client=anonymous, body=SignInRequest(email=email, password="not that one"))
    assert isinstance(wrong, Problem), wrong
    assert wrong.code == "invalid_credentials", wrong.code
    tokens = sign_in.sync(client=anonymous, body=SignInRequest(email=email, password=password))
    assert isinstance(tokens, Tokens), type(tokens)
    refused = list_notes.sync(client=anonymous)
    assert isinstance(refused, Problem) and refused.code == "not_authenticated"

with AuthenticatedClient(base_url=url, token=tokens.access_token) as client:
    first = create_note.sync(client=client, body=NoteRequest(title="First"))
    create_note.sync(client=client, body=NoteRequest(title="Second", body="of two"))
    page = list_notes.sync(client=client, limit=1)
    rest = list_notes.sync(client=client, limit=1, cursor=page.next_cursor)
    changed = update_note.sync(first.id, client=client, body=PatchedNoteRequest(body="changed"))
    found = list_notes.sync(client=client, search="CHANGED")
    deleted = [
        delete_note.sync_detailed(note.id, client=client).status_code.value
        for note in list_notes.sync(client=client).results
    ]

print(json.dumps({
    "pages": [[note.title for note in each.results] for each in (page, rest)],
    "last": rest.next_cursor,
    "changed": changed.body,
    "found": [note.title for note in found.results],
    "created_at": first.created_at.tzinfo is not None,
    "deleted": deleted,
}))
"""


def test_generated_client_signs_in_and_edits_notes(api_site: ApiSite, tmp_path: Path) -> None:
    document = tmp_path / "openapi.json"
    document.write_bytes(requests.get(api_site.url("/api/v1/schema"), timeout=30).content)
    package = tmp_path / "client"
    generated = subprocess.run(
        [
            Path(sys.executable).with_name("openapi-python-client"),
            "generate",
            "--path",
            document,
            "--output-path",
            package,
            "--meta",
            "none",
            "--fail-on-warning",
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={"PATH": str(Path(sys.executable).parent)},
    )
    assert generated.returncode == 0, generated.stdout + generated.stderr
    package.rename(tmp_path / "gatehouse_api_client")

    finished = subprocess.run(
        [sys.executable, "-c", PROGRAM, api_site.stack.public_url, USER.email],
        input=DEMO_PASSWORD,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={"PYTHONPATH": str(tmp_path), "NO_PROXY": "localhost"},
    )
    assert finished.returncode == 0, finished.stderr
    assert json.loads(finished.stdout) == {
        "pages": [["Second"], ["First"]],
        "last": None,
        "changed": "changed",
        "found": ["First"],
        "created_at": True,
        "deleted": [204, 204],
    }
