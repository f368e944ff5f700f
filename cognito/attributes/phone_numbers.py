"""The one rule for telephone numbers, which the API and the operators' forms share."""

from __future__ import annotations

# E.164, which is all that Cognito demands.
# https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html
PATTERN = r"^\+[1-9][0-9]{1,14}\Z"
MAX_CHARACTERS = 16
MESSAGE = "Write the number as +441632960000: country code first, no spaces."
