"""Metrics, as lines of the log for CloudWatch and as a page for Prometheus: docs/metrics.md."""
