"""Members of the group `operators` see what is revoked, as they see sessions."""

from django.db import migrations

from accounts.models.identity import has_own_user_model


def give_permission(apps, schema_editor):
    if not has_own_user_model():
        # Another project may have a group of this name, with members who must not get more rights.
        return
    permission = apps.get_model("auth", "Permission").objects.get(
        content_type__app_label="accounts", codename="view_revocation"
    )
    # Whoever has deleted the group does not want it back.
    for group in apps.get_model("auth", "Group").objects.filter(name="operators"):
        group.permissions.add(permission)


class Migration(migrations.Migration):
    # The permission itself was made with those of 0006.
    dependencies = [("accounts", "0009_append_only_trail")]

    operations = [migrations.RunPython(give_permission, migrations.RunPython.noop)]
