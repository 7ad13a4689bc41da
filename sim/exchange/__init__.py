"""What people have already goes in: manifests of Kubernetes, Argo Rollouts, Flagger and their meshes.

The ways through this room, lowest first:

- *reading*: ``sources`` finds files, ``trees`` reads their YAML and remembers every line, ``fields`` is how the rest
  looks into a manifest, ``manifests`` holds all of them, ``binding`` finds what belongs together;
- *views*: ``pods``, ``workloads``, ``argo``, ``analysis``, ``flagger``, ``mesh`` say what the fields of one kind mean
  and what its controller takes where nothing is written;
- *queries*: ``promql`` and ``conditions`` read what a metric asks and when it is good;
- *past releases*: ``history`` reads a list of them, and ``patching`` puts what it says into a scenario;
- *out*: ``drafts`` writes a scenario in which every line says where it comes from; ``review`` finds what cannot work.

Nothing that may be secret reaches a message or a file: values of ``env``, Secrets, annotations, URLs and headers are
never read, and no message quotes a line of a manifest.
"""
