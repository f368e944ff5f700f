"""The Django group that gives members of the Cognito group `operators` something to see."""

from django.apps import apps as live_apps
from django.contrib.auth.management import create_permissions
from django.db import migrations

from accounts.models.identity import has_own_user_model

GROUP = "operators"
PERMISSIONS = ["view_user", "change_user", "view_browsersession", "delete_browsersession", "view_auditevent"]


def make_group(apps, schema_editor):
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
    group, created = apps.get_model("auth", "Group").objects.get_or_create(name=GROUP)
    if created:
        group.permissions.set(
            apps.get_model("auth", "Permission").objects.filter(
                content_type__app_label="accounts", codename__in=PERMISSIONS
            )
        )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(make_group, migrations.RunPython.noop)]
