"""Provisioning, and the local stack: `python -m infra --help`.

Stands apart from the application: what they share is environment variables.
"""
