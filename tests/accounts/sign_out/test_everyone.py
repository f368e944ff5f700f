"""The command that signs all users out."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone
from pytest_django import Settings

from accounts.models import AuditEvent, BrowserSession, Revocation, User
from accounts.process import revocation_list
from accounts.process.revocation_list import RevocationList
from accounts.sign_out import everyone
from cognito.testing import TokenFactory
from cognito.tokens.claims import Claims
from cognito.tokens.verifier import TokenVerifier

pytestmark = pytest.mark.django_db


def signed_in(
    factory: TokenFactory, verifier: TokenVerifier, *, seconds_ago: int, sub: str = "ada"
) -> Claims:
    """Return the claims of a token that was refreshed just now."""
    now = int(timezone.now().timestamp())
    token = factory.access(sub=sub, auth_time=now - seconds_ago, iat=now)
    return verifier.verify(token, token_uses=frozenset({"access"}))


@pytest.fixture(autouse=True)
def issuer(token_factory: TokenFactory, settings: Settings) -> None:
    settings.COGNITO_ISSUER = token_factory.issuer


@pytest.fixture
def sessions(settings: Settings) -> None:
    now = timezone.now()
    for sub in ("ada", "bob"):
        user = User.objects.create(issuer=settings.COGNITO_ISSUER, sub=sub)
        BrowserSession.objects.create(user=user, signed_in_at=now, last_seen_at=now, renewed_at=now)


def printed(*arguments: str) -> str:
    output = StringIO()
    call_command("sign_out_everyone", *arguments, stdout=output)
    return output.getvalue()


@pytest.mark.parametrize("is_long", [False, True], ids=["list", "query"])
def test_every_earlier_sign_in_is_refused(
    token_factory: TokenFactory,
    token_verifier: TokenVerifier,
    monkeypatch: pytest.MonkeyPatch,
    *,
    is_long: bool,
) -> None:
    if is_long:
        # A new process asks the database until it has read the list.
        monkeypatch.setattr(revocation_list, "PART", 1)
        monkeypatch.setattr(revocation_list, "LOAD_SECONDS", 0.0)
    earlier = [
        signed_in(token_factory, token_verifier, seconds_ago=60, sub=sub) for sub in ("ada", "bob")
    ]
    old = RevocationList()
    assert [old.is_revoked(one) for one in earlier] == [False, False]
    printed()
    assert [RevocationList().is_revoked(one) for one in earlier] == [True, True]
    later = signed_in(token_factory, token_verifier, seconds_ago=-5)
    assert not RevocationList().is_revoked(later)


def test_tokens_are_refused_as_long_as_they_can_be_refreshed(settings: Settings) -> None:
    settings.COGNITO_REFRESH_TOKEN_DAYS = 30
    printed()
    row = Revocation.objects.get()
    assert row.expires_at - row.signed_in_until > timedelta(days=30)
    assert str(row) == "every sign-in"
    # A second run moves the one row.
    printed()
    assert Revocation.objects.get().signed_in_until > row.signed_in_until


def test_all_sessions_end_and_the_trail_says_so(
    sessions: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(everyone, "BATCH_SIZE", 1)
    assert printed() == "2 sessions ended. All tokens issued so far are refused.\n"
    assert not BrowserSession.objects.exists()
    event = AuditEvent.objects.get()
    assert (event.action, event.actor_label) == ("sign_out_user", "command line")
    assert (event.subject_label, event.detail) == ("all users", "2 sessions")


def test_dry_run_says_what_the_database_has(sessions: None) -> None:
    assert printed("--dry-run").splitlines() == [
        "users: 2",
        "browser sessions: 2",
        "audit events: 0",
        "no audit event",
    ]
    assert not Revocation.objects.exists()
    AuditEvent(action="sign_in", outcome="success").save()
    assert f"newest audit event: {timezone.now():%Y-%m-%d}" in printed("--dry-run")
