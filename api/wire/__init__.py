"""How the API reads requests and writes responses."""
