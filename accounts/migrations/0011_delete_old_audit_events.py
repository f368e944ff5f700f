"""PostgreSQL lets `delete_old_audit_events` delete what has reached its age, and nothing else.

The command says in its own transaction how many days events are kept. Whatever else a statement asks
for, events of the last 30 days stay, and no event is changed.
"""

from django.db import migrations, models

OLD_ONLY = """
DROP TRIGGER accounts_auditevent_is_final ON accounts_auditevent;
CREATE TRIGGER accounts_auditevent_is_final BEFORE UPDATE OR TRUNCATE ON accounts_auditevent
    FOR EACH STATEMENT EXECUTE FUNCTION accounts_auditevent_is_final();
CREATE FUNCTION accounts_auditevent_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    days integer := nullif(current_setting('gatehouse.audit_event_days', true), '')::integer;
BEGIN
    IF days >= 30 AND OLD.at < now() - make_interval(days => days) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'Audit events are neither changed nor deleted.' USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER accounts_auditevent_is_kept BEFORE DELETE ON accounts_auditevent
    FOR EACH ROW EXECUTE FUNCTION accounts_auditevent_is_kept();
"""
NONE_AT_ALL = """
DROP TRIGGER accounts_auditevent_is_kept ON accounts_auditevent;
DROP FUNCTION accounts_auditevent_is_kept();
DROP TRIGGER accounts_auditevent_is_final ON accounts_auditevent;
CREATE TRIGGER accounts_auditevent_is_final BEFORE UPDATE OR DELETE OR TRUNCATE ON accounts_auditevent
    FOR EACH STATEMENT EXECUTE FUNCTION accounts_auditevent_is_final();
"""


def delete_old_only(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(OLD_ONLY)


def delete_none(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(NONE_AT_ALL)


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0010_operators_see_revocations'),
    ]

    operations = [
        migrations.AlterField(
            model_name='auditevent',
            name='action',
            field=models.CharField(choices=[('sign_in', 'Sign-in'), ('sign_out', 'Sign-out'), ('sign_out_device', 'Sign-out of another device'), ('sign_out_everywhere', 'Sign-out everywhere'), ('sign_up', 'Sign-up'), ('confirmation', 'Confirmation of an address'), ('password_reset', 'Reset of a forgotten password'), ('password_change', 'Change of password'), ('profile_change', 'Change of profile'), ('email_change', 'Change of e-mail address'), ('totp_on', 'Authenticator app set up'), ('totp_off', 'Authenticator app switched off'), ('account_deletion', 'Deletion of the account'), ('renewal', 'Renewal of a session'), ('group_change', 'Change of groups'), ('operator_check', "Check of an operator's rights"), ('invite_user', 'Invitation'), ('resend_invitation', 'Invitation sent again'), ('confirm_user', 'Confirmation by an operator'), ('disable_user', 'User disabled'), ('enable_user', 'User enabled'), ('force_password_reset', 'Password reset forced'), ('temporary_password', 'Temporary password set'), ('sign_out_user', 'User signed out everywhere'), ('add_to_group', 'User added to a group'), ('remove_from_group', 'User removed from a group'), ('delete_user', 'User deleted'), ('create_group', 'Group created'), ('update_group', 'Group edited'), ('delete_group', 'Group deleted'), ('change_permissions', 'What a group permits changed'), ('switch_off_user', 'User switched off here'), ('switch_on_user', 'User switched on here'), ('export_audit_events', 'Export of the audit trail'), ('delete_audit_events', 'Deletion of old audit events')], max_length=40),
        ),
        migrations.RunPython(delete_old_only, delete_none),
    ]
