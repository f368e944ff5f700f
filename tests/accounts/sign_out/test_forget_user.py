from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from accounts.models import AuditEvent, BrowserSession, Revocation, User
from accounts.sign_out import forget_user
from tests.support.database_steps import recorded_steps

pytestmark = pytest.mark.django_db

ISSUER = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_TestPool1"


def person(sub: str = "ada", **changed: object) -> User:
    about = {"username": sub, "email": f"{sub}@example.com", "name": sub, "email_verified": True}
    user = User.objects.create(issuer=ISSUER, sub=sub, **about | changed)
    now = timezone.now()
    BrowserSession.objects.create(
        user=user, signed_in_at=now, last_seen_at=now, renewed_at=now, address=None
    )
    return user


def test_row_and_sessions_are_deleted_and_bearer_tokens_are_revoked_for_their_lifetime() -> None:
    person()

    forget_user.forget(issuer=ISSUER, sub="ada")

    assert not User.objects.exists()
    assert not BrowserSession.objects.exists()
    revocation = Revocation.objects.get()
    assert (revocation.issuer, revocation.sub, revocation.origin_jti) == (ISSUER, "ada", "")
    assert timezone.now() - revocation.signed_in_until < timedelta(minutes=1)
    lives = revocation.expires_at - revocation.signed_in_until
    assert lives == timedelta(hours=24, minutes=30)


def test_other_users_are_unchanged() -> None:
    person()
    other = person("grace")
    same_sub = User.objects.create(issuer="https://other.example", sub="ada")

    forget_user.forget(issuer=ISSUER, sub="ada")

    assert set(User.objects.all()) == {other, same_sub}
    assert BrowserSession.objects.get().user == other


def test_sessions_are_locked_before_their_user() -> None:
    person()

    with recorded_steps() as steps:
        forget_user.forget(issuer=ISSUER, sub="ada")

    assert [step for step in steps if step.startswith("lock ")] == [
        "lock accounts_browsersession",
        "lock accounts_user",
    ]
    in_order = [
        "lock accounts_browsersession",
        "delete accounts_browsersession",
        "lock accounts_user",
        "delete accounts_user",
    ]
    assert sorted(in_order, key=steps.index) == in_order


def test_audit_trail_keeps_the_label_of_the_user() -> None:
    user = person()
    AuditEvent.objects.create(
        action="sign_in", outcome="success", actor_sub=user.sub, actor_label=str(user)
    )

    forget_user.forget(issuer=ISSUER, sub="ada")

    assert AuditEvent.objects.get().actor_label == "ada@example.com"


# begin capability console
def test_log_entries_of_a_deleted_operator_are_kept() -> None:
    user = person(is_staff=True, is_superuser=True)
    user.groups.add(Group.objects.create(name="editors"))
    user.user_permissions.add(Permission.objects.all()[0])
    entry = LogEntry.objects.create(
        user=user,
        content_type=ContentType.objects.get_for_model(User),
        object_id="7",
        object_repr="a user",
        action_flag=CHANGE,
    )

    forget_user.forget(issuer=ISSUER, sub="ada")

    left = LogEntry.objects.get(pk=entry.pk).user
    assert (left.issuer, left.sub) == (ISSUER, "ada")
    assert (left.username, left.email, left.name) == ("", "", "")
    flags = (left.is_active, left.is_staff, left.is_superuser, left.email_verified)
    assert flags == (False, False, False, False)
    assert not left.groups.exists()
    assert not left.user_permissions.exists()
    assert not BrowserSession.objects.exists()


# end capability console


def test_second_deletion_revokes_the_tokens_again_without_an_error() -> None:
    person()

    forget_user.forget(issuer=ISSUER, sub="ada")
    forget_user.forget(issuer=ISSUER, sub="ada")

    assert Revocation.objects.filter(sub="ada").count() == 1
    assert not User.objects.exists()
