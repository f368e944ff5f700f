from __future__ import annotations

import re

from docs.check import project_files
from infra.environments import ROOT

# Only the settings of a product name the folder of the console's templates.
OF_THE_CONSOLE = "accounts/console/templates/"


def test_templates_and_static_files_are_below_the_name_of_the_package() -> None:
    """A project may have a file of the same name, which would hide ours."""
    found = [
        match[1]
        for path in project_files(ROOT)
        if not path.startswith(OF_THE_CONSOLE)
        and (match := re.match(r"(?:accounts|api)/(?:\w+/)*(?:templates|static)/(.+)", path))
    ]
    assert found
    assert [path for path in found if not path.startswith("gatehouse/")] == []
