"""Sign-up and password reset, protected against attackers who know the address."""
