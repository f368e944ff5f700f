"""The audit trail in the console: a readable list, filters and exports."""
