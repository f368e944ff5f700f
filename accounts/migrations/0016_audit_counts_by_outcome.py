"""Let the counts of failures read only an index, and remove the index of both counts."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0015_audit_counts_by_action")]

    operations = [
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(
                fields=["outcome", "-at", "action"], name="accounts_audit_by_outcome"
            ),
        ),
        migrations.RemoveIndex(model_name="auditevent", name="accounts_audit_outcome"),
        migrations.RemoveIndex(model_name="auditevent", name="accounts_audit_counts"),
    ]
