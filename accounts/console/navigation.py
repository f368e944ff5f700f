"""The sidebar of the console: plain names for the lists of the admin, in three sections."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

Words = str | Promise

# The admin's own names say how the data is stored. An operator looks for what it is.
OVERVIEW = _("Overview")
USERS = _("Users")
GROUPS = _("Groups")
# By the name of the model's class in the admin's list of applications.
NAMES: dict[str, Words] = {
    "accounts.Directory": USERS,
    "accounts.BrowserSession": _("Sessions"),
    "accounts.AuditEvent": _("Audit trail"),
    "accounts.Revocation": _("Revocations"),
    "accounts.User": _("Local users"),
    "auth.Group": _("Local permissions"),
}
SECTIONS: tuple[tuple[Words, tuple[str, ...]], ...] = (
    (_("People"), ("accounts.Directory", "accounts.BrowserSession")),
    (_("Activity"), ("accounts.AuditEvent", "accounts.Revocation")),
    (_("This site"), ("accounts.User", "auth.Group")),
)


@dataclass(frozen=True, slots=True)
class Item:
    """A link of the sidebar. `icon` names a symbol of admin/parts/icons.html."""

    name: Words
    url: str
    icon: str
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    name: Words
    items: list[Item]


def name_of(model: type[Model]) -> str:
    """Return the name of a list in the sidebar, which is also the title of its page."""
    options = model._meta
    return str(NAMES.get(options.label) or capfirst(options.verbose_name_plural))


def sections(request: HttpRequest, available_apps: Iterable[Mapping[str, Any]]) -> list[Section]:
    """Return the sidebar's sections for the operator who sent the request.

    Args:
        available_apps: the admin's list of applications, which has only what the operator may see.
            Models of other applications follow in a section of each application.
    """
    apps = list(available_apps)
    urls = {
        f"{app['app_label']}.{model['object_name']}": model["admin_url"]
        for app in apps
        for model in app["models"]
        if model["admin_url"]
    }
    found = [Section("", [Item(OVERVIEW, reverse("admin:index"), "overview")])]
    for name, models in SECTIONS:
        items = [item for model in models if model in urls for item in _items(model, urls[model])]
        found.append(Section(name, items))
    for app in apps:
        others = [
            Item(capfirst(model["name"]), model["admin_url"], "list")
            for model in app["models"]
            if model["admin_url"] and f"{app['app_label']}.{model['object_name']}" not in NAMES
        ]
        found.append(Section(app["name"], others))
    return _with_current([section for section in found if section.items], request.path)


def current(found: Iterable[Section]) -> Item | None:
    """Return the item of the list that the page belongs to."""
    return next((item for one in found for item in one.items if item.is_current), None)


def _items(model: str, url: str) -> Iterable[Item]:
    yield Item(NAMES[model], url, model.rpartition(".")[2].lower())
    if model == "accounts.Directory":
        yield Item(GROUPS, reverse("admin:accounts_directory_groups"), "groups")


def _with_current(found: list[Section], path: str) -> list[Section]:
    """Mark the item with the longest address that the path begins with."""
    urls = [item.url for section in found for item in section.items if path.startswith(item.url)]
    current = max(urls, key=len, default="")
    if current == reverse("admin:index") != path:
        # Every page of the admin begins with the address of the front page.
        current = ""
    return [
        Section(
            section.name,
            [Item(one.name, one.url, one.icon, one.url == current) for one in section.items],
        )
        for section in found
    ]
