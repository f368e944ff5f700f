"""The project's settings, with the files of `collectstatic` outside the checkout."""

from __future__ import annotations

import os
from pathlib import Path

from project.settings import *  # noqa: F403 # every setting is the project's, but one

STATIC_ROOT = Path(os.environ["TESTS_STATIC_ROOT"])
