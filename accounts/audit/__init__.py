"""The audit trail: writing, exporting and deleting its events."""
