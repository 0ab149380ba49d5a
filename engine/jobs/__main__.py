"""The app's own cluster: a scheduler and a worker on 127.0.0.1. ``python -m engine.jobs MEMORY FOLDER``.

It is a process of its own, because a worker executes the main module of the process that starts it, and under Streamlit
that is the app. It lives until its standard input ends: the app closes it, or the app dies. It then exits at once, and
the worker process notices and exits too. A worker that dies is started again.
"""

# mypy: untyped-calls-exclude="distributed"

import asyncio
import os
import sys
from typing import NoReturn


async def serve(memory: float, folder: str) -> NoReturn:
    """Print the scheduler's address on standard output, and wait for the end of standard input.

    memory: of the worker, as a share of the machine's. folder: for the files that Dask writes.
    """
    answer = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a computation prints goes to the log
    import dask
    from distributed import Nanny, Scheduler

    dask.config.set(
        {
            "distributed.scheduler.http.routes": [],
            "distributed.worker.http.routes": [],
            # Dask counts a death against every job that waits at the worker. Our worker counts deaths job by job.
            "distributed.scheduler.allowed-failures": sys.maxsize,
            # By default a worker of Dask returns freed memory at once. Each larger tensor is then mapped again, page by
            # page: training takes half as long again.
            "distributed.nanny.pre-spawn-environ": {},
            "distributed.worker.profile.enabled": False,
            # The app stores the events.
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
