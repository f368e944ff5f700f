"""What ends a request early. Each becomes an answer in one place, the application.

Ending
|- BrokenRequest     a page: the browser may not be sent anywhere
|- ErrorRedirect     back to the app, with an error in the address (RFC 6749, section 4.1.2.1)
|- Unavailable       a page: MiniStack does not answer
`- Refused           the user pool said no; views turn it into a message on their page
"""

from __future__ import annotations


class Ending(Exception):
    pass


class BrokenRequest(Ending):
    """The message is for the developer who reads the page."""


class ErrorRedirect(Ending):
    """`redirect_uri` has been compared with what the app client registered."""

    def __init__(self, redirect_uri: str, error: str, *, state: str) -> None:
        super().__init__(error)
        self.redirect_uri = redirect_uri
        self.error = error
        self.state = state


class Unavailable(Ending):
    pass


class Refused(Ending):
    """`code` is the exception's name in the API, `message` its text, which quotes no input."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
