"""Find people in the pool by a part of what an operator knows about them.

Cognito compares the beginning of one attribute in each call. So a search makes a call for each
attribute that the text can belong to, all at the same time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from cognito.directory.parallel import in_background
from cognito.directory.records import DirectoryUser, UserPage
from cognito.directory.search import Search
from cognito.errors import CognitoError, InvalidParameter

_PHONE = re.compile(r"\+?[\d\s()./-]{3,}")
_IDENTIFIER = re.compile(r"[0-9a-f]{8}[0-9a-f-]{0,28}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class People:
    """The users that a search has found.

    Attributes:
        is_complete: whether these are all users that match by the beginning of an attribute.
        problem: the first error of a call, if some of the calls failed.
    """

    users: Sequence[DirectoryUser]
    is_complete: bool = True
    problem: CognitoError | None = None


def searches_for(text: str, *, status: str = "") -> list[Search]:
    """Return the searches that can find a person by `text`. There are at most five."""
    text = text.strip()
    if "@" in text:
        fields = ["email", "username", "preferred_username"]
    elif _IDENTIFIER.fullmatch(text):
        fields = ["sub", "username", "email"]
    elif _PHONE.fullmatch(text):
        # Cognito stores numbers as +4915112345678.
        digits = re.sub(r"\D", "", text)
        return [Search(field, text, status) for field in ("username", "email")] + [
            Search("phone_number", f"+{digits.removeprefix('00')}", status)
        ]
    else:
        fields = ["email", "name", "family_name", "given_name", "username"]
    return [Search(field, text, status) for field in fields]


@contextmanager
def finding_people(
    list_users: Callable[[Search], UserPage], searches: Iterable[Search], *, limit: int
) -> Iterator[Callable[[], People]]:
    """Search while the `with` block runs, and yield a function that waits for the people.

    It returns up to `limit` users, those of the first search first. It raises a CognitoError if no
    call succeeded.
    """
    with in_background([partial(list_users, search) for search in searches]) as answers:
        yield lambda: _people_in(answers(), limit)


def _people_in(answers: Sequence[UserPage | CognitoError], limit: int) -> People:
    # A pool refuses to search by an attribute that it does not have.
    failed = [one for one in answers if isinstance(one, CognitoError)]
    serious = [one for one in failed if not isinstance(one, InvalidParameter)]
    pages = [one for one in answers if isinstance(one, UserPage)]
    if not pages:
        raise (serious or failed)[0]
    found = {user.sub: user for page in pages for user in page.users}
    is_complete = len(found) <= limit and not any(page.next_token for page in pages)
    return People(
        list(found.values())[:limit],
        is_complete=is_complete and not serious,
        problem=serious[0] if serious else None,
    )
