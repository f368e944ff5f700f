"""The project's settings, with the files of `collectstatic` outside the checkout."""

from __future__ import annotations

import os
from pathlib import Path

from project.settings import *  # noqa: F403 # this module changes one setting of the project

STATIC_ROOT = Path(os.environ["TESTS_STATIC_ROOT"])
