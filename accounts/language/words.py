"""The words of an error of `cognito/` in the language of the request.

`cognito/` knows no languages. Its words are plain English, which the catalogs have as texts.
"""

from __future__ import annotations

from django.utils.translation import gettext as _

from accounts.not_allowed import NotAllowed
from cognito.errors import CognitoError


def title_of(error: CognitoError | type[CognitoError]) -> str:
    """Return what is wrong."""
    return _(error.title)


def advice_of(error: CognitoError | type[CognitoError]) -> str:
    """Return what to do, or an empty string."""
    # The translation of an empty text is the head of the catalog.
    return _(error.advice) if error.advice else ""


def message_of(error: CognitoError | NotAllowed) -> str:
    """Return both, as `message` of the error does in English."""
    if isinstance(error, NotAllowed):
        return str(error)
    message = f"{title_of(error)}. {advice_of(error)}".rstrip()
    # Some errors have more exact words, in English only.
    return str(error) if message == error.message else message
