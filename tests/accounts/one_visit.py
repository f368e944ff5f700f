"""A program that runs the application at the address in its first argument, and visits it once.

A process reads the settings of a deployment once, at its start, so each address needs a process.
The last line of the output is JSON: for each request the status, the headers, and the cookies with
their attributes. The lines before it are log lines.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from tests.support.provider.provider import Provider
from tests.support.provider.server import Server


def main(public_url: str) -> None:
    with Server().running() as server:
        provider = Provider(server, public_url)
        os.environ |= provider.variables | {"DJANGO_SETTINGS_MODULE": "project.settings"}
        with server.serving(provider):
            answers = visit(provider, public_url)
    json.dump({name: described(answer) for name, answer in answers.items()}, sys.stdout)


def visit(provider: Provider, public_url: str) -> dict[str, Any]:
    """Return the responses by name. Import Django only after its environment is set."""
    import django  # noqa: PLC0415 # see above

    django.setup()
    from django.apps import apps  # noqa: PLC0415 # see above
    from django.conf import settings  # noqa: PLC0415 # see above
    from django.core.management import call_command  # noqa: PLC0415 # see above

    from tests.support.provider.browser import PROFILE, Browser  # noqa: PLC0415 # see above

    # Work without a run of collectstatic.
    settings.STATIC_ROOT = None
    settings.STORAGES["staticfiles"]["BACKEND"] = (
        "django.contrib.staticfiles.storage.StaticFilesStorage"
    )
    # Create the tables from the models, which is faster than running the migrations.
    settings.MIGRATION_MODULES = {app.label: None for app in apps.get_app_configs()}
    call_command("migrate", run_syncdb=True, verbosity=0)
    scheme, _, rest = public_url.partition("://")
    host, slash, prefix = rest.partition("/")
    browser = Browser(provider, scheme=scheme, prefix=slash + prefix, HTTP_HOST=host)
    answers: dict[str, Any] = {"home": browser.get("/"), "start": browser.get("/accounts/login/")}
    answers["callback"] = browser.come_back(browser.visit_hosted_ui(answers["start"]["Location"]))
    answers["profile"] = browser.get(PROFILE)
    own, other = f"{scheme}://{host}", f"{scheme}://other.{host}"
    answers["session"] = browser.get("/api/v1/session", headers={"origin": own})
    answers["session elsewhere"] = browser.get("/api/v1/session", headers={"origin": other})
    answers["admin"] = browser.get("/admin/")  # only with console
    answers["missing"] = browser.get("/no/such/page")
    answers["logout"] = browser.post("/accounts/logout/")
    answers["anonymous"] = browser.get(PROFILE)
    plain = Browser(provider, HTTP_HOST=host)
    answers["plain"] = plain.get("/accounts/login/", HTTP_X_FORWARDED_PROTO="https")
    answers["plain health"] = plain.get("/healthz")
    answers["evil host"] = Browser(provider, HTTP_HOST="evil.example").get("/")
    return answers


def described(answer: Any) -> dict[str, Any]:
    """Return a response in a form that JSON can represent."""
    return {
        "status": answer.status_code,
        "headers": {name.lower(): value for name, value in answer.items()},
        "cookies": {
            name: {key: value for key, value in morsel.items() if value != ""}
            for name, morsel in answer.cookies.items()
        },
    }


if __name__ == "__main__":
    main(sys.argv[1])
