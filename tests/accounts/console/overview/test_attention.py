"""What the front page says needs attention."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.console.overview import attention, pool_state
from accounts.console.overview.attention import Services
from accounts.console.overview.pool_state import PoolState
from accounts.models import AuditDelivery, AuditEvent, Revocation, User
from accounts.process import ProcessState
from accounts.process.revocation_list import EVERYONE
from accounts.sign_out import revocations, sign_out
from cognito.directory import parallel
from tests.support.pool_stub import PoolStub
from tests.support.pool_stub import user as described

pytestmark = pytest.mark.django_db

GOOD = Services(database_milliseconds=0.1, keys_are_known=True, pool=PoolState())


@pytest.fixture
def viewer() -> User:
    """An operator of another pool, who is not checked for a second factor."""
    row = User.objects.create(issuer="elsewhere", sub="viewer", is_staff=True)
    row.groups.add(Group.objects.get(name="operators"))
    return User.objects.get(pk=row.pk)


def titles(viewer: User, state: Services = GOOD) -> list[str]:
    return [one.title for one in attention.notices(state, viewer)]


def state_of_pool(viewer: User, stub: PoolStub) -> PoolState:
    stub.answer("ListUsers", {"Users": []})
    with pool_state.asking(viewer) as answer:
        return answer()


def titles_with_pool(viewer: User, stub: PoolStub) -> list[str]:
    return titles(viewer, replace(GOOD, pool=state_of_pool(viewer, stub)))


def test_nothing_needs_attention_on_a_healthy_site(viewer: User) -> None:
    assert titles(viewer) == []


def test_failing_dependencies_come_first(viewer: User, settings: Settings) -> None:
    settings.SECRET_KEY_FALLBACKS = ["old"]
    failing = PoolState(problem="No answer")
    bad = Services(database_milliseconds=1, keys_are_known=False, pool=failing)
    assert titles(viewer, bad) == [
        "The user pool: No answer",
        "The signing keys of the user pool are not loaded",
        "Former secrets are still accepted",
    ]


def test_pending_migrations_are_counted_until_none_is(
    viewer: User,
    fresh_process: ProcessState,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    applied = MigrationRecorder.Migration.objects.filter(app="sessions").latest("pk")
    MigrationRecorder.Migration.objects.filter(pk=applied.pk).delete()
    assert titles(viewer) == ["1 migration is pending"]
    MigrationRecorder.Migration.objects.create(app="sessions", name=applied.name)
    assert titles(viewer) == []
    assert fresh_process.has_all_migrations
    with django_assert_num_queries(0):
        assert attention.pending_migrations() == 0


def test_sign_outs_that_cognito_has_not_confirmed_are_counted(
    viewer: User, settings: Settings
) -> None:
    for sub, is_confirmed in (("ada", True), ("bob", False), ("eve", False)):
        sign_out.sign_out_by_operator(issuer="here", sub=sub, is_signed_out_at_cognito=is_confirmed)
    assert titles(viewer) == ["2 sign-outs are not confirmed by Cognito"]
    found = attention.unconfirmed(Revocation.objects.all())
    assert sorted(found.values_list("sub", flat=True)) == ["bob", "eve"]


def test_unconfirmed_sign_out_needs_no_attention_after_the_refresh_token_has_expired(
    viewer: User, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    sign_out.sign_out_by_operator(issuer="here", sub="bob", is_signed_out_at_cognito=False)
    lifetime = timedelta(days=settings.COGNITO_REFRESH_TOKEN_DAYS)
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now + lifetime - timedelta(hours=1))
    assert len(titles(viewer)) == 1
    monkeypatch.setattr(timezone, "now", lambda: now + lifetime + timedelta(hours=1))
    assert titles(viewer) == []


def test_notice_of_unconfirmed_sign_outs_links_to_them(
    client: Client, root: User, stub: PoolStub
) -> None:
    for sub, is_confirmed in (("ada", True), ("bob", False)):
        sign_out.sign_out_by_operator(issuer="here", sub=sub, is_signed_out_at_cognito=is_confirmed)
    (notice,) = [one for one in attention.notices(GOOD, root) if "sign-out" in one.title]
    page = client.get(notice.url).content.decode()
    assert "bob" in page
    assert ">ada<" not in page
    assert client.get("/admin/accounts/revocation/?confirmed=yes").status_code == 400


def test_sign_out_of_all_users_needs_no_attention_and_is_listed(
    client: Client, root: User, stub: PoolStub
) -> None:
    now = timezone.now()
    revocations.revoke_user(
        issuer="here", sub=EVERYONE, until=now, expires_at=now + timedelta(days=31)
    )
    assert not [one for one in attention.notices(GOOD, root) if "sign-out" in one.title]
    page = client.get("/admin/accounts/revocation/").content.decode()
    assert "Every sign-in of all users" in page


def operator(sub: str, settings: Settings, *, minutes: int = 0, **fields: Any) -> User:
    return User.objects.create(
        issuer=settings.COGNITO_ISSUER,
        sub=sub,
        email=f"{sub}@example.com",
        last_login=timezone.now() - timedelta(minutes=minutes),
        **{"is_staff": True, **fields},
    )


def answers(stub: PoolStub, sub: str, *factors: str, status: str = "CONFIRMED") -> None:
    person = described(status, sub=sub)
    stub.answer_once("AdminGetUser", person | {"UserMFASettingList": list(factors)})


def test_operators_without_a_second_factor_are_named(
    viewer: User, stub: PoolStub, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The answers of the stub have an order.
    monkeypatch.setattr(parallel, "THREADS", 1)
    for minutes, sub in enumerate(("ada", "bob", "cid", "dan", "eve", "fay")):
        operator(sub, settings, minutes=minutes)
    answers(stub, "ada", "SOFTWARE_TOKEN_MFA")
    # Another user has the user name now.
    answers(stub, "another-user")
    answers(stub, "cid", status="EXTERNAL_PROVIDER")
    for sub in ("dan", "eve", "fay"):
        answers(stub, sub)
    operator("user", settings, is_staff=False)
    operator("off", settings, is_active=False)
    (notice,) = attention.notices(replace(GOOD, pool=state_of_pool(viewer, stub)), viewer)
    assert notice.title == "3 operators have no second factor"
    assert str(notice.text).startswith("dan@example.com, eve@example.com, fay@example.com.")
    assert len(stub.calls("AdminGetUser")) == 6


def test_only_the_operators_who_signed_in_last_are_checked_in_a_bounded_time(
    viewer: User, stub: PoolStub, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(pool_state.MAX_OPERATORS + 2):
        operator(f"sub-{number}", settings, minutes=number)
    monkeypatch.setattr(pool_state, "SECONDS", 30)
    assert state_of_pool(viewer, stub).unchecked == 0
    assert len(stub.calls("AdminGetUser")) == pool_state.MAX_OPERATORS
    monkeypatch.setattr(pool_state, "SECONDS", -1)
    state = state_of_pool(viewer, stub)
    assert state.problem
    assert list(state.without_factor) == []
    assert len(stub.calls("AdminGetUser")) == pool_state.MAX_OPERATORS


def test_failing_pool_does_not_turn_operators_into_ones_without_a_factor(
    viewer: User, stub: PoolStub, settings: Settings
) -> None:
    operator("ada", settings)
    stub.refuse("AdminGetUser", "InternalErrorException")
    assert titles_with_pool(viewer, stub) == ["The second factor of 1 operator was not checked"]


def test_notices_depend_on_the_permissions_of_the_operator(
    viewer: User, stub: PoolStub, settings: Settings
) -> None:
    operator("ada", settings)
    answers(stub, "ada")
    sign_out.sign_out_by_operator(issuer="here", sub="bob", is_signed_out_at_cognito=False)
    Group.objects.get(name="operators").permissions.clear()
    assert titles_with_pool(User.objects.get(pk=viewer.pk), stub) == []
    assert stub.calls("AdminGetUser") == []


def test_former_secrets_are_named_but_not_shown(viewer: User, settings: Settings) -> None:
    settings.SECRET_KEY_FALLBACKS = ["a-former-secret"]
    settings.TOKEN_ENCRYPTION_KEYS = ["new-key", "old-key"]
    (notice,) = attention.notices(GOOD, viewer)
    text = f"{notice.title} {notice.text}"
    assert "DJANGO_SECRET_KEY_FALLBACKS, TOKEN_ENCRYPTION_KEYS" in text
    assert "7 days" in text
    assert "a-former-secret" not in text
    assert "key" not in text.replace("SECRET_KEY", "").replace("ENCRYPTION_KEYS", "")


def test_old_secrets_are_named_with_the_command_that_replaces_them(
    viewer: User, settings: Settings
) -> None:
    now = timezone.now()
    settings.SECRETS_CREATED = {
        "client": now - timedelta(days=95, hours=1),
        "encryption": now - timedelta(days=89),
        "signing": now - timedelta(days=91),
    }
    notices = attention.notices(GOOD, viewer)
    assert [(one.tone, one.title) for one in notices] == [
        ("warn", "The secret of the app client is 95 days old"),
        ("warn", "The signing key of sessions is 91 days old"),
    ]
    assert "infra secrets rotate --what client" in str(notices[0].text)


def test_events_that_wait_for_the_bus_are_announced(viewer: User, settings: Settings) -> None:
    AuditEvent(action="sign_in", outcome="success").save()
    assert titles(viewer) == []
    settings.AUDIT_EVENT_BUS = "audit"
    assert titles(viewer) == [], "the next run sends it"
    late = timezone.now() - timedelta(minutes=16)
    AuditEvent(action="sign_in", outcome="success", at=late).save()
    AuditDelivery.objects.create(position=AuditEvent.objects.order_by("pk")[0].pk)
    assert titles(viewer) == ["Audit events wait for the event bus"]
    AuditDelivery.objects.update(position=AuditEvent.objects.order_by("-pk")[0].pk)
    assert titles(viewer) == []
