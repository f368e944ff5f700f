"""Errors that end a request. The application turns each into an answer.

Ending
|- BrokenRequest     a page: there is no safe address to redirect to
|- ErrorRedirect     a redirect to the app with an error (RFC 6749, section 4.1.2.1)
|- Unavailable       a page: MiniStack does not answer
`- Refused           the user pool refuses; views show it as a message on their page
"""

from __future__ import annotations


class Ending(Exception):
    pass


class BrokenRequest(Ending):
    """The request cannot be answered with a redirect. The page shows the message."""


class ErrorRedirect(Ending):
    """The app must learn of an error. `redirect_uri` is one that the app client registered."""

    def __init__(self, redirect_uri: str, error: str, *, state: str) -> None:
        super().__init__(error)
        self.redirect_uri = redirect_uri
        self.error = error
        self.state = state


class Unavailable(Ending):
    pass


class Refused(Ending):
    """`code` is the name of the API's exception, and `message` its text, which quotes no input."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code = code
        self.message = message


class RefusedInWords(Refused):
    """A refusal of the pages themselves. Its message is what the page says."""
