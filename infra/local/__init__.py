"""The whole of Gatehouse on one machine: MiniStack in the place of AWS, and Django's own server."""
