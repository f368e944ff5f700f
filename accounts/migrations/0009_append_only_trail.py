"""PostgreSQL itself refuses to change or delete audit events, whoever asks and by whatever way.

The application's model refuses it anyway; SQLite is for development and tests, which empty their tables.
"""

from django.db import migrations

REFUSE = """
CREATE FUNCTION accounts_auditevent_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Audit events are neither changed nor deleted.' USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER accounts_auditevent_is_final BEFORE UPDATE OR DELETE OR TRUNCATE ON accounts_auditevent
    FOR EACH STATEMENT EXECUTE FUNCTION accounts_auditevent_is_final();
"""
ALLOW = """
DROP TRIGGER accounts_auditevent_is_final ON accounts_auditevent;
DROP FUNCTION accounts_auditevent_is_final();
"""


def refuse(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(REFUSE)


def allow(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(ALLOW)


def name_permission(apps, schema_editor):
    # Django names a permission once, when it makes it.
    apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="accounts", codename="manage_groups"
    ).update(name="Can create, edit and delete groups")


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_group_edits_and_refusal_counts"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.RunPython(refuse, allow),
        migrations.RunPython(name_permission, migrations.RunPython.noop),
    ]
