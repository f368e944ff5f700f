"""Run the local hosted UI. infra/local/login_process.py starts `python -m local_cognito.login`."""

from __future__ import annotations

import argparse
import json
import logging
import sys

from local_cognito.guard import LOOPBACK
from local_cognito.login.configuration import Configuration, DemoUser, NotOnThisMachine
from local_cognito.login.server import serve


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m local_cognito.login")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--aws-endpoint-url", required=True)
    parser.add_argument("--user-pool-id", required=True)
    parser.add_argument("--application-url", default="")
    parser.add_argument("--listen", default=LOOPBACK, help="the address (%(default)s)")
    parser.add_argument("--demo-users", default="[]", help="a JSON list of DemoUser")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    try:
        serve(
            Configuration(
                port=options.port,
                aws_endpoint_url=options.aws_endpoint_url,
                user_pool_id=options.user_pool_id,
                application_url=options.application_url,
                listen=options.listen,
                demo_users=tuple(DemoUser(**user) for user in json.loads(options.demo_users)),
            )
        )
    except NotOnThisMachine as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    return 0


sys.exit(main(sys.argv[1:]))
