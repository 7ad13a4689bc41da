"""Readers of what was measured: ``reading`` finds the one that knows a file; each reads one family of forms."""
