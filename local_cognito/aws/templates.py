"""Read CloudFormation templates with libyaml.

MiniStack reads them with the loader of yaml that is written in Python, which takes several times as
long, and reads each template more than once.
"""

from __future__ import annotations

from typing import Any

import yaml


def install(engine: Any) -> None:
    class Loader(yaml.CSafeLoader):
        yaml_constructors = engine.CfnLoader.yaml_constructors

    engine.CfnLoader = Loader
