"""The table of identities. It depends on the project's user model and on nothing else."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Identity',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('issuer', models.CharField(editable=False, max_length=255, verbose_name='issuer')),
                ('sub', models.CharField(editable=False, max_length=255)),
                ('username', models.CharField(blank=True, help_text='As the user pool has it.', max_length=255, verbose_name='username')),
                ('email', models.CharField(blank=True, max_length=320, verbose_name='email')),
                ('email_verified', models.BooleanField(default=False, verbose_name='email verified')),
                ('name', models.CharField(blank=True, max_length=255, verbose_name='name')),
                ('is_active', models.BooleanField(default=True, help_text='Switch off to end all sessions and refuse new sign-ins.', verbose_name='active')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at')),
                ('last_login', models.DateTimeField(editable=False, null=True, verbose_name='last login')),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='gatehouse_identity', to=settings.AUTH_USER_MODEL, verbose_name='user')),
            ],
            options={
                'verbose_name': 'identity',
                'verbose_name_plural': 'identities',
                'indexes': [models.Index(condition=models.Q(('is_active', False)), fields=['issuer', 'sub'], name='gatehouse_identity_inactive')],
                'constraints': [models.UniqueConstraint(fields=('issuer', 'sub'), name='gatehouse_identity_issuer_sub')],
            },
        ),
    ]
