"""One row for each user and each sign-in that is revoked, however often that happens."""

from itertools import groupby

from django.db import migrations, models

BATCH = 1000


def merge_repeated_rows(apps, schema_editor):
    """Keep the newest row of each target, for as long as any of its rows would have counted."""
    revocations = apps.get_model("accounts", "Revocation").objects.using(
        schema_editor.connection.alias
    )
    rows = revocations.order_by("issuer", "origin_jti", "sub", "pk")
    repeated = []
    for _, group in groupby(
        rows.iterator(BATCH), lambda row: (row.issuer, row.origin_jti, row.sub)
    ):
        *older, newest = group
        if older:
            newest.signed_in_until = max(row.signed_in_until for row in [*older, newest])
            newest.expires_at = max(row.expires_at for row in [*older, newest])
            newest.save(update_fields=["signed_in_until", "expires_at"])
            repeated += [row.pk for row in older]
    for start in range(0, len(repeated), BATCH):
        revocations.filter(pk__in=repeated[start : start + BATCH]).delete()


def name_no_user_of_a_sign_in(apps, schema_editor):
    """The way back: the former constraint allows one of the two."""
    revocations = apps.get_model("accounts", "Revocation").objects.using(
        schema_editor.connection.alias
    )
    revocations.exclude(origin_jti="").update(sub="")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0011_delete_old_audit_events")]

    operations = [
        migrations.RunPython(merge_repeated_rows, migrations.RunPython.noop),
        migrations.RemoveConstraint(
            model_name="revocation", name="accounts_revocation_one_target"
        ),
        migrations.RunPython(migrations.RunPython.noop, name_no_user_of_a_sign_in),
        migrations.AddIndex(
            model_name="revocation",
            index=models.Index(
                fields=["issuer", "sub"],
                condition=models.Q(("origin_jti", ""), _negated=True),
                name="accounts_revocation_sign_ins",
            ),
        ),
        migrations.AddConstraint(
            model_name="revocation",
            constraint=models.CheckConstraint(
                condition=models.Q(("origin_jti", ""), ("sub", ""), _negated=True),
                name="accounts_revocation_has_target",
            ),
        ),
        migrations.AddConstraint(
            model_name="revocation",
            constraint=models.UniqueConstraint(
                fields=["issuer", "sub"],
                condition=models.Q(("origin_jti", "")),
                name="accounts_revocation_of_user",
            ),
        ),
        migrations.AddConstraint(
            model_name="revocation",
            constraint=models.UniqueConstraint(
                fields=["issuer", "origin_jti"],
                condition=models.Q(("origin_jti", ""), _negated=True),
                name="accounts_revocation_of_sign_in",
            ),
        ),
    ]
