"""The expected length of a race: counts by others, the largest costs, and the bound on the work of a link."""

import base64

import pytest
from pydantic import ValidationError

from engine.optimizers import RACERS
from engine.optimizers.adaptive import Adam
from engine.optimizers.layered import LocoPropS
from engine.optimizers.matrices import SOAP
from engine.race import RaceSpec, published
from engine.race.recorded import RECORDINGS
from engine.race.spec import TEST_SHARE


def test_the_published_network_costs_what_others_counted() -> None:
    """The operations for a batch of 1,000, in billions."""
    load = published().workload()
    assert load.forward() == pytest.approx(5.67e9, rel=0.01)
    assert load.covariances() == pytest.approx(13.0e9, rel=0.01)
    assert load.sandwich() == pytest.approx(9.0e9, rel=0.01)
    assert load.cubes() == pytest.approx(5.5e9, rel=0.01)


def test_locoprop_s_takes_half_of_m_and_m_eight_of_adam() -> None:
    load = published().workload()
    adam, squared, matching = (RACERS[key].plain().network_work(load) for key in ("adam", "locoprops", "locopropm"))
    assert matching == pytest.approx(8 * adam, rel=0.1)
    assert squared == pytest.approx(0.55 * matching, rel=0.1)


@pytest.mark.parametrize("key", ["kfac", "shampoo", "soap"])
def test_on_a_small_batch_decompositions_are_most_of_the_work(key: str) -> None:
    load = RaceSpec(width=1, batch=10).workload()
    often, seldom = (RACERS[key].plain().but(refresh=refresh).network_work(load) for refresh in (1, 100))
    assert often > 1.5 * seldom


@pytest.mark.parametrize("lane", [SOAP(refresh=1), LocoPropS(inner="exact", regularizer=1.0)])
def test_a_race_of_decompositions_without_end_is_refused(lane: object) -> None:
    with pytest.raises(ValidationError, match="fewer epochs, seeds or optimizers"):
        RaceSpec(width=2, images=60_000, batch=10, epochs=300, lanes=(lane,))


@pytest.mark.parametrize("data", ["mnist", "curves"])
def test_an_epoch_has_no_more_steps_than_there_are_images(data: str) -> None:
    spec = RaceSpec(data=data, images=60_000, batch=1_000)
    assert spec.steps() == {"mnist": 60, "curves": 20}[data]


@pytest.mark.parametrize(
    ("why", "settings"),
    [
        ("GB", {"width": 2, "depth": 6, "precision": "float64", "images": 100, "batch": 100, "epochs": 1}),
        ("MB", {"width": 0.02, "images": 100, "batch": 100, "epochs": 300}),
    ],
)
def test_a_race_that_would_not_fit_is_refused(why: str, settings: dict[str, object]) -> None:
    lanes = tuple(Adam(lr=lr / 1000) for lr in range(1, 18))
    with pytest.raises(ValidationError, match=f"{why}, at most"):
        RaceSpec(lanes=lanes, **settings)


def test_the_size_of_a_race_s_events_is_estimated() -> None:
    """The estimate is compared with the stored events of the recorded default race."""
    race, _ = RECORDINGS["minutes"].replay()
    pictures = sum(len(base64.b64encode(shown.tobytes())) for shown in race.pictures.values())
    numbers = len(race.points.to_json(orient="records")) + len(race.layers.to_json(orient="records"))
    assert pictures < race.spec.event_bytes() < 1.5 * (pictures + numbers)


def test_the_published_benchmark_fits_on_five_seeds() -> None:
    for transfer in ("tanh", "relu"):
        assert published(transfer).but(seeds=5).seconds() > 24 * 3600


@pytest.mark.parametrize(
    ("why", "settings"),
    [
        ("two optimizers are the same", {"lanes": (Adam(), Adam())}),
        ("share its own schedule", {"lanes": (Adam(schedule="cosine"),)}),
        ("does not fit into", {"images": 100, "batch": 101}),
        ("weights; at most", {"width": 2.0, "depth": 12, "epochs": 1, "images": 100, "batch": 100, "lanes": (Adam(),)}),
    ],
)
def test_what_is_no_race_is_refused(why: str, settings: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match=why):
        RaceSpec(**settings)


def test_the_test_images_are_a_share_rounded_up() -> None:
    assert RaceSpec(images=TEST_SHARE * 20 + 1, batch=20).tests() == 21
    assert RaceSpec(images=TEST_SHARE * 20, batch=20).tests() == 20


def test_only_a_race_that_looks_into_its_layers_keeps_their_numbers() -> None:
    assert RaceSpec(look=True).event_bytes() > RaceSpec(look=False).event_bytes()
