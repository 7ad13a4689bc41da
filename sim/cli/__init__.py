"""The command ``rollrisk``: one verb, one file; the only room that prints.

The answer goes to stdout, progress and complaints to stderr. A verb parses, calls one function of a lower floor, prints
what it got, and returns an exit status of :mod:`sim.cli.status`.
"""
