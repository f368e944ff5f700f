"""What members of the group `operators` may do in the directory: all but what cannot be undone."""

from django.apps import apps as live_apps
from django.contrib.auth.management import create_permissions
from django.db import migrations

from accounts.models.identity import has_own_user_model

GROUP = "operators"
PERMISSIONS = ["view_directory", "invite_users", "support_users", "disable_users", "assign_groups"]


def give_permissions(apps, schema_editor):
    if not has_own_user_model():
        # Another project may have a group of this name, with members who must not get more rights.
        return
    # Django makes permissions after the last migration; here they are needed before.
    create_permissions(
        live_apps.get_app_config("accounts"),
        apps=apps,
        verbosity=0,
        using=schema_editor.connection.alias,
    )
    # Whoever has deleted the group does not want it back.
    for group in apps.get_model("auth", "Group").objects.filter(name=GROUP):
        group.permissions.add(
            *apps.get_model("auth", "Permission").objects.filter(
                content_type__app_label="accounts",
                content_type__model="directory",
                codename__in=PERMISSIONS,
            )
        )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_directory_actions")]

    operations = [migrations.RunPython(give_permissions, migrations.RunPython.noop)]
