"""What a person writes: one file per section of a scenario, defaults allowed, units as text."""
