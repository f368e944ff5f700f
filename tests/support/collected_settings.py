"""The project's settings, with the files of `collectstatic` outside the checkout."""

from __future__ import annotations

import os
from pathlib import Path

from project.settings import *  # noqa: F403 # this module changes one setting of the project

STATIC_ROOT = Path(os.environ["TESTS_STATIC_ROOT"])
# begin capability notes
# The example, as a deployer's application has its own pages.
STATICFILES_DIRS = [*STATICFILES_DIRS, ("examples/spa", BASE_DIR / "docs/examples/spa")]  # noqa: F405 # of the project
# end capability notes
