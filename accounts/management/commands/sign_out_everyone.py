"""`manage.py sign_out_everyone`: end every session and refuse every token issued so far."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from accounts.models import AuditEvent, BrowserSession, identity_model
from accounts.sign_out.everyone import sign_out_everyone


class Command(BaseCommand):
    """Cognito keeps its own sessions, so most users sign in again with one click."""

    help = "Sign all users out of this site. Run it after the database was restored."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="Only say what the database has."
        )

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        if not dry_run:
            ended = sign_out_everyone()
            self.stdout.write(f"{ended:,} sessions ended. All tokens issued so far are refused.")
            return
        newest = AuditEvent.objects.order_by("-at").values_list("at", flat=True).first()
        self.stdout.write(f"users: {identity_model().objects.count():,}")
        self.stdout.write(f"browser sessions: {BrowserSession.objects.count():,}")
        self.stdout.write(f"audit events: {AuditEvent.objects.count():,}")
        self.stdout.write(
            f"newest audit event: {newest:%Y-%m-%d %H:%M:%S %Z}" if newest else "no audit event"
        )
