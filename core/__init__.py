"""The shared library: models, document store, settings, services."""
