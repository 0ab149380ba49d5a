"""What a step of an optimizer costs."""

from engine.optimizers.workload import Workload
from engine.spec import Spec


class Costs(Spec):
    """Time and memory of a step, estimated before it runs. By default those of an elementwise rule."""

    def work(self, evaluation: float) -> float:
        """The cost of a step on two parameters, if a loss with its gradient costs ``evaluation``.

        Both in tensor operations, of about 10 microseconds each on one core.
        """
        return 8

    def network_work(self, net: Workload) -> float:
        """The cost of a step on a network, in ``net``'s operations."""
        return net.step()

    def network_memory(self, net: Workload) -> int:
        """How many numbers the training of a network holds: its weights, a gradient and the optimizer's state."""
        return 4 * net.weights()

    def period(self) -> int:
        """Steps after which the work of a step repeats. More than one if something is renewed only now and then."""
        return 1

    def settled(self) -> int:
        """Steps after which every period costs the same."""
        return 1
