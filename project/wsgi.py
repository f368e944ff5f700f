"""The WSGI entry point."""

from __future__ import annotations

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
django.setup(set_prefix=False)

from api.wire.wsgi import TolerantHandler  # noqa: E402 # Django must be set up first
from project.reports.start import start  # noqa: E402 # as above

# Before the handler, whose class Sentry's client changes.
start()
application = TolerantHandler()
