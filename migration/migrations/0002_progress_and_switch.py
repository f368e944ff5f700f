from django.conf import settings
from django.db import migrations, models
import django.db.models.deletion


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("gatehouse_migration", "0001_nonces_and_attempts"),
    ]

    operations = [
        migrations.CreateModel(
            name="Switch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("is_off", models.BooleanField(default=False)),
                ("until", models.DateField(null=True)),
                ("figures", models.JSONField(default=dict)),
                ("counted_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "migration of users",
                "verbose_name_plural": "migration of users",
            },
        ),
        migrations.CreateModel(
            name="CameAlong",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "way",
                    models.CharField(
                        choices=[
                            ("sign-in", "at sign-in"),
                            ("forgotten-password", "with a forgotten password"),
                            ("import", "imported"),
                        ],
                        max_length=20,
                    ),
                ),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Failure",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("reason", models.CharField(max_length=100)),
                ("count", models.PositiveIntegerField(default=1)),
                ("last_at", models.DateTimeField(db_index=True)),
                (
                    "user",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
    ]
