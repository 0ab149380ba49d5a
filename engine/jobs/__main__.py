"""The app's own cluster: a scheduler and a worker on 127.0.0.1. ``python -m engine.jobs MEMORY FOLDER``.

This is a process of its own, because a worker executes the main module of the process that starts it, and under
Streamlit that module is the app. When the app closes this process's standard input, or dies, this process exits at
once. The worker process notices that and exits too. A worker that dies is started again.
"""

# mypy: untyped-calls-exclude="distributed"

import asyncio
import os
import sys
from typing import NoReturn


async def serve(memory: float, folder: str) -> NoReturn:
    """Print the scheduler's address on standard output, and wait for the end of standard input.

    memory: the worker's memory, as a share of the machine's memory. folder: where Dask writes its files.
    """
    answer = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # the output of a computation goes to the log
    import dask
    from distributed import Nanny, Scheduler

    dask.config.set(
        {
            "distributed.scheduler.http.routes": [],
            "distributed.worker.http.routes": [],
            # Dask counts a worker's death against every job that waits there. Our worker counts deaths per job.
            "distributed.scheduler.allowed-failures": sys.maxsize,
            # By default a Dask worker returns freed memory to the system at once. Memory for each larger tensor is then
            # mapped again, page by page. That makes training 1.5 times as slow.
            "distributed.nanny.pre-spawn-environ": {},
            "distributed.worker.profile.enabled": False,
            # The scheduler keeps only the last few messages of an attempt, because the app stores all of them.
            "distributed.admin.low-level-log-length": 10,
        }
    )
    here, no_port = "127.0.0.1", "127.0.0.1:0"
    async with (
        Scheduler(host=here, port=0, dashboard_address=no_port, dashboard=False) as scheduler,
        Nanny(
            scheduler.address,
            nthreads=1,
            memory_limit=memory,
            local_directory=folder,
            host=here,
            dashboard_address=no_port,
        ),
    ):
        with open(answer, "w") as app:
            app.write(f"{scheduler.address}\n")
        await asyncio.to_thread(sys.stdin.buffer.read)
        os._exit(0)


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1]), sys.argv[2]))
