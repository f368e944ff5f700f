"""Run everything on one machine, with MiniStack instead of AWS and Django's own server."""
