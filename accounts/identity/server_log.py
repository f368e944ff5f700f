"""Keep codes out of the log of Django's development server in another project.

The product's own settings configure logging for all addresses. A project has a configuration of its
own, so only the address with codes is changed there.
"""

from __future__ import annotations

import logging
import re

from accounts.site_paths import own_path


class WithoutCodes(logging.Filter):
    """Remove the query string from the line of a callback: it has a code and a state."""

    def filter(self, record: logging.LogRecord) -> bool:
        callback = re.compile(rf"({re.escape(own_path('accounts/callback/'))})\?\S*")
        if isinstance(record.args, tuple):
            record.args = tuple(
                callback.sub(r"\1", one) if isinstance(one, str) else one for one in record.args
            )
        return True


def keep_codes_out() -> None:
    """Add the filter, once."""
    logger = logging.getLogger("django.server")
    if not any(isinstance(one, WithoutCodes) for one in logger.filters):
        logger.addFilter(WithoutCodes())
