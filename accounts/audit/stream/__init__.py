"""Send the audit trail to an event bus: docs/audit-stream.md."""
