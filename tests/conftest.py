"""How Hypothesis runs here: machines are shared, so a slow one is no reason for a property to fail."""

from hypothesis import HealthCheck, settings

settings.register_profile("shared-machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared-machine")
