"""Lays out what a study found: terminal, HTML page, Markdown, JSON and plots.

Nothing statistical is computed here. Every figure comes from :class:`sim.study.findings.Findings` or from the study's
table of net figures, so that no page can contradict another.
"""
