"""Give models and fields names that can be translated. The database stays as it is."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from accounts.models.identity import identity_model_name


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0016_audit_counts_by_outcome'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='auditevent',
            options={'default_permissions': ('view',), 'verbose_name': 'audit event', 'verbose_name_plural': 'audit events'},
        ),
        migrations.AlterModelOptions(
            name='browsersession',
            options={'verbose_name': 'browser session', 'verbose_name_plural': 'browser sessions'},
        ),
        migrations.AlterModelOptions(
            name='revocation',
            options={'verbose_name': 'revocation', 'verbose_name_plural': 'revocations'},
        ),
        migrations.AlterModelOptions(
            name='user',
            options={'verbose_name': 'user', 'verbose_name_plural': 'users'},
        ),
        migrations.AlterField(
            model_name='auditevent',
            name='action',
            field=models.CharField(max_length=40, verbose_name='action'),
        ),
        migrations.AlterField(
            model_name='auditevent',
            name='actor_label',
            field=models.CharField(blank=True, max_length=320, verbose_name='actor label'),
        ),
        migrations.AlterField(
            model_name='auditevent',
            name='actor_sub',
            field=models.CharField(blank=True, max_length=255, verbose_name='actor sub'),
        ),
        migrations.AlterField(
            model_name='auditevent',
            name='address',
            field=models.GenericIPAddressField(blank=True, null=True, verbose_name='address'),
        ),
        migrations.AlterField(
            model_name='auditevent',
            name='at',
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), db_index=True, editable=False, verbose_name='at'),
        ),
        migrations.AlterField(
            model_name='auditevent',
            name='detail',
            field=models.CharField(blank=True, max_length=400, verbose_name='detail'),
        ),
        migrations.AlterField(
            model_name='auditevent',
            name='outcome',
            field=models.CharField(choices=[('success', 'Success'), ('failure', 'Failure')], max_length=10, verbose_name='outcome'),
        ),
        migrations.AlterField(
            model_name='auditevent',
            name='request_id',
            field=models.CharField(blank=True, max_length=64, verbose_name='request id'),
        ),
        migrations.AlterField(
            model_name='auditevent',
            name='subject_label',
            field=models.CharField(blank=True, max_length=320, verbose_name='subject label'),
        ),
        migrations.AlterField(
            model_name='auditevent',
            name='subject_sub',
            field=models.CharField(blank=True, max_length=255, verbose_name='subject sub'),
        ),
        migrations.AlterField(
            model_name='auditevent',
            name='user_agent',
            field=models.CharField(blank=True, max_length=400, verbose_name='user agent'),
        ),
        migrations.AlterField(
            model_name='browsersession',
            name='address',
            field=models.GenericIPAddressField(editable=False, null=True, verbose_name='address'),
        ),
        migrations.AlterField(
            model_name='browsersession',
            name='last_seen_at',
            field=models.DateTimeField(editable=False, verbose_name='last seen at'),
        ),
        migrations.AlterField(
            model_name='browsersession',
            name='renewed_at',
            field=models.DateTimeField(editable=False, verbose_name='renewed at'),
        ),
        migrations.AlterField(
            model_name='browsersession',
            name='signed_in_at',
            field=models.DateTimeField(editable=False, verbose_name='signed in at'),
        ),
        migrations.AlterField(
            model_name='browsersession',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='browser_sessions', to=identity_model_name(), verbose_name='user'),
        ),
        migrations.AlterField(
            model_name='browsersession',
            name='user_agent',
            field=models.CharField(blank=True, editable=False, max_length=400, verbose_name='user agent'),
        ),
        migrations.AlterField(
            model_name='revocation',
            name='created_at',
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), db_index=True, editable=False, verbose_name='created at'),
        ),
        migrations.AlterField(
            model_name='revocation',
            name='expires_at',
            field=models.DateTimeField(db_index=True, verbose_name='expires at'),
        ),
        migrations.AlterField(
            model_name='revocation',
            name='issuer',
            field=models.CharField(max_length=255, verbose_name='issuer'),
        ),
        migrations.AlterField(
            model_name='revocation',
            name='signed_in_until',
            field=models.DateTimeField(verbose_name='signed in until'),
        ),
        migrations.AlterField(
            model_name='user',
            name='created_at',
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at'),
        ),
        migrations.AlterField(
            model_name='user',
            name='email',
            field=models.CharField(blank=True, max_length=320, verbose_name='email'),
        ),
        migrations.AlterField(
            model_name='user',
            name='email_verified',
            field=models.BooleanField(default=False, verbose_name='email verified'),
        ),
        migrations.AlterField(
            model_name='user',
            name='issuer',
            field=models.CharField(editable=False, max_length=255, verbose_name='issuer'),
        ),
        migrations.AlterField(
            model_name='user',
            name='name',
            field=models.CharField(blank=True, max_length=255, verbose_name='name'),
        ),
        migrations.AlterField(
            model_name='user',
            name='username',
            field=models.CharField(blank=True, help_text='As the user pool has it.', max_length=255, verbose_name='username'),
        ),
    ]
