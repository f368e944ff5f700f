"""The secrets of an app client at Cognito, which allows two at a time.

Cognito lists their ids and dates, and never their values. Whether it accepts a value is found out
at its token endpoint.
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AddUserPoolClientSecret.html
"""

from __future__ import annotations

import json
import secrets
import string
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from infra.deploy.web import post_form
from infra.errors import InfraError

# The service model allows 24 to 64 letters, digits and underscores. 52 letters and digits are 309
# bits, as in Cognito's own.
_ALPHABET, _LENGTH = string.ascii_letters + string.digits, 52
# For some seconds after an addition, parts of Cognito may not know the secret yet.
_ATTEMPTS, _PAUSE_SECONDS = 12, 5
# https://datatracker.ietf.org/doc/html/rfc6749#section-5.2
_WRONG_SECRET, _WRONG_CODE = "invalid_client", "invalid_grant"


@dataclass(frozen=True)
class ClientSecrets:
    """The secrets of one app client. `cognito` is boto3's client of the user pool API."""

    cognito: Any
    user_pool_id: str
    client_id: str
    token_url: str
    redirect_uri: str

    @property
    def _client(self) -> dict[str, str]:
        return {"UserPoolId": self.user_pool_id, "ClientId": self.client_id}

    def dates(self) -> dict[str, datetime]:
        """Return when each secret was created, by its id."""
        answer = self.cognito.list_user_pool_client_secrets(**self._client)
        return {
            one["ClientSecretId"]: one["ClientSecretCreateDate"] for one in answer["ClientSecrets"]
        }

    def only(self) -> tuple[str, str]:
        """Return the id and the value of the client's only secret.

        Raises:
            InfraError: the client has another one, which this command did not create.
        """
        ids = list(self.dates())
        if len(ids) != 1:
            raise InfraError(
                f"The app client {self.client_id} has {len(ids)} secrets, and this command did not "
                "create the other one. When nothing uses that one any more, delete it with `aws "
                "cognito-idp delete-user-pool-client-secret`, then run the same command again."
            )
        described = self.cognito.describe_user_pool_client(**self._client)["UserPoolClient"]
        return ids[0], described["ClientSecret"]

    def add(self, value: str) -> None:
        self.cognito.add_user_pool_client_secret(**self._client, ClientSecret=value)

    def delete(self, secret_id: str) -> None:
        self.cognito.delete_user_pool_client_secret(**self._client, ClientSecretId=secret_id)

    def accepts(self, value: str) -> bool:
        """Return whether Cognito accepts a secret.

        The request has an authorization code that does not exist. Cognito checks the secret first,
        so only a client with a valid one learns that the code is invalid.

        Raises:
            InfraError: the answer is another one.
            OSError: there is no answer.
        """
        answer = post_form(
            self.token_url,
            {
                "grant_type": "authorization_code",
                "client_id": self.client_id,
                "client_secret": value,
                "code": secrets.token_urlsafe(24),
                "redirect_uri": self.redirect_uri,
            },
        )
        error = _error_code(answer.body)
        if error not in {_WRONG_SECRET, _WRONG_CODE}:
            raise InfraError(
                f"{self.token_url} answered {answer.status} ({error or 'no error code'}), and "
                f"{_WRONG_CODE} was expected. Run the same command again in a minute."
            )
        return error == _WRONG_CODE

    def require_accepted(self, value: str) -> None:
        """Wait until Cognito accepts a secret, at most a minute. Raises InfraError."""
        for _ in range(_ATTEMPTS):
            if self.accepts(value):
                return
            time.sleep(_PAUSE_SECONDS)
        raise InfraError(
            f"Cognito does not accept the stored secret of the app client {self.client_id}. "
            "Another program may have changed the secrets. Nothing was deleted: compare `aws "
            "cognito-idp list-user-pool-client-secrets` with the secret in Secrets Manager."
        )


def new_client_secret() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))


def _error_code(body: bytes) -> str:
    try:
        answer = json.loads(body)
    except ValueError:
        return ""
    error = answer.get("error") if isinstance(answer, dict) else None
    return error[:40] if isinstance(error, str) else ""
