"""A user with an authenticator app, and the pages that set it up."""

from __future__ import annotations

import html
import re
from typing import Protocol

from accounts.models import AuditEvent
from tests.support.provider.browser import Browser
from tests.support.provider.clock import Clock
from tests.support.provider.people import Person
from tests.support.totp import code_of

PAGE = "/accounts/second-factor/"
SET_UP = "/accounts/second-factor/app/"
CONFIRM = "/accounts/second-factor/app/confirm/"
OFF = "/accounts/second-factor/off/"


class Answer(Protocol):
    """A response of the application. The test client has private classes for it."""

    @property
    def content(self) -> bytes: ...


def text_of(response: Answer) -> str:
    return html.unescape(response.content.decode())


def set_up_field(page: Answer) -> str:
    found = re.search(r'name="set_up" value="([^"]+)"', page.content.decode())
    assert found is not None
    return found[1]


def shown_key(page: Answer) -> str:
    """Return the secret as the page shows it for entering by hand."""
    found = re.search(r'<code class="key">(.+?)</code>', page.content.decode())
    assert found is not None
    return re.sub("<[^>]+>", "", found[1])


def begin(browser: Browser) -> str:
    """Begin the set-up. Return the hidden field of its form."""
    page = browser.post(SET_UP)
    assert page.status_code == 200
    return set_up_field(page)


def signs_in_with_codes(person: Person) -> bool:
    return person.has_totp


def right_code(person: Person, clock: Clock) -> str:
    return code_of(person.totp_secret, at=clock.true_time())


def wrong_code(person: Person, clock: Clock) -> str:
    return code_of(person.totp_secret, at=clock.true_time() + 3000)


def changes() -> list[tuple[str, str, str]]:
    events = AuditEvent.objects.filter(action__startswith="totp").order_by("pk")
    return list(events.values_list("action", "outcome", "actor_sub"))
