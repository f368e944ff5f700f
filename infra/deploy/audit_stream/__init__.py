"""The event bus that gets the audit trail, and its archive: docs/audit-stream.md."""
