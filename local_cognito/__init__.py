"""What a laptop has in place of Cognito: a guard in front of MiniStack, and the hosted UI."""
