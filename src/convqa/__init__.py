"""Scores customer-service conversations against an organisation's own speech standard."""

__version__ = "0.1.0"
