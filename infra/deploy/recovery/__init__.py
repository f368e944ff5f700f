"""Bring the users of a stage back to a point in time: `python -m infra recover`."""
