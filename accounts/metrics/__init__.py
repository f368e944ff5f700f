"""Counts and times of a process, for CloudWatch and Prometheus: docs/metrics.md."""
