"""Fits: typed data in, figures with intervals out. None of them reads a file or writes a line."""
