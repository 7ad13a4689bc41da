"""Measurements are run by ``make bench``; the tests do not collect them."""

collect_ignore_glob = ["*.py"]
