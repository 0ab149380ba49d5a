"""The names of the lanes of one race."""

from engine.optimizers.lane import Lane


def labels(lanes: tuple[Lane, ...]) -> list[str]:
    """A distinct name for each lane: its own name and, if several lanes have this name, how this lane differs."""
    return [", ".join(filter(None, (lane.called(), mark))) for lane, mark in zip(lanes, marks(lanes), strict=True)]


def marks(lanes: tuple[Lane, ...]) -> list[str]:
    """How each lane differs from other lanes of the same name: the settings that differ, a number, or nothing."""
    texts = []
    for index, lane in enumerate(lanes):
        twins = [other for other in lanes if other.called() == lane.called()]
        differing = [
            f"{'η' if name == 'lr' else name.replace('_', ' ')} {f'{value:g}' if isinstance(value, float) else value}"
            for name, value in lane
            if any(getattr(twin, name) != value for twin in twins)
        ]
        number = [f"no. {lanes[: index + 1].count(lane)}"] if lanes.count(lane) > 1 else []
        texts.append(", ".join(differing + number))
    return texts
