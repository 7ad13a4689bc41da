"""The fast plane: every user request, from its arrival to its outcome.

Two engines behind one contract (``contract.py``): ``reference/``, in SimPy, is the specification; ``compiled/`` is
the one people run. They share the rules (``rules.py``, ``booking.py``, the balancers, retries and laws), the draws and
the columns, and nothing of the loop.
"""
