"""Optimizers of networks that treat a weight as a matrix, and not as separate numbers."""

from collections.abc import Mapping
from itertools import product
from typing import Any, ClassVar, Literal

from engine.optimizers.fields import Beta1, Beta2, Momentum, Rate, Refresh, TwoBetas, WeightDecay
from engine.optimizers.lane import Display, Lane
from engine.optimizers.workload import Workload


class Preconditioned(TwoBetas):
    """Shampoo's family: two averaged matrices for each weight, decomposed again every ``refresh`` steps."""

    interval: ClassVar[str]
    """The constructor's name for ``refresh``."""
    search: ClassVar[Mapping[str, tuple[float, float]]] = {"lr": (1e-4, 3e-2)}

    refresh: Refresh = 20

    def arguments(self) -> dict[str, Any]:
        hyper = super().arguments()
        return hyper | {self.interval: hyper.pop("refresh")}

    def period(self) -> int:
        return self.refresh

    def network_memory(self, net: Workload) -> int:
        return super().network_memory(net) + 2 * net.squares()


BLOCK = 512
"""Rows and columns of the blocks that Shampoo cuts larger matrices into."""


def blocks(size: int) -> list[int]:
    """The sizes of the blocks along one side of a matrix."""
    return [min(BLOCK, size - start) for start in range(0, size, BLOCK)]


class Shampoo(Preconditioned):
    display = Display(
        label="Shampoo",
        colour="#c16ad9",
        rule=r"""\begin{aligned}
            L &\leftarrow \beta_2 L + (1 - \beta_2)\, g g^\top, \qquad
            R \leftarrow \beta_2 R + (1 - \beta_2)\, g^\top g \\
            P &= L^{-1/4}\, g\, R^{-1/4} \quad \text{at the length of RMSprop's step} \\
            V &\leftarrow \beta_1 V + (1 - \beta_1)\, P, \qquad
                W \leftarrow W - \eta\, (\beta_1 V + (1 - \beta_1)\, P)
            \end{aligned}""",
        source=(
            "Anil et al. 2020, Scalable second order optimization for deep learning",
            "https://arxiv.org/abs/2002.09018",
        ),
        differs=(
            "Each layer's step has the length of RMSprop's step (grafting). The optimizer has Nesterov momentum, and "
            "splits matrices into blocks of 512. Its first 24 steps are those of RMSprop with momentum."
        ),
    )
    constructor = "pytorch_optimizer.ScalableShampoo"
    state_classes: ClassVar[tuple[str, ...]] = (
        "pytorch_optimizer.optimizer.utils.preconditioner.PreConditioner",
        "pytorch_optimizer.optimizer.utils.partition.BlockPartitioner",
        "pytorch_optimizer.optimizer.utils.partition.PreConditionerType",
        "pytorch_optimizer.optimizer.utils.graft.RMSPropGraft",
    )
    # Grafting kind 3 takes the length of RMSprop's step. On a CPU, SVD computes the inverse roots three times as fast
    # as the iteration. Without the average, momentum would make the steps ten times as long as the rate says.
    fixed: ClassVar[Mapping[str, Any]] = {"graft_type": 3, "use_svd": True, "moving_average_for_momentum": True}
    interval = "preconditioning_compute_steps"

    optimizer: Literal["shampoo"] = "shampoo"
    lr: Rate = 0.005
    beta2: Beta2 = 0.95

    def network_work(self, net: Workload) -> float:
        blocked = [(near, far) for pair in net.shapes() for near, far in product(*map(blocks, pair))]
        roots = 40.0 * sum(near**3 + far**3 for near, far in blocked) / self.refresh
        products = 4.0 * sum(near * far * (near + far) for near, far in blocked)
        return 3 * net.forward() + products + roots + 6 * net.update()


class SOAP(Preconditioned):
    display = Display(
        label="SOAP",
        colour="#039bb1",
        rule=r"\text{Adam's update in the eigenbases of Shampoo's } L \text{ and } R",
        source=(
            "Vyas et al. 2024, SOAP: Improving and stabilizing Shampoo using Adam",
            "https://arxiv.org/abs/2409.11321",
        ),
        differs="The first batch only sets the eigenbases.",
    )
    constructor = "pytorch_optimizer.SOAP"
    fixed: ClassVar[Mapping[str, Any]] = {}
    interval = "precondition_frequency"

    optimizer: Literal["soap"] = "soap"
    lr: Rate = 0.003
    beta1: Beta1 = 0.95
    beta2: Beta2 = 0.95
    weight_decay: WeightDecay = 0.0
    refresh: Refresh = 10

    def network_work(self, net: Workload) -> float:
        return 3 * net.forward() + 5 * net.sandwich() + 8 * net.cubes() / self.refresh + 4 * net.update()


class Muon(Lane):
    display = Display(
        label="Muon",
        colour="#537332",
        rule=r"""\begin{aligned}
            V &\leftarrow \mu V + (1 - \mu)\, g \\
            M &= \mu V + (1 - \mu)\, g \\
            W &\leftarrow W - \eta\, U P^\top \quad \text{where } M \approx U \Sigma P^\top \text{ by Newton-Schulz}
            \end{aligned}""",
        source=(
            "Jordan et al. 2024, Muon: An optimizer for hidden layers",
            "https://kellerjordan.github.io/posts/muon/",
        ),
        differs="It updates matrices only; AdamW updates the biases. Steps are scaled to the size of AdamW's.",
    )
    constructor = "engine.optimizers.composed.MuonWithAdamW"
    fixed: ClassVar[Mapping[str, Any]] = {}
    search: ClassVar[Mapping[str, tuple[float, float]]] = {"lr": (1e-4, 3e-2)}

    optimizer: Literal["muon"] = "muon"
    lr: Rate = 0.001
    momentum: Momentum = 0.95
    weight_decay: WeightDecay = 0.0

    def network_work(self, net: Workload) -> float:
        iteration = sum(min(shape) ** 2 * (4 * max(shape) + 2 * min(shape)) for shape in net.shapes())
        return net.step() + net.update() + 1.5 * iteration  # five, in bfloat16
