from __future__ import annotations

import sys

import pytest

from infra.deploy.bundle.packages import require_python
from infra.errors import InfraError


def test_bundle_for_another_python_version_than_the_runtime_is_refused() -> None:
    require_python("python{}.{}".format(*sys.version_info))
    require_python(None)
    with pytest.raises(InfraError, match=r"make setup PYTHON=python3\.8"):
        require_python("python3.8")
