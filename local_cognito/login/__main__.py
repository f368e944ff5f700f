"""Run the local hosted UI. infra/local/login_process.py starts `python -m local_cognito.login`."""

from __future__ import annotations

import argparse
import logging
import sys

from local_cognito.login.configuration import Configuration, NotOnThisMachine
from local_cognito.login.server import serve


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m local_cognito.login")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--aws-endpoint-url", required=True)
    parser.add_argument("--user-pool-id", required=True)
    parser.add_argument(
        "--rotation",
        action="append",
        default=[],
        metavar="CLIENT_ID=SECONDS",
        help="rotate the refresh tokens of this app client, with a grace period",
    )
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    pairs = (text.partition("=") for text in options.rotation)
    try:
        serve(
            Configuration(
                port=options.port,
                aws_endpoint_url=options.aws_endpoint_url,
                user_pool_id=options.user_pool_id,
                rotation_grace_seconds={client_id: int(grace) for client_id, _, grace in pairs},
            )
        )
    except NotOnThisMachine as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    return 0


sys.exit(main(sys.argv[1:]))
