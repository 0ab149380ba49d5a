"""Run a race from a shell: ``python -m engine.race --help``."""

import argparse
import json
import re
import shlex
import shutil
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from engine.data import DRAWN, DataUnavailable
from engine.devices import resolve
from engine.events import Checkpoint, Event
from engine.experiment import ENDING, save, write_whole
from engine.fields import describe
from engine.race.experiments import RACE
from engine.race.schedule import IMAGES, images_of
from engine.race.spec import RaceSpec, published
from engine.race.tune import candidates, lane_text, tune
from engine.spec import decode, encode

EPILOG = """
A lane is its name with the settings that differ from its defaults, as in a link: adam_lr_0.003,locopropm_t_5

  python -m engine.race                                                     takes about two minutes on two cores
  python -m engine.race --published tanh --epochs 15 --out runs/tanh        the published benchmark
  python -m engine.race --out runs/tanh --resume                            continues where that one stopped
  python -m engine.race --published tanh --epochs 5 --lanes adam,kfac --tune 12
"""


def main(arguments: list[str]) -> int:
    """Run what the command line asks for. Returns the exit status."""
    options = parser().parse_args(arguments)
    threads = options.threads or torch.get_num_threads()
    files = Files(options.out)
    try:
        if options.tune:
            torch.set_num_threads(threads)
            tuned(settings(options), options.tune, named(options.out, ".trials.json"), options.resume)
        else:
            if options.resume:
                agree(options, files)
            else:
                files.begin(settings(options), "python -m engine.race " + shlex.join(arguments), threads)
            run(files)
    except (ValueError, OSError, DataUnavailable) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. The same command with --resume continues from here.", file=sys.stderr)
        return 130
    return 0


def parser() -> argparse.ArgumentParser:
    """The command line: every setting of ``RaceSpec`` is an option."""
    result = argparse.ArgumentParser(
        "python -m engine.race", "Race optimizers on a deep autoencoder.", epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    result.add_argument("--published", choices=["tanh", "relu"], help="start from the published benchmark's settings")
    for name, info in RaceSpec.model_fields.items():
        result.add_argument(f"--{name}", metavar=name.upper(), help=describe(info).replace("%", "%%"))
    result.add_argument(
        "--threads", type=positive, help="of the processor; all by default. A race is resumed with its first number"
    )
    result.add_argument("--tune", type=positive, metavar="N", help="instead of a race: N trials for each lane")
    result.add_argument(
        "--out", type=Path, default=Path("runs/race"),
        help=f"the result is written to OUT{ENDING}; runs/race by default. An existing file is not overwritten",
    )  # fmt: skip
    result.add_argument(
        "--resume", action="store_true",
        help="continue the race or the trials that were stopped at --out; a race keeps its settings",
    )  # fmt: skip
    return result


def positive(text: str) -> int:
    """A number of threads or of trials. Raises ArgumentTypeError, which ends with status 2, for any other text."""
    if not re.fullmatch("[0-9]{1,4}", text) or not int(text):  # torch fails with too many threads
        raise argparse.ArgumentTypeError(f"expected a whole number from 1 to 9999, not {text!r}")
    return int(text)


def settings(options: argparse.Namespace, kept: RaceSpec | None = None) -> RaceSpec:
    """The race that the options describe. Raises ValueError if the options contradict each other.

    kept: a race whose settings are used in place of the defaults.
    """
    base = encode(kept) if kept else {}
    if options.published:
        benchmark = published(options.published)
        # A setting that the benchmark sets to its default is not in its link: the kept one must not stay.
        base = {name: text for name, text in base.items() if name not in benchmark.model_fields_set}
        base |= encode(benchmark)
    given = {name: getattr(options, name) for name in RaceSpec.model_fields if getattr(options, name) is not None}
    if "lanes" in given:
        given["lanes"] = given["lanes"].replace(",", "~")
    spec, problems = decode(RaceSpec, base | given)
    if problems:
        raise ValueError("\n".join(problems))
    return spec


def agree(options: argparse.Namespace, files: "Files") -> None:
    """Raises ValueError if the options and the stopped race have different settings."""
    kept, _, _ = files.begun()
    asked = settings(options, kept)
    there = []
    for name in RaceSpec.model_fields:
        if (value := getattr(kept, name)) != getattr(asked, name):
            # The value is written as the command line writes it.
            text = ",".join(map(lane_text, value)) if name == "lanes" else int(value) if name == "look" else value
            there.append(f"{name} = {text}")
    if there:
        raise ValueError(
            f"{files.folder} holds a stopped race with {', '.join(there)}; use --resume without other settings to "
            "continue it, or another --out to begin a race with these settings"
        )


def named(path: Path, ending: str) -> Path:
    """``path`` with ``ending`` added to its name. A dot in the name is part of the name: "lr0.01" names a race."""
    return path.with_name(path.name + ending)


class Files:
    """The files of a running race: its settings, events and checkpoints. They are in a folder beside its result."""

    def __init__(self, out: Path) -> None:
        self.out, self.folder, self.result = out, named(out, ".running"), named(out, ENDING)

    def begin(self, spec: RaceSpec, command: str, threads: int) -> None:
        """Create the files. Raises ValueError if this would delete a finished race or the epochs of a stopped race."""
        if self.checkpoints().keys() - {IMAGES}:
            raise ValueError(f"{self.folder} holds a stopped race; use --resume to continue it, or remove the folder")
        self.spare()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        # Every setting in full: the race is resumed as it began, whatever the defaults are by then.
        kept = spec.model_dump(mode="json")
        race = {"spec": kept, "command": command, "threads": threads, "device": resolve(spec.device)}
        (self.folder / "race.json").write_text(json.dumps(race))

    def begun(self) -> tuple[RaceSpec, str, int]:
        """The race that was started, the command that started it, and its number of threads.

        The last bits of its numbers depend on the number of threads. Raises ValueError if there is no race, if the race
        started on another device, or if its result would overwrite a finished race.
        """
        path = self.folder / "race.json"
        if not path.exists():
            raise ValueError(f"there is no race to continue at {self.out}")
        self.spare()
        race = json.loads(path.read_text())
        spec = RaceSpec.model_validate(race["spec"])
        if (device := resolve(spec.device)) != race["device"]:
            raise ValueError(f"the race at {self.out} began on {race['device']}; on {device} its numbers would differ")
        return spec, race["command"], race["threads"]

    def spare(self) -> None:
        """Raises ValueError if the result of a finished race would be overwritten."""
        if self.result.exists():
            raise ValueError(
                f"{self.result} holds a finished race and would be overwritten; use another --out, or move the file"
            )

    def events(self) -> list[Event]:
        path = self.folder / "events.jsonl"
        path.touch()
        content = path.read_bytes()
        whole = content[: content.rfind(b"\n") + 1]
        if whole != content:  # the process died while it wrote a line: remove this line, so that the next one is whole
            path.write_bytes(whole)
        return [json.loads(line) for line in whole.splitlines()]

    def checkpoints(self) -> dict[str, bytes]:
        return {path.stem: path.read_bytes() for path in self.folder.glob("*.checkpoint")}

    def keep(self, item: Event | Checkpoint) -> None:
        if isinstance(item, Checkpoint):
            write_whole(self.folder / f"{item.name}.checkpoint", item.state)
        elif "key" in item:
            with (self.folder / "events.jsonl").open("a") as file:
                file.write(json.dumps(item) + "\n")


def run(files: Files) -> None:
    """Run a race from where it stopped, print its progress, and store its result."""
    spec, command, threads = files.begun()
    torch.set_num_threads(threads)
    events = files.events()
    assert RACE.work is not None
    for item in RACE.work(spec, files.checkpoints()):
        files.keep(item)
        if isinstance(item, dict):
            if "key" in item:
                events.append(item)
            report(spec, item)
    save(files.result, spec, events, command)
    shutil.rmtree(files.folder)
    table = RACE.so_far(spec, events).table()
    last = table.sort_values("epoch", kind="stable").groupby(["lane", "seed"], sort=False).tail(1)
    print(last[["lane", "seed", "epoch", "seconds", "gradients", "train_loss", "test_loss"]].to_string(index=False))
    print(f"Kept as {files.result}")


def report(spec: RaceSpec, event: Event) -> None:
    """Print one event as a line. In a terminal progress is one line that is overwritten."""
    name = f"{spec.lanes[event['lane']].called():<20}" if "lane" in event else ""
    if event["kind"] == "start":
        print(f"{event['source']}; {event['device']}; {event['weights']:,} weights; {event['steps']} steps an epoch")
        print(event["notice"], end="\n" if event["notice"] else "")
        print(f"{'lane':<20} seed epoch   seconds      train       test")
    elif event["kind"] == "point":
        print(
            f"\r{name} {event['seed']:4d} {event['epoch']:5d} {event['seconds']:9.2f} "
            f"{event['train_loss']:10.3f} {event['test_loss']:10.3f}", flush=True,
        )  # fmt: skip
    elif event["kind"] == "end":
        print(f"\r{name} {event['seed']:4d} ended: {event['reason']}", flush=True)
    elif event["kind"] == "tick" and sys.stdout.isatty():
        print(f"\r{event['progress']:7.1%}  {name}", end="", flush=True)


def tuned(spec: RaceSpec, count: int, log: Path, resume: bool) -> None:
    """Run ``count`` trials of each lane, store all of them in ``log``, and print the best trial of each lane.

    resume: continue the log. Raises ValueError if the log belongs to another race or another ``count``, or if it would
    be overwritten.
    """
    images, notice = images_of(spec)
    print(notice, end="\n" if notice else "")
    if notice:
        spec = spec.but(data=DRAWN)
    # Every setting is stored, since defaults may change later.
    setting = spec.model_dump(mode="json", exclude={"lanes"}) | {"trials": count}
    kept: dict[str, Any] = {"setting": setting, "trials": []}
    if resume and log.exists():
        kept = json.loads(log.read_text())
    elif log.exists():
        raise ValueError(f"{log} holds trials; use --resume to continue them, or remove the file")
    if kept["setting"] != setting:
        raise ValueError(f"{log} holds trials of another race or of another number: {kept['setting']}")
    rows: list[dict[str, Any]] = kept["trials"]
    log.parent.mkdir(parents=True, exist_ok=True)
    for trial in tune(spec, count, images, known={row["lane"] for row in rows}):
        text = lane_text(trial.lane)
        rows.append({"optimizer": trial.lane.optimizer} | asdict(trial) | {"lane": text})
        print(f"{text:<60} {trial.loss:10.3f} {trial.seconds:8.1f} s  {trial.reason}", flush=True)
        log.write_text(json.dumps(kept, indent=1) + "\n")
    losses = {row["lane"]: float(row["loss"]) for row in rows}
    best = [min(map(lane_text, candidates(lane, count)), key=losses.__getitem__) for lane in spec.lanes]
    print(f"--lanes {','.join(best)}")
    print(f"All trials are in {log}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
