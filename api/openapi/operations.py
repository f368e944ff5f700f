"""Every operation of the API."""

from __future__ import annotations

from typing import Final

from api.auth import openapi as auth
from api.me import openapi as me
from api.notes import openapi as notes
from api.operation import Operations
from api.operators import openapi as operators

# In the order of the document.
TAGS: Final = (
    {"name": notes.TAG, "description": "A small resource with owners."},
    {"name": me.TAG, "description": "The user of the token, and what users change themselves."},
    {"name": auth.TAG, "description": "Accounts and tokens for applications without a browser."},
    {"name": operators.TAG, "description": "The user pool and the audit trail, for operators."},
)

OPERATIONS: Final[Operations] = {
    **auth.OPERATIONS,
    **me.OPERATIONS,
    **notes.OPERATIONS,
    **operators.OPERATIONS,
}
