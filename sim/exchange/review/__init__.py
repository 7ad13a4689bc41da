"""Findings in manifests alone: what a controller refuses, what cannot work, what costs requests or hides faults.

``rules`` holds the rules, one function and one entry each; ``findings`` asks them all; ``accepting`` takes away what
somebody has accepted; ``sarif`` writes them for code scanning. Nothing is simulated and nothing compiled.
"""
