"""Who the bearer of a token is."""
