"""The compiled request engine: the same requests as the reference, in an event loop for numba.

One file per event kind (``arrival``, ``completion``, ``deadline``), each a plain function that the loop in
``loop.py`` calls; ``flight.py`` names the columns of work in flight, ``agenda.py`` is the heap, ``trial.py`` what
happens when an attempt meets a pod. Nothing here imports numba: ``sim/jit.py`` compiles the loop on first use.
"""
