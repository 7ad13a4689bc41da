"""What was measured goes in: metrics, load tests and logs, fitted to what a scenario needs.

The ways through this room, lowest first:

- ``data`` is what a reader gives: single requests, or counts and latencies by window of time;
- ``readers`` recognise a file and read it. What may be secret (addresses, users, paths, queries, labels) is looked at
  there to find the stream of a request, and does not leave;
- ``fits`` take such data and give figures with their intervals;
- ``learning`` asks every fit, ``lines`` writes what they found as lines of a scenario, each with its origin.
"""
