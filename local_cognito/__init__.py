"""Cognito on a developer's machine: a guard in front of MiniStack, and the hosted UI."""
