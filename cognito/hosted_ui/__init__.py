"""The hosted UI (managed login): login transactions and the tokens of a sign-in."""
