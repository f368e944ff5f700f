"""Deploy the application to AWS: `python -m infra deploy --help`."""
