"""Settings of the application, with sessions that renew at each request."""

from __future__ import annotations

from project.settings import *  # noqa: F403 - these are settings, with some changed

DEBUG = False
# The environment allows no less than ten.
COGNITO_RENEW_SECONDS = 0
