"""Write service_model.json: `python -m local_cognito.aws.model`."""

from __future__ import annotations

import json

from local_cognito.aws.model import FILE
from local_cognito.aws.model.extract import extract
from local_cognito.aws.operations import OPERATIONS

FILE.write_text(json.dumps(extract(OPERATIONS), indent=1, sort_keys=True) + "\n", encoding="utf-8")
