"""The audit trail: write, export and delete its events."""
