"""Let the tokens of a pool name an issuer on this machine.

AWS serves the discovery document of a pool below the issuer in its tokens. MiniStack writes AWS's
own address into tokens, where no client finds the document of a local pool. A pool with the tag TAG
has the tag's value as its issuer instead. infra/local/pool.py sets it to an address of the local
hosted UI, which serves the document.
"""

from __future__ import annotations

import json
from typing import Any

TAG = "gatehouse:issuer"


def use_tagged_issuers(cognito: Any) -> None:
    """Patch MiniStack's module `cognito`, which finds these two functions by their names."""
    sign, document = cognito._signed_jwt, cognito.well_known_openid_configuration  # noqa: SLF001

    def issuer(pool_id: str) -> str | None:
        # A token endpoint does not know yet whose account the request is for.
        for (_, _, other_id), pool in cognito._user_pools.all_items():  # noqa: SLF001
            if other_id == pool_id:
                tagged: str | None = pool.get("UserPoolTags", {}).get(TAG)
                return tagged
        return None

    def signed(claims: dict[str, Any], pool_id: str = "", use: str = "") -> str:
        if named := issuer(pool_id):
            claims = {**claims, "iss": named}
        token: str = sign(claims, pool_id, use)
        return token

    def document_with_issuer(pool_id: str, *args: Any, **kwargs: Any) -> Any:
        status, headers, body = document(pool_id, *args, **kwargs)
        if named := issuer(pool_id):
            body = json.dumps({**json.loads(body), "issuer": named}).encode()
        return status, headers, body

    cognito._signed_jwt = signed  # noqa: SLF001
    cognito.well_known_openid_configuration = document_with_issuer
