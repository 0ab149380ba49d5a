"""One thread that runs tasks in the order in which it receives them."""

import logging
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

logger = logging.getLogger(__name__)


class Clerk:
    """The thread. A task that fails is logged, and the next one runs."""

    def __init__(self) -> None:
        self._tasks: SimpleQueue[tuple[Callable[..., Any], tuple[Any, ...]] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="jobs", daemon=True)
        self._thread.start()

    def do(self, task: Callable[..., Any], *args: Any) -> None:
        """Run ``task(*args)`` in the thread, after all earlier tasks."""
        self._tasks.put((task, args))

    def close(self) -> bool:
        """Finish the tasks received so far and end the thread. Returns False if the thread had already ended."""
        if not self._thread.is_alive():
            return False
        self._tasks.put(None)
        self._thread.join()
        return True

    def _work(self) -> None:
        while (entry := self._tasks.get()) is not None:
            task, args = entry
            try:
                task(*args)
            except Exception:
                logger.exception("A task of the jobs failed")
