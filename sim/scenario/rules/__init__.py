"""Rules that hold between sections, one function each, by what they are about."""
