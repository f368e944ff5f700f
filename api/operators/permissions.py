"""The permission of operators, by the groups in the token."""

from __future__ import annotations

from django.conf import settings

from api.permissions import IsUser, RequiresGroup
from api.principals import Principal


class IsOperator(IsUser):
    """Permits users in a staff or superuser group of the settings. Names are case-sensitive."""

    message, code = RequiresGroup.message, RequiresGroup.code

    def permits(self, principal: Principal) -> bool:
        """Return whether it is a user in one of the groups."""
        groups = settings.COGNITO_STAFF_GROUPS | settings.COGNITO_SUPERUSER_GROUPS
        return super().permits(principal) and not groups.isdisjoint(principal.groups)
