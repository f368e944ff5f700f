"""How this package talks to AWS, real or local."""

from __future__ import annotations

from botocore.config import Config


def client_config() -> Config:
    """Bounds for every boto3 client here: at most four tries of three and thirty seconds each.

    https://botocore.amazonaws.com/v1/documentation/api/latest/reference/config.html. The defaults
    are 60 and 60 seconds, five tries.
    """
    return Config(
        connect_timeout=3,
        read_timeout=30,
        retries={"mode": "standard", "total_max_attempts": 4},
    )
