"""A signed-in user of the account pages, and what the pages show."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

from accounts.models import AuditEvent
from tests.accounts.own_account.authenticator import Answer, text_of

NAME = "/accounts/profile/name/"
EMAIL = "/accounts/profile/email/"
PHONE = "/accounts/profile/phone/"
VERIFY = "/accounts/profile/verify/"
CODE_PAGE = "/accounts/profile/code/"
PASSWORD = "/accounts/profile/password/"
SECURITY = "/accounts/profile/sign-in-methods/"
DEVICES = "/accounts/profile/devices/"
DATA = "/accounts/profile/data/"
DOWNLOAD = "/accounts/profile/data/download/"
DELETE = "/accounts/profile/delete/"
END_OTHERS = "/accounts/sessions/end-others/"
END_ALL = "/accounts/sessions/end-all/"


def errors(page: Answer) -> dict[str, str]:
    """Return the error of each field, by the field's name, as the browser connects both."""
    source = page.content.decode()
    found = {}
    for field in re.findall(r"<input[^>]+>", source):
        described = re.search(r'aria-describedby="([^"]*)"', field)
        name = re.search(r'name="([^"]+)"', field)
        for described_id in described[1].split() if described else ():
            error = re.search(rf'class="field-error" id="{described_id}"[^>]*>(.*?)</p>', source)
            if error and name:
                assert 'aria-invalid="true"' in field
                found[name[1]] = html.unescape(error[1]).strip()
    return found


def form_error(page: Answer) -> str:
    """Return the error that belongs to no field."""
    found = re.search(r'class="notice warning" role="alert"><p>(.*?)</p>', page.content.decode())
    return html.unescape(found[1]) if found else ""


def values(page: Answer) -> dict[str, str]:
    """Return the values of the visible fields."""
    fields = re.findall(r"<input[^>]+>", page.content.decode())
    found = {}
    for field in fields:
        name, value = re.search(r'name="([^"]+)"', field), re.search(r'value="([^"]*)"', field)
        if name and 'type="hidden"' not in field:
            found[name[1]] = html.unescape(value[1]) if value else ""
    return found


def notices(page: Answer) -> list[str]:
    """Return the messages about what an action has done."""
    return re.findall(r'<p class="notice [a-z]+">(.*?)</p>', text_of(page))


def events(*, actions: Iterable[str] = ()) -> list[tuple[str, str, str]]:
    """Return action, outcome and detail of the events, without those of sign-ins."""
    rows = AuditEvent.objects.exclude(action__in=["sign_in", "first_sign_in", "step_up"]).order_by(
        "pk"
    )
    if actions:
        rows = rows.filter(action__in=list(actions))
    return list(rows.values_list("action", "outcome", "detail"))
