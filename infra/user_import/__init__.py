"""Import users of another site into a user pool, with their password hashes.

docs/migrate-users.md shows how. AWS documents neither the column nor the form of a hash, so both
are found out here: the column from GetCSVHeader, the form by a job with a few users.
"""
