"""The app's own cluster, seen from the app: the child process of ``engine.jobs.__main__``."""

import contextlib
import os
import subprocess
import sys
from pathlib import Path

from engine.jobs.order import Limits

QUIET = {
    "DASK_LOGGING__DISTRIBUTED": "warning",
    # The process exits without releasing its semaphores.
    "PYTHONWARNINGS": "ignore::UserWarning:multiprocessing.resource_tracker",
}

THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")

ROOT = Path(__file__).parents[2]  # the folder that contains ``engine``


class LocalCluster:
    """The child process. Raises OSError if it does not start."""

    def __init__(self, limits: Limits, folder: Path) -> None:
        """folder: where Dask writes its files."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "engine.jobs", str(limits.memory), str(folder)],
            cwd=ROOT,
            env=os.environ | QUIET | dict.fromkeys(THREADS, str(limits.threads)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,  # not reached by Ctrl+C in the app's terminal: it ends when stdin closes
        )
        assert self._process.stdin and self._process.stdout
        self._stdin = self._process.stdin
        with self._process.stdout as out:
            self.address = out.readline().strip()
        if not self.address:
            self.close()
            raise OSError("the cluster's process ended at once, and the log says why")

    def close(self) -> None:
        """End the process, and its worker with it."""
        with contextlib.suppress(OSError):
            self._stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
