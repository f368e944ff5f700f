"""Who is an operator, as far as a token tells."""

from __future__ import annotations

from django.conf import settings

from api.permissions import IsUser, RequiresGroup
from api.principals import Principal


class IsOperator(IsUser):
    """People in a staff or superuser group: exact names, as the settings have them now."""

    message, code = RequiresGroup.message, RequiresGroup.code

    def permits(self, principal: Principal) -> bool:
        """Whether it is a person in one of the groups."""
        groups = settings.COGNITO_STAFF_GROUPS | settings.COGNITO_SUPERUSER_GROUPS
        return super().permits(principal) and not groups.isdisjoint(principal.groups)
