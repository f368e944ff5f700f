"""Run MiniStack: `python -m local_cognito.aws`, which infra/local/ministack.py starts."""

from __future__ import annotations

import logging
import os
import sys
import tempfile
from pathlib import Path

from ministack import app as ministack
from ministack.core.tls import use_ssl_enabled
from ministack.services import cognito, lambda_svc
from ministack.services.cloudformation import engine, provisioners

from local_cognito.aws import (
    api_hosts,
    dispatcher,
    issuers,
    kept_settings,
    mfa_preferences,
    templates,
    triggers,
    user_index,
    verified_addresses,
)
from local_cognito.aws.context import Context
from local_cognito.aws.guard import Guard
from local_cognito.aws.ministack_pools import MiniStackPools
from local_cognito.aws.recovery import pausing
from local_cognito.aws.tokens import client_secrets, issuing
from local_cognito.aws.user_import import jobs
from local_cognito.aws.user_import.uploads import with_uploads


def main() -> None:
    # Functions that MiniStack runs must find their own files, not those of this checkout.
    sys.path.remove(str(Path.cwd()))
    os.chdir(tempfile.gettempdir())
    # The guard logs each request only if MiniStack logs everything.
    logging.getLogger("local_cognito").setLevel(os.environ.get("LOG_LEVEL", "WARNING"))
    port = int(os.environ["GATEWAY_PORT"])
    api_hosts.serve_their_api_alone(ministack)
    verified_addresses.verify_confirmed_addresses(cognito)
    kept_settings.install(cognito, provisioners)
    templates.install(engine)
    context = Context(MiniStackPools(cognito))
    mfa_preferences.install(cognito)
    user_index.install(cognito)
    triggers.install(cognito, context)
    issuers.use_tagged_issuers(cognito)
    issuing.install(cognito, context)
    client_secrets.install(cognito, context.pools)
    dispatcher.install(cognito, context)
    pausing.install(cognito, context)
    # MiniStack keeps a changed function pending for half a second. A shorter time shows the same
    # states to a deployment, which waits for each of them.
    lambda_svc._LAMBDA_STATE_TRANSITION_DELAY = 0.05  # noqa: SLF001 - no setting exists

    def accept_import_file(secret: str, content: bytes) -> bool:
        pools = [pool for _, pool in cognito._user_pools.all_items()]  # noqa: SLF001
        return jobs.accept_upload(pools, secret, content, now=context.clock())

    # MiniStack's main() serves the value that `app` has then.
    ministack.app = Guard(
        with_uploads(ministack.app, accept_import_file),
        # With TLS, MiniStack also listens on the port in the issuer of its tokens.
        ports={port, 443} if use_ssl_enabled() else {port},
        is_api_host=lambda host: api_hosts.is_api_host(ministack, host),
        is_public_operation=lambda name: name in cognito._UNSIGNED_IDP_ACTIONS,  # noqa: SLF001
    )
    ministack.main()


main()
