"""`python -m local_cognito.aws`: what `infra/local/ministack.py` starts."""

from __future__ import annotations

import logging
import os
import sys
import tempfile
from pathlib import Path

from ministack import app as ministack
from ministack.core.tls import use_ssl_enabled
from ministack.services import cognito

from local_cognito.aws import api_hosts, verified_addresses
from local_cognito.aws.guard import Guard


def main() -> None:
    # The functions that MiniStack runs find their own files, never those of this checkout.
    sys.path.remove(str(Path.cwd()))
    os.chdir(tempfile.gettempdir())
    # A line for each request, only where MiniStack itself is asked to log everything.
    logging.getLogger("infra").setLevel(os.environ.get("LOG_LEVEL", "WARNING"))
    port = int(os.environ["GATEWAY_PORT"])
    api_hosts.serve_their_api_alone(ministack)
    verified_addresses.verify_confirmed_addresses(cognito)
    # MiniStack's own main() serves whatever `app` is by then, with its services around it.
    ministack.app = Guard(
        ministack.app,
        # With TLS, MiniStack listens on the port that the issuer of its tokens names as well.
        ports={port, 443} if use_ssl_enabled() else {port},
        is_api_host=lambda host: api_hosts.is_api_host(ministack, host),
    )
    ministack.main()


main()
