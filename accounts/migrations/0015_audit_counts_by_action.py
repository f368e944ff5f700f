"""Let the counts of an action read only an index.

A separate migration for each index keeps the locks short: PostgreSQL holds them to the end of a
migration, and no event can be written meanwhile.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0014_audit_action_without_choices")]

    operations = [
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(
                fields=["action", "-at", "outcome"], name="accounts_audit_by_action"
            ),
        ),
        migrations.RemoveIndex(model_name="auditevent", name="accounts_audit_action"),
    ]
