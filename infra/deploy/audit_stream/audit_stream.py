"""The stack of the event bus, its archive, and the log of the user pool."""

from __future__ import annotations

from pathlib import Path

from infra.deploy.stage.stage import Stage
from infra.deploy.stage.target import Target
from infra.deploy.step import Run, StackStep


class AuditStream(StackStep):
    name = "the audit stream"
    template = Path(__file__).with_name("audit-stream.yaml")

    def stack(self, stage: Stage) -> str:
        return stage.audit_stack

    def is_wanted(self, stage: Stage) -> bool:
        return stage.has_audit_bus or stage.cognito_logs != "none"

    def parameters(self, run: Run) -> dict[str, str]:
        stage = run.target.stage
        return {
            "BusName": stage.audit_bus,
            "Stream": stage.audit_stream,
            "ArchiveDays": str(stage.audit_archive_days),
            "FunctionRole": run.platform.get("RoleArn", "not-yet").rpartition("/")[2],
            "UserPoolId": run.pool.get("UserPoolId", "not-yet"),
            "CognitoLogs": stage.cognito_logs,
            "PermissionsBoundary": run.boundary,
        }

    def destroy(self, target: Target) -> list[str]:
        bucket = target.resource_id(self.stack(target.stage), "Archive")
        super().destroy(target)
        if not bucket:
            return []
        command = f"aws s3 rb --region {target.stage.region} --force s3://{bucket}"
        return [f"The archive of the audit trail, {bucket}, is kept. To delete it:\n  {command}"]
