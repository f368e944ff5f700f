"""Choose the certificate authorities that a PostgreSQL server is verified against.

psycopg's wheel has an OpenSSL of its own, which looks for authorities in a folder that exists on
neither Lambda nor most servers: `sslrootcert=system` finds none there. So the connection always
names a file, and the file is in the bundle.
https://www.postgresql.org/docs/current/libpq-ssl.html
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parents[2]
# AWS signs the certificates of its databases with private authorities.
# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html
AMAZON_RDS = BASE_DIR / "project" / "certificates" / "amazon-rds.pem"
AMAZON_RDS_DOMAINS = (".rds.amazonaws.com", ".rds.amazonaws.com.cn")

VERIFYING = frozenset({"verify-ca", "verify-full"})


def tls_options(host: str, options: Mapping[str, str]) -> dict[str, str]:
    """Return the `sslmode` and `sslrootcert` to connect with.

    Args:
        host: the server in DATABASE_URL.
        options: the parameters of DATABASE_URL. A `host` among them takes precedence, as in libpq.

    The result is empty unless `sslmode` verifies the server. Then libpq's defaults apply.

    Raises:
        ValueError: for authorities that do not exist or that `sslmode` would leave unused.
    """
    mode, authorities = options.get("sslmode"), options.get("sslrootcert")
    if authorities == "system":
        # libpq has the same rules for this word.
        mode = mode or "verify-full"
        if mode != "verify-full":
            raise ValueError("expected sslmode=verify-full with sslrootcert=system")
        authorities = None
    if authorities is None:
        if mode not in VERIFYING:
            return {}
        return {"sslmode": mode, "sslrootcert": _known_authorities(options.get("host", host))}
    # Relative to the project, so that a file of the repository is found in the bundle as well.
    file = BASE_DIR / authorities
    if not file.is_file():
        raise ValueError(
            "expected sslrootcert to name a file of certificates; leave it out for Amazon RDS and "
            "for servers with a publicly trusted certificate"
        )
    return {"sslrootcert": str(file)}


def _known_authorities(host: str) -> str:
    if host.rstrip(".").lower().endswith(AMAZON_RDS_DOMAINS):
        return str(AMAZON_RDS)
    import certifi  # noqa: PLC0415 # only a verified connection needs it, and a cold start waits

    return certifi.where()
