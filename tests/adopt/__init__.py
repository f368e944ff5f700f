"""Gatehouse in projects of others.

Each test starts from a project that Django's command made.
"""
