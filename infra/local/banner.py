"""The text that `make run` prints after the start."""

from __future__ import annotations

import os

from infra.environments import APP, ROOT
from infra.local.demo import DEMO_PASSWORD, DEMO_USERS
from infra.local.home import DEFAULT_HOME, Home


def banner(home: Home, *, public_url: str, login_url: str) -> str:
    users = [
        f"{user.email:<22}{DEMO_PASSWORD}   {', '.join(user.groups)}".rstrip()
        for user in DEMO_USERS
    ]
    infra = f"{APP.python.relative_to(ROOT)} -m infra"
    at_home = "" if home.directory == DEFAULT_HOME else f" --home {home.directory}"
    api_call = f'curl -s -H "Authorization: Bearer $({infra} token{at_home} {{}})" {{}}/api/v1/me'
    rows = [
        ("Open", f"{public_url}/         the application"),
        # begin capability console
        ("", f"{public_url}/admin/   the admin, for members of {DEMO_USERS[0].groups[0]}"),
        # end capability console
        ("Mailbox", f"{login_url}/mailbox  shows all e-mails; none is sent"),
        ("Sign in as", users[0]),
        *(("", user) for user in users[1:]),
        ("Or try", '"Create account" with any address; the code is in the mailbox'),
        ("", '"Forgot your password?" on the sign-in page'),
        ("Call the API", api_call.format(f"--user {DEMO_USERS[-1].email}", public_url)),
        ("as a program", api_call.format("--machine", public_url)),
        ("Logs", os.path.relpath(home.logs)),
        ("Stop", f"Ctrl-C. Users are kept; `{infra} local reset{at_home}` deletes them."),
    ]
    lines = [f"Gatehouse runs at {public_url}", ""]
    lines += [f"  {title:<14}{text}" for title, text in rows]
    return "\n".join(["", *lines, ""])
