"""Measurements: speed of the console, and quality of the extraction."""
