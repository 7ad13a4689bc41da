"""The reference request engine, in SimPy: the specification of the request plane, written to be read.

Streams, users and the life of a request stand in ``engine.py``, an attempt's way to a pod and the wait for its answer
in ``proxies.py``, slots, queues and work in ``pods.py``, calls to dependencies in ``downstream.py``.
"""
