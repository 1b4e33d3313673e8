"""Benchmarks of the product as `manage.py up` starts it: one JSON line each."""
