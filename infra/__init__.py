"""Provisioning, and the local stack: `python -m infra --help`.

It imports nothing of the application. They share environment variables only.
"""
