"""A hasher that writes a line to the log for each hash, so that tests can count the work."""

from __future__ import annotations

import logging

from django.contrib.auth.hashers import PBKDF2PasswordHasher

logger = logging.getLogger("old_site.hashers")


class FastHasher(PBKDF2PasswordHasher):
    iterations = 1000

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        logger.info("HASHED %s", iterations or self.iterations)
        return super().encode(password, salt, iterations)
