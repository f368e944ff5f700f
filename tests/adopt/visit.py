"""A project that has adopted Gatehouse.

It runs with a Cognito in one process.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from tests.adopt.host import PREFIX
from tests.support.provider.people import Person
from tests.support.provider.provider import Provider

if TYPE_CHECKING:
    from tests.support.provider.browser import Browser

PASSWORD = "an old phrase of words"
LOGIN, PROFILE = f"{PREFIX}/accounts/login/", f"{PREFIX}/accounts/profile/"


class Visit:
    """The project with a Cognito. Import Django only after its environment is set."""

    def __init__(self, provider: Provider) -> None:
        import django  # noqa: PLC0415 # see above

        django.setup()
        from django.contrib.auth import get_user_model  # noqa: PLC0415 # see above

        self.provider = provider
        self.users: Any = get_user_model()

    def start(self) -> None:
        """Remove what the scenario before has left."""
        from django.db.models import QuerySet  # noqa: PLC0415 # see above

        from accounts import process  # noqa: PLC0415 # see above
        from accounts.models import AuditEvent  # noqa: PLC0415 # see above
        from accounts.process import ProcessState  # noqa: PLC0415 # see above

        self.users.objects.all().delete()
        QuerySet(AuditEvent).delete()
        # A new process reads the list of revocations at once.
        process.current = ProcessState()

    def browser(self) -> Browser:
        from tests.support.provider.browser import Browser  # noqa: PLC0415 # see above

        return Browser(self.provider, HTTP_HOST="localhost:8000")

    def user(self, name: str, **fields: Any) -> Any:
        """Create a user of the project, whose address begins with `name`."""
        if self.users.USERNAME_FIELD == "username":
            fields["username"] = name
        return self.users.objects.create_user(
            email=f"{name}@example.com", password=PASSWORD, **fields
        )

    def with_password(self, user: Any) -> Browser:
        """Return a browser in which a user of the project has signed in with a password."""
        browser = self.browser()
        assert browser.login(username=user.get_username(), password=PASSWORD)
        return browser

    def sign_in(self, browser: Browser, person: Person) -> Any:
        """Sign in through the hosted UI, and return the response of the callback."""
        self.provider.person = person
        start = browser.get(LOGIN)
        assert start.status_code == 302, start.content
        return browser.come_back(browser.visit_hosted_ui(start["Location"]))

    def link(self, user: Any, person: Person) -> None:
        from accounts.identity.models import Identity  # noqa: PLC0415 # see above

        Identity.objects.create(issuer=self.provider.pool.issuer, sub=person.sub, user=user)

    @property
    def identities(self) -> Any:
        from accounts.identity.models import Identity  # noqa: PLC0415 # see above

        return Identity.objects

    def link_identities(self, *options: str) -> str:
        """Run the command, and return its output: errors, then lines of the result."""
        from django.core.management import CommandError, call_command  # noqa: PLC0415 # see above

        stdout, stderr = io.StringIO(), io.StringIO()
        try:
            call_command("link_identities", *options, stdout=stdout, stderr=stderr)
        except CommandError as error:
            return str(error)
        return stderr.getvalue() + stdout.getvalue()

    def bearer(self, person: Person) -> str:
        return f"Bearer {self.provider.pool.factory(person).access()}"


def front_page(browser: Browser) -> str:
    return browser.get("/").content.decode()
