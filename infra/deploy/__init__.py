"""Deploy the application to AWS: `python -m infra deploy --help`.

Every expected failure is an InfraError, whose message says what to do.
"""
