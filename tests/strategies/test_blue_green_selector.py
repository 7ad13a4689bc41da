from sim.steps import Publish, Reading, Step, Switch
from sim.strategies.blue_green import BlueGreen
from sim.versions import NEW, STABLE


def switching(strategy: BlueGreen) -> list[Step]:
    """The steps of a rollout that say who is behind the Service."""
    script = strategy.rollout(4)
    steps = [next(script)]
    while True:
        try:
            steps.append(script.send(Reading(at=0)))
        except StopIteration:
            return [step for step in steps if isinstance(step, Publish | Switch)]


def test_a_preview_lets_proxies_know_the_new_fleet_before_the_switch() -> None:
    assert switching(BlueGreen()) == [Switch(version=NEW)]


def test_a_selector_shows_the_new_fleet_and_hides_the_old_one_at_the_switch() -> None:
    assert switching(BlueGreen.model_validate({"preview": False})) == [
        Publish(version=NEW, published=False),
        Publish(version=NEW, published=True),
        Publish(version=STABLE, published=False),
        Switch(version=NEW, at_once=True),
    ]
