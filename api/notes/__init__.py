"""Notes: an example of a resource with owners. docs/add-an-endpoint.md explains it."""
