"""Paths of operators, below /api/v1/."""

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

USER = "operators/users/<pool_name:username>"
GROUP = "operators/groups/<pool_name:name>"

urlpatterns = [
    path("operators/audit-events", AuditEventsView.as_view(), name="operator-audit-events"),
    path("operators/users", UsersView.as_view(), name="operator-users"),
    # These come before the user itself, whose name can contain a slash.
    *(
        path(f"{USER}/{name}", view.as_view(), name=f"operator-{name}")
        for name, view in ACTION_VIEWS.items()
    ),
    path(f"{USER}/factors", UserFactorsView.as_view(), name="operator-user-factors"),
    path(f"{USER}/sessions", UserSessionsView.as_view(), name="operator-user-sessions"),
    path(f"{USER}/devices", UserDevicesView.as_view(), name="operator-user-devices"),
    path(USER, UserView.as_view(), name="operator-user"),
    path("operators/groups", GroupsView.as_view(), name="operator-groups"),
    path(f"{GROUP}/members", GroupMembersView.as_view(), name="operator-group-members"),
    path(GROUP, GroupView.as_view(), name="operator-group"),
]
