from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Attempts",
            fields=[
                ("counter", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("count", models.PositiveIntegerField()),
                ("ends", models.BigIntegerField(db_index=True)),
            ],
            options={"verbose_name_plural": "attempts"},
        ),
        migrations.CreateModel(
            name="Nonce",
            fields=[
                ("value", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("ends", models.BigIntegerField(db_index=True)),
            ],
        ),
    ]
