"""The permission of operators, by the groups in the token."""

from __future__ import annotations

from django.conf import settings

from api.permissions import IsUser, ListedClient, NotDelegated, RequiresGroup, demand
from api.principals import Principal


class IsOperator(IsUser):
    """Permits users in a staff or superuser group of the settings. Names are case-sensitive.

    An operator must call through a listed client, and without an actor.
    """

    message, code = RequiresGroup.message, RequiresGroup.code

    def permits(self, principal: Principal) -> bool:
        """Return whether it is a user in one of the groups.

        Raises PermissionDenied for an operator who may not call in this way.
        """
        groups = settings.COGNITO_STAFF_GROUPS | settings.COGNITO_SUPERUSER_GROUPS
        if not super().permits(principal) or groups.isdisjoint(principal.groups):
            return False
        demand(NotDelegated, principal)
        demand(ListedClient, principal)
        return True
