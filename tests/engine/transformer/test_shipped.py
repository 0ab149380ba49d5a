"""The models that ship: all files are there, small and whole, and the models can do what they were trained for."""

from pathlib import Path

import pytest
import torch

from engine.experiment import ENDING, replay
from engine.transformer import SHIPPED, TASKS, load, measure, shipped
from engine.transformer.answers import answers
from engine.transformer.experiments import TRAINING
from engine.transformer.shipped import FOLDER, MOST_BYTES, RIVALS, path_of, rounded


def test_each_kept_step_has_a_file_each_file_a_step_and_all_are_small() -> None:
    wanted = {path_of(name, step) for name, model in SHIPPED.items() for step in model.steps}
    wanted |= {FOLDER / f"{name}{ENDING}" for name in SHIPPED} | {FOLDER / "NOTICE"}
    assert set(FOLDER.iterdir()) == wanted
    assert sum(path.stat().st_size for path in wanted) <= MOST_BYTES


@pytest.mark.parametrize("name", SHIPPED)
def test_a_model_is_its_file_in_half_precision_and_its_curve_ends_where_it_does(name: str) -> None:
    for step in SHIPPED[name].steps:
        assert rounded(load(name, step)) == path_of(name, step).read_bytes()
    result, command = replay(TRAINING, FOLDER / f"{name}{ENDING}")
    assert result.spec == SHIPPED[name].spec and not result.end
    assert set(SHIPPED[name].steps) <= set(result.steps.tolist()) and result.steps[-1] == SHIPPED[name].spec.steps
    assert command == f"python -m engine.transformer {name}"


@pytest.mark.parametrize(
    ("name", "least"),
    [("induction", 0.99), ("copy", 0.99), ("reverse", 0.97), ("sort", 0.97), ("dates", 0.99)],
)
def test_a_model_answers_what_it_has_not_seen(name: str, least: float) -> None:
    task = TASKS[name]
    found = measure(load(name), task, task.held_out(300))
    assert found.right >= least
    assert found.loss < 0.1


def test_two_layers_find_the_earlier_copy_and_one_cannot() -> None:
    task = TASKS["induction"]
    both = {name: measure(load(name), task, task.held_out(100)) for name in ("induction", "one_layer")}
    assert both["induction"].heads["score"].max() > 0.8
    assert both["one_layer"].heads["score"].max() < 0.2 and both["one_layer"].right < 0.05


def test_a_date_that_can_be_read_in_two_ways_leaves_the_model_undecided() -> None:
    model, task = load("ambiguous"), TASKS["ambiguous"]
    ways = {"12/11/1987": ("1987-11-12", "1987-12-11"), "25/12/2001": ("2001-12-25",)}
    for text, answered in ways.items():
        chances = []
        for answer in answered:
            tokens = task.targets.encode(answer)
            with torch.no_grad():
                logits = model(torch.tensor([[1, *tokens]]), torch.tensor([task.read(text)]))[0].log_softmax(-1)
            chances.append(float(logits[range(len(tokens)), tokens].sum().exp()))
        assert sum(chances) > 0.9 and min(chances) > 0.2
        (written,) = answers(model, task, [task.read(text)])
        assert "".join(written) in answered


def test_rivals_are_as_large_as_the_transformer() -> None:
    for task, kinds in RIVALS.items():
        whole = sum(weight.numel() for weight in SHIPPED[task].spec.model().parameters())
        for kind in kinds:
            own = sum(weight.numel() for weight in SHIPPED[f"{task}_{kind}"].spec.model().parameters())
            assert own == pytest.approx(whole, rel=0.03)


def test_what_does_not_ship_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="there is no model nobody; there are induction, one_layer"):
        load("nobody")
    with pytest.raises(ValueError, match=r"induction is kept after the steps 0, 25, .*, not after 26"):
        load("induction", 26)
    monkeypatch.setattr(shipped, "FOLDER", tmp_path)
    (tmp_path / "copy-750.safetensors").write_bytes(b"not weights")
    with pytest.raises(ValueError, match="the weights of copy after 750 steps are damaged"):
        shipped.load.__wrapped__("copy")
