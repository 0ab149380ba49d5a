"""How many operations one step of an optimizer takes."""

from engine.optimizers.workload import Workload
from engine.spec import Spec


class Costs(Spec):
    """The time and memory of a step, estimated before it runs. The defaults are those of an elementwise rule."""

    def work(self, evaluation: float) -> float:
        """The cost of a step on two parameters, if the loss with its gradient costs ``evaluation``.

        Both costs are numbers of tensor operations. One takes about 10 microseconds on one core.
        """
        return 8

    def network_work(self, net: Workload) -> float:
        """The cost of a step on a network, in ``net``'s operations."""
        return net.step()

    def network_memory(self, net: Workload) -> int:
        """The count of numbers in memory when a network is trained: weights, a gradient and the optimizer's state."""
        return 4 * net.weights()

    def period(self) -> int:
        """Steps after which the work of a step repeats. More than one if something is renewed only now and then."""
        return 1

    def settled(self) -> int:
        """Steps after which every period costs the same."""
        return 1
