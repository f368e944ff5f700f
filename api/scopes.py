"""The scopes of this API: the resource server `api` of the user pool.

This module loads neither Django nor Django REST framework, because the gateway authorizer uses it.
"""

from __future__ import annotations

from typing import Final

API_SCOPES: Final = {
    "api/read": "Read through the API",
    "api/write": "Write through the API",
    "api/account": "See and change your account",
    "api/operate": "Manage users and groups as an operator",  # only with console
    "api/audit": "Read the audit trail as an operator",  # only with console
}
