"""Give the model and its fields names that can be translated. The database stays as it is."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notes", "0001_initial")]

    operations = [
        migrations.AlterModelOptions(
            name="note",
            options={"verbose_name": "note", "verbose_name_plural": "notes"},
        ),
        migrations.AlterField(
            model_name="note",
            name="owner_issuer",
            field=models.CharField(
                editable=False, max_length=255, verbose_name="issuer of the owner"
            ),
        ),
        migrations.AlterField(
            model_name="note",
            name="owner_sub",
            field=models.CharField(editable=False, max_length=255, verbose_name="sub of the owner"),
        ),
        migrations.AlterField(
            model_name="note",
            name="title",
            field=models.CharField(max_length=200, verbose_name="title"),
        ),
        migrations.AlterField(
            model_name="note",
            name="body",
            field=models.TextField(blank=True, max_length=10000, verbose_name="text"),
        ),
        migrations.AlterField(
            model_name="note",
            name="created_at",
            field=models.DateTimeField(auto_now_add=True, verbose_name="created at"),
        ),
        migrations.AlterField(
            model_name="note",
            name="updated_at",
            field=models.DateTimeField(auto_now=True, verbose_name="updated at"),
        ),
    ]
