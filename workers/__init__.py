"""Celery workers: thin tasks around the libraries, with every piece of work kept as a row."""
