"""The format of telephone numbers, for the API and the operators' forms."""

from __future__ import annotations

# E.164, the only rule that Cognito checks.
# https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html
PATTERN = r"^\+[1-9][0-9]{1,14}\Z"
MAX_CHARACTERS = 16
MESSAGE = "Write the number as +441632960000: country code first, no spaces."
