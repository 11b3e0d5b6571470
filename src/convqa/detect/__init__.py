"""Detectors: what was said and how long it took, before anyone says what it costs."""
