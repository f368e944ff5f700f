"""Run the old site: `python -m tests.support.old_site PORT`, or one of its commands.

It creates the users of the file OLD_SITE_USERS: a JSON list of fields. `raw` is a password.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import django
from django.core.management import call_command, execute_from_command_line
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.support.old_site.settings")


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 64


class Handler(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Write nothing."""


def create_users() -> None:
    from django.contrib.auth.models import Group, User  # noqa: PLC0415 - needs django.setup()

    found = json.loads(Path(os.environ["OLD_SITE_USERS"]).read_text("utf-8"))
    for number, fields in enumerate(found, User.objects.count()):
        raw, names = fields.pop("raw", None), fields.pop("groups", [])
        fields.setdefault("username", f"user{number}")
        user = User(**fields)
        if raw is not None:
            user.set_password(raw)
        elif not user.password:
            user.set_unusable_password()
        user.save()
        user.groups.set([Group.objects.get_or_create(name=name)[0] for name in names])


def main(arguments: list[str]) -> None:
    if not arguments[0].isdigit():
        execute_from_command_line(["manage.py", *arguments])
        return
    django.setup()
    call_command("check")
    call_command("migrate", verbosity=0)
    create_users()
    from django.contrib.staticfiles.handlers import StaticFilesHandler  # noqa: PLC0415 - as above

    application = StaticFilesHandler(get_wsgi_application())
    with make_server("127.0.0.1", int(arguments[0]), application, Server, Handler) as server:
        print("READY", flush=True)
        server.serve_forever()


main(sys.argv[1:])
