"""Train a shipped model again from a shell: ``python -m engine.transformer --help``."""

import argparse
import sys
from pathlib import Path

from engine.data import DataUnavailable
from engine.events import Checkpoint, Event
from engine.experiment import ENDING, recorded_events, save, write_whole
from engine.transformer.shipped import SHIPPED, rounded
from engine.transformer.training import train, weights

EPILOG = """
  python -m engine.transformer induction             takes ten seconds on one core
  python -m engine.transformer dates --seed 1        with other weights and batches
  python -m engine.transformer sounds --resume       goes on where that one stopped
"""


def main(arguments: list[str]) -> int:
    """Run what the command line asks for. Returns the exit status."""
    parser = argparse.ArgumentParser(
        "python -m engine.transformer", "Train a model that ships with the lab.", epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("name", choices=list(SHIPPED), help="the model")
    parser.add_argument("--seed", type=int, default=0, help="of its weights and batches; the shipped one has 0")
    parser.add_argument("--out", type=Path, default=Path("runs"), help="the folder for its files; runs by default")
    parser.add_argument("--resume", action="store_true", help="go on from the last look of a training that was stopped")
    options = parser.parse_args(arguments)
    try:
        run(options.name, options.seed, options.out, options.resume)
    except (ValueError, OSError, DataUnavailable) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. The same command with --resume goes on from the last look.", file=sys.stderr)
        return 130
    return 0


def run(name: str, seed: int, out: Path, resume: bool) -> None:
    """Train the model ``name`` and write its files into ``out``: the weights after the steps that are kept, the events.

    Raises ValueError if ``seed`` is not possible, or if there is nothing to resume.
    """
    model = SHIPPED[name]
    spec = model.spec.but(seed=seed)
    out.mkdir(parents=True, exist_ok=True)
    kept, told = out / f"{name}.checkpoint", out / f"{name}{ENDING}"
    if resume and not kept.exists():
        raise ValueError(f"there is no training to resume at {kept}")
    events: list[Event] = recorded_events(told) if resume else []
    looked = 0
    for item in train(spec, {"model": kept.read_bytes()} if resume else {}):
        if isinstance(item, Checkpoint):
            write_whole(kept, item.state)
            if looked in model.steps:
                write_whole(out / f"{name}-{looked}.safetensors", rounded(weights(spec, item.state)))
            save(told, spec, events, f"python -m engine.transformer {name}")
        elif item["kind"] != "tick":
            events.append(item)
            looked = item.get("step", looked)
            print({key: value for key, value in item.items() if key not in ("key", "progress")}, flush=True)
    kept.unlink()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
