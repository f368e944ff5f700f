"""The names of permissions in the language of the request.

Django stores them in English, and its catalogs do not have them.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from django import forms
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.console.navigation import NAMES

# The permissions that Django creates for every model, by the beginning of their codename. Django's
# own names have the singular, which most languages cannot use without an article.
_OF_EVERY_MODEL = {
    "add": _("Can add %(models)s"),
    "change": _("Can change %(models)s"),
    "delete": _("Can delete %(models)s"),
    "view": _("Can view %(models)s"),
}


def name_of(permission: Permission) -> str:
    """Return the name of a permission. Its content type must be loaded with it."""
    kind = permission.content_type
    model = kind.model_class()
    action, _separator, name = permission.codename.partition("_")
    if (
        model is not None
        and name == kind.model
        and action in _OF_EVERY_MODEL
        and action in model._meta.default_permissions
    ):
        return _OF_EVERY_MODEL[action] % {"models": model._meta.verbose_name_plural}
    # The translation of an empty text is the head of the catalog.
    return gettext(permission.name) if permission.name else permission.codename


class _ByList(forms.models.ModelChoiceIterator):  # type: ignore[type-arg] # not at run time
    """The permissions of each list of the console in a group with the name of the list."""

    def __iter__(self) -> Iterator[Any]:
        for kind, rows in groupby(self.queryset, key=lambda row: row.content_type):
            yield _list_of(kind), [self.choice(row) for row in rows]


class PermissionsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg] # not at run time
    """The choice of permissions. The query must load content types, in their order."""

    iterator = _ByList

    def label_from_instance(self, obj: Any) -> str:
        return name_of(obj)


def _list_of(kind: ContentType) -> str:
    model = kind.model_class()
    name = model and NAMES.get(model._meta.label)
    return str(name or kind.app_labeled_name)
