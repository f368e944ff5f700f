"""Paths of operators, below /api/v1/operators/."""

from __future__ import annotations

from django.urls import path

from accounts import pool_names  # noqa: F401 # registers `pool_name`
from api.operators.audit_events import AuditEventsView
from api.operators.views import (
    ACTION_VIEWS,
    GroupMembersView,
    GroupsView,
    GroupView,
    UserDevicesView,
    UserFactorsView,
    UserSessionsView,
    UsersView,
    UserView,
)

USER = "users/<pool_name:username>"
GROUP = "groups/<pool_name:name>"

urlpatterns = [
    path("audit-events", AuditEventsView.as_view(), name="audit-events"),
    path("users", UsersView.as_view(), name="users"),
    # These come before the user itself, whose name can contain a slash.
    *(path(f"{USER}/{name}", view.as_view(), name=name) for name, view in ACTION_VIEWS.items()),
    path(f"{USER}/factors", UserFactorsView.as_view(), name="user-factors"),
    path(f"{USER}/sessions", UserSessionsView.as_view(), name="user-sessions"),
    path(f"{USER}/devices", UserDevicesView.as_view(), name="user-devices"),
    path(USER, UserView.as_view(), name="user"),
    path("groups", GroupsView.as_view(), name="groups"),
    path(f"{GROUP}/members", GroupMembersView.as_view(), name="group-members"),
    path(GROUP, GroupView.as_view(), name="group"),
]
