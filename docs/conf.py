"""Sphinx's settings: Markdown in, plain offline pages out; ``make docs`` builds them with warnings as errors."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "extensions"))
sys.path.insert(0, str(HERE.parent))

project = "rollrisk"
author = "the rollrisk authors"
extensions = ["myst_parser", "reference_pages"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "rollrisk"
html_show_copyright = False
html_copy_source = False
myst_heading_anchors = 4
suppress_warnings = ["myst.header"]  # the measured tables of performance.md begin two levels down
