"""The site's name, colours and support address, as parameters of infra/cognito.yaml.

The application declares these variables (project/environment/variables.py). Its own module computes
the colours, in a process, because this package imports nothing of the application.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping

from infra.environments import ROOT
from infra.errors import InfraError

_SECONDS = 30
_COLORS = ("SiteColor", "SiteColorHover", "SiteColorDark", "SiteColorDarkHover")


def site_parameters(environment: Mapping[str, str], *, public_url: str) -> dict[str, str]:
    """Return the parameters that follow from the application's variables `SITE_…`.

    Without SITE_COLOR, managed login keeps the colours that it has.

    Raises InfraError if a colour is invalid.
    """
    parameters = {"SiteUrl": public_url}
    if name := environment.get("SITE_NAME"):
        parameters["SiteName"] = name
    if support := environment.get("SITE_SUPPORT"):
        parameters["SiteSupport"] = support.removeprefix("mailto:")
    if color := environment.get("SITE_COLOR"):
        parameters |= _colors(color, environment.get("SITE_COLOR_DARK", ""))
    return parameters


def site_colors(environment: Mapping[str, str]) -> dict[str, str]:
    """Return SITE_COLOR and SITE_COLOR_DARK, both or none. Raises InfraError."""
    if not environment.get("SITE_COLOR"):
        return {}
    colors = _colors(environment["SITE_COLOR"], environment.get("SITE_COLOR_DARK", ""))
    return {
        "SITE_COLOR": f"#{colors['SiteColor']}",
        "SITE_COLOR_DARK": f"#{colors['SiteColorDark']}",
    }


def _colors(light: str, dark: str) -> dict[str, str]:
    finished = subprocess.run(
        [sys.executable, "-m", "project.environment.colors", light, dark],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    if finished.returncode:
        raise InfraError(finished.stderr.strip())
    return dict(zip(_COLORS, finished.stdout.split(), strict=True))
