"""Keep the values of a form while its user confirms who they are.

The session keeps them, encrypted, for the time that a sign-in at the hosted UI may take. They are
only shown again, in the form that the user then sends. Passwords, codes and files are not kept.
"""

from __future__ import annotations

import json
import re
import secrets

from django.http import HttpRequest, QueryDict

from accounts import encryption
from cognito.hosted_ui import login_transaction

# The name of the query parameter that names the kept values on the way back.
PARAMETER = "form"
SESSION_KEY = "kept_forms"
# Several tabs can confirm at the same time. The oldest values are dropped first.
MAX_FORMS = 3
MAX_CHARACTERS = 16_384
# The sign-in itself, and some time for the page that shows the form again to be loaded.
SECONDS = login_transaction.LIFETIME_SECONDS + 60

# Fields whose values prove who the user is. The page asks for them again.
_SECRET = re.compile(r"pass(word|phrase|code)|secret|token|code|otp|pin\b", re.IGNORECASE)


def keep(request: HttpRequest, *, without: frozenset[str] = frozenset()) -> str:
    """Keep the values that the request posts. Return their key, or "" if there are none to keep.

    Args:
        without: the names of fields that are not kept, in addition to those that look secret.
    """
    values = {
        name: texts
        for name, texts in request.POST.lists()
        if not (name in without or _SECRET.search(name))
    }
    text = json.dumps({"path": request.path, "values": values})
    if not values or len(text) > MAX_CHARACTERS:
        return ""
    key = secrets.token_urlsafe(6)
    kept = [*_kept(request).items(), (key, encryption.encrypt(text))]
    request.session[SESSION_KEY] = dict(kept[-MAX_FORMS:])
    return key


def kept_values(request: HttpRequest) -> QueryDict | None:
    """Return the values to show again in the form of this address, or None.

    The user has to check and send them: a view must not treat them as posted.
    """
    if request.method != "GET":
        return None
    sealed = _kept(request).get(request.GET.get(PARAMETER, ""))
    if sealed is None:
        return None
    try:
        kept = json.loads(encryption.decrypt(sealed, max_age_seconds=SECONDS))
    except encryption.UndecryptableToken:
        return None
    # The key in an address must not show the values of one form in another one.
    if kept["path"] != request.path:
        return None
    values = QueryDict(mutable=True)
    for name, texts in kept["values"].items():
        values.setlist(name, texts)
    values._mutable = False  # noqa: SLF001 # as Django makes those of a request
    return values


def initial_of(request: HttpRequest) -> dict[str, str]:
    """Return the kept values as the `initial` of a form whose fields have one value each."""
    kept = kept_values(request)
    return {name: str(kept[name]) for name in kept} if kept is not None else {}


def forget(request: HttpRequest) -> None:
    """Forget all kept values, because the user has sent a form that was accepted."""
    request.session.pop(SESSION_KEY, None)


def _kept(request: HttpRequest) -> dict[str, str]:
    kept: dict[str, str] = request.session.get(SESSION_KEY, {})
    return kept
