"""Every operation of the API."""

from __future__ import annotations

from typing import Final

from api.auth import openapi as auth
from api.me import openapi as me
from api.notes import openapi as notes
from api.operation import Operations
from api.operators import openapi as operators
from api.session import openapi as session

# The document has this order.
TAGS: Final = (
    # begin capability notes
    {"name": notes.TAG, "description": "Short texts, each owned by a user or a machine client."},
    # end capability notes
    {"name": me.TAG, "description": "The identity in the token, and the account of the user."},
    {"name": auth.TAG, "description": "Accounts and tokens for applications without a browser."},
    {
        "name": session.TAG,
        "description": "The session cookie in place of a token, for scripts of this site's pages.",
    },
    # begin capability console
    {"name": operators.TAG, "description": "The user pool and the audit trail, for operators."},
    # end capability console
)

OPERATIONS: Final[Operations] = {
    **auth.OPERATIONS,
    **me.OPERATIONS,
    **notes.OPERATIONS,  # only with notes
    **operators.OPERATIONS,  # only with console
    **session.OPERATIONS,
}
