"""The browser session, for scripts of this site's own pages."""
