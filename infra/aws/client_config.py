"""The configuration of boto3 clients, for AWS and the local AWS."""

from __future__ import annotations

from botocore.config import Config


def client_config() -> Config:
    """Return limits for boto3 clients: four attempts, each with 3 s to connect and 30 s to read.

    The defaults of botocore are 60 s for each, and five attempts.
    https://botocore.amazonaws.com/v1/documentation/api/latest/reference/config.html
    """
    return Config(
        connect_timeout=3,
        read_timeout=30,
        retries={"mode": "standard", "total_max_attempts": 4},
    )
