"""A site with Django's own users, which Gatehouse replaces. Only migration/ is Gatehouse's."""
