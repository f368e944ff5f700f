"""Gatehouse in projects of others: each test starts from a project that Django's command made."""
