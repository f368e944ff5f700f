"""A site with Django's own users, which the application replaces. Only migration/ is shared."""
