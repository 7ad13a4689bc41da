"""The cluster plane: pods, nodes, endpoints, the controller and those who watch, as SimPy processes.

A few thousand events per replication, written to be read. Two habits hold in every file of this folder:

- A process keeps nothing across a ``yield`` but what stands in columns (the world's, or those of
  :class:`sim.cluster.pod.Pod` and its like). What is due later stands there as a moment; an event that finds another
  moment in the column is stale.
- Nothing ticks. A probe's verdict, a back-off's end, a pull's end are computed when what they depend on changes.

Who changes something tells the cluster through one call, ``changed()``; when all events of the instant have been
played, gauges, milestones and the controller look once.
"""
