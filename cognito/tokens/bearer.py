"""The form of an `Authorization` header with a bearer token."""

from __future__ import annotations

import re

# RFC 6750 section 2.1. Only the scheme ignores case (RFC 9110 section 11.1). For the token, that
# would match letters beyond ASCII. A comma does not match, because servers join repeated headers
# with commas.
BEARER = re.compile(r"(?i:Bearer) +([A-Za-z0-9._~+/-]+=*)", re.ASCII)
