"""M/M/10 in Ciw, a declarative simulator of queueing networks; the rollout cannot be said in it without a rewrite."""

from __future__ import annotations

import importlib.util
import time

from bench_models import SUCCEEDED, Queue, Result, Tally, result_of


def why_not() -> str:
    """Why Ciw cannot take part; empty if it can."""
    return "" if importlib.util.find_spec("ciw") else "Ciw is not installed (dependency group bench)"


def queue(model: Queue, seed: int) -> Result:
    """M/M/10."""
    import ciw

    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(model.rate)],
        service_distributions=[ciw.dists.Exponential(1.0)],
        number_of_servers=[model.slots],
    )
    ciw.seed(seed)
    begin = time.process_time()
    simulation = ciw.Simulation(network)
    # Ciw stops at an instant; the last requests need a while to leave, and later arrivals are not counted
    simulation.simulate_until_max_time(model.length + 40.0)
    tally = Tally(model.length)
    for record in simulation.get_all_records():
        if record.arrival_date < model.length:
            tally.book(record.arrival_date, record.exit_date, 0, SUCCEEDED, 1)
    return result_of(tally, time.process_time() - begin, 2 * tally.finished)
