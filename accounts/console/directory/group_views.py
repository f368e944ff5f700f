"""The admin's pages for groups of the pool: list, show, create, edit and delete."""

from __future__ import annotations

from dataclasses import asdict

from django.contrib import messages
from django.contrib.auth.models import Permission
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.audit import trail
from accounts.audit.subject import Subject
from accounts.console.directory import rights
from accounts.console.directory.errors import FAILURES, Failure
from accounts.console.directory.forms import GroupEditForm, GroupForm
from accounts.console.directory.pages import address_of, console_of, page, show_failures
from accounts.console.permission_names import name_of
from accounts.language.words import message_of
from accounts.step_up.guards import confirm_first
from accounts.step_up.kept_forms import initial_of
from cognito.errors import GroupNotFound


@require_http_methods(["GET", "HEAD", "POST"])
@show_failures
def group_list(request: HttpRequest) -> HttpResponse:
    """List all groups, with a form for a new one."""
    console = console_of(request)
    if request.method == "POST" and (answer := confirm_first(request)):
        return answer
    data = request.POST if request.method == "POST" else None
    form = GroupForm(data, initial=initial_of(request))
    error: Failure | None = None
    if request.method == "POST" and form.is_valid():
        try:
            group = console.create_group(**form.cleaned_data)
        except FAILURES as refused:
            error = refused
            form.add_error(None, message_of(error))
        else:
            messages.success(request, _('Created the group "%(name)s".') % {"name": group.name})
            return HttpResponseRedirect(reverse("admin:accounts_directory_groups"))
    context = {
        "form": form,
        "submit": _("Create group"),
        "rows": [
            {"group": group, "rights": rights.of_groups([group])} for group in console.groups()
        ],
        "may_manage": console.operator.rights.allow("manage_groups"),
    }
    return page(request, "groups", _("Groups"), context, error=error)


@require_safe
@show_failures
def group_detail(request: HttpRequest, name: str) -> HttpResponse:
    """Show a group, its rights on this site and its members."""
    console = console_of(request)
    group = console.group(name)
    members = console.members(group.name, token=request.GET.get("page"))
    context = {
        "group": group,
        "rights": rights.of_groups([group]),
        "permissions": _permission_names(group.name),
        "rows": [{"user": user, "address": address_of(user)} for user in members.users],
        "next_token": members.next_token,
        "may_manage": console.operator.rights.allow("manage_groups"),
    }
    return page(request, "group", group.name, context)


@require_http_methods(["GET", "HEAD", "POST"])
@show_failures
def group_edit(request: HttpRequest, name: str) -> HttpResponse:
    """Show a form with the details of a group, and apply the changes."""
    console = console_of(request)
    console.demand("manage_groups", trail.Action.UPDATE_GROUP, Subject.named(name))
    if answer := confirm_first(request):
        return answer
    error: Failure | None = None
    if request.method == "POST":
        form = GroupEditForm(request.POST)
        if form.is_valid():
            try:
                console.edit_group(name, form.cleaned_data)
            except GroupNotFound:
                raise
            except FAILURES as refused:
                error = refused
                form.add_error(None, message_of(error))
            else:
                messages.success(request, _('Changed the group "%(name)s".') % {"name": name})
                address = reverse("admin:accounts_directory_group", args=[name])
                return HttpResponseRedirect(address)
    else:
        form = GroupEditForm(initial=asdict(console.group(name)) | initial_of(request))
    context = {"form": form, "name": name, "submit": _("Save")}
    title = _("Edit the group %(name)s") % {"name": name}
    return page(request, "group_edit", title, context, error=error)


@require_http_methods(["GET", "HEAD", "POST"])
@show_failures
def group_delete(request: HttpRequest, name: str) -> HttpResponse:
    """Ask for confirmation, then delete the group."""
    console = console_of(request)
    console.demand("manage_groups", trail.Action.DELETE_GROUP, Subject.named(name))
    if answer := confirm_first(request):
        return answer
    if request.method == "POST":
        console.delete_group(name)
        messages.success(request, _('Deleted the group "%(name)s".') % {"name": name})
        return HttpResponseRedirect(reverse("admin:accounts_directory_groups"))
    context = {"group": console.group(name)}
    title = _("Delete the group %(name)s") % {"name": name}
    return page(request, "group_delete", title, context)


def _permission_names(group: str) -> list[str]:
    """Return the names of the permissions of Django's group of the same name."""
    rows = Permission.objects.filter(group__name=group).select_related("content_type")
    return sorted(name_of(row) for row in rows)
