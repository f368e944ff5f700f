"""The one rule for telephone numbers, which the API and the operators' forms share."""

from __future__ import annotations

# E.164: a country code and 7 to 15 digits in all. No country has shorter numbers.
# https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html
PATTERN = r"^\+[1-9][0-9]{6,14}\Z"
MAX_CHARACTERS = 16
MESSAGE = "Write the number as +441632960000: country code first, no spaces."
