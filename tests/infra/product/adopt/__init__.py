"""`infra adopt` in projects of others."""
