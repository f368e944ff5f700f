"""Addresses of operators, below /api/v1/."""

from __future__ import annotations

from django.urls import path

from api.operators.audit_events import AuditEventsView
from api.operators.views import (
    ACTION_VIEWS,
    GroupMembersView,
    GroupsView,
    GroupView,
    UsersView,
    UserView,
)

urlpatterns = [
    path("operators/audit-events", AuditEventsView.as_view(), name="operator-audit-events"),
    path("operators/users", UsersView.as_view(), name="operator-users"),
    path("operators/users/<str:username>", UserView.as_view(), name="operator-user"),
    *(
        path(f"operators/users/<str:username>/{name}", view.as_view(), name=f"operator-{name}")
        for name, view in ACTION_VIEWS.items()
    ),
    path("operators/groups", GroupsView.as_view(), name="operator-groups"),
    path("operators/groups/<str:name>", GroupView.as_view(), name="operator-group"),
    path(
        "operators/groups/<str:name>/members",
        GroupMembersView.as_view(),
        name="operator-group-members",
    ),
]
