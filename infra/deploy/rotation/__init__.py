"""Replace a stage's secrets while users stay signed in: `python -m infra secrets rotate`."""
