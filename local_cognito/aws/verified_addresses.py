"""Mark an e-mail address as verified when the code sent to it confirms a sign-up.

Cognito does this. MiniStack confirms the user and does not change the address.
https://docs.aws.amazon.com/cognito/latest/developerguide/signing-up-users-in-your-app.html
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any


def verify_confirmed_addresses(cognito: Any) -> None:
    """Patch MiniStack's module `cognito`, which finds its actions by their names."""
    confirm_sign_up = cognito._confirm_sign_up  # noqa: SLF001 - MiniStack has no types

    def confirm_and_verify(data: dict[str, Any]) -> Any:
        answer = confirm_sign_up(data)
        if answer[0] == HTTPStatus.OK:
            pool, _ = cognito._pool_for_client(data["ClientId"])  # noqa: SLF001
            user, _ = cognito._resolve_user(pool, data["Username"])  # noqa: SLF001
            # MiniStack sends codes by e-mail only.
            if any(attribute["Name"] == "email" for attribute in user["Attributes"]):
                verified = [{"Name": "email_verified", "Value": "true"}]
                user["Attributes"] = cognito._merge_attributes(  # noqa: SLF001
                    user["Attributes"], verified
                )
        return answer

    cognito._confirm_sign_up = confirm_and_verify  # noqa: SLF001
