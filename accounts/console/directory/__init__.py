"""The operators' side of the user pool: who may do what to whom, and doing it."""
