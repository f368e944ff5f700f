"""Notes: a small resource with owners, to copy from. docs/add-an-endpoint.md walks through it."""
