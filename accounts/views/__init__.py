"""The browser's side: signing in and out, and the pages."""
