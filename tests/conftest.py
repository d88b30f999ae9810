"""Hypothesis on a machine that also does other things: slow is not wrong."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "capcoada", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("capcoada")
