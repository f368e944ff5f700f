"""Django's database backends, with the deadline of the request on every wait.

Django finds a backend by the name of its package: `project.databases.postgresql`.
"""
