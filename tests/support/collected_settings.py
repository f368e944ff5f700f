"""The project's settings, with the files of `collectstatic` outside the checkout."""

from __future__ import annotations

import os
from pathlib import Path

from project.settings import *  # noqa: F403 # every setting is the project's, but one
from tests.support.static_root import VARIABLE

STATIC_ROOT = Path(os.environ[VARIABLE])
