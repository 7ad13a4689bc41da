import sys
from pathlib import Path
from typing import Any

from sim.cluster.containers import request_of
from sim.cluster.nodes import Node, lacking

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "cluster"))
from hpa_cases import cases
from scenes import container

WORDS = {"Insufficient cpu": "cpu", "Insufficient memory": "memory", "Too many pods": "pods"}


@cases("k8s_scheduler_fit")
def test_a_pod_fits_a_node_when_kubernetes_says_so(case: dict[str, Any]) -> None:
    containers = [
        container(f"{place}", cpu=cpu, memory=memory, init=init)
        for init, listed in ((True, case["init_containers"]), (False, case["containers"]))
        for place, (cpu, memory) in enumerate(listed)
    ]
    free = [whole - used for whole, used in zip(case["node_allocatable"], case["node_used"], strict=True)]
    node = Node(number=0, os="linux", cpu=free[0], memory=free[1], pods=case["node_pods"], places=case["node_max_pods"])
    reasons = lacking(node, request_of(containers), "linux")
    assert sorted(WORDS[reason] for reason in reasons) == sorted(case["expected_insufficient"])
