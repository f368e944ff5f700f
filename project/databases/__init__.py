"""Database configuration, and backends that limit every wait to the request's deadline.

Django finds a backend by the name of its package: `project.databases.postgresql`.
"""
