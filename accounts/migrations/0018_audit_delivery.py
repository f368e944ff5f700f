"""The position up to which the audit trail has been delivered to an event bus."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0017_names_of_models_and_fields")]

    operations = [
        migrations.CreateModel(
            name="AuditDelivery",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.BigIntegerField(default=0, editable=False)),
                ("delivered_at", models.DateTimeField(editable=False, null=True)),
            ],
            options={"default_permissions": ()},
        ),
    ]
