"""Every operation of the API."""

from __future__ import annotations

from typing import Final

from api.auth import openapi as auth
from api.me import openapi as me
from api.notes import openapi as notes
from api.openapi.operation import Operations
from api.operators import openapi as operators

OPERATIONS: Final[Operations] = {
    **auth.OPERATIONS,
    **me.OPERATIONS,
    **notes.OPERATIONS,
    **operators.OPERATIONS,
}
