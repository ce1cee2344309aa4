"""Makes large companies in processes of their own, while this one writes what is made already."""

import os
import pickle
import queue
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from warehouse.demo.parts import MadePart, Part
from warehouse.lake.extensions import bootstrap
from warehouse.settings import CHECKOUT, settings

MAKERS = 2
FOLDER = "making-"
"""How the folders begin, in the data folder, that the parts lie in until they are in the store."""


class MakingFailed(Exception):
    """A process that makes companies ended badly."""


class _Maker:
    """One of the processes."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "warehouse.demo.maker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=CHECKOUT,
            # Numbers come in short rows: threads of the libraries would wait for each other.
            env=os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
            # Ctrl-C in a terminal is for this process; the makers end with their pipes.
            start_new_session=True,
        )

    def make(self, part: Part) -> MadePart:
        """Have a part made. Raises MakingFailed."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            pickle.dump(part, self._process.stdin)
            self._process.stdin.flush()
            answer: MadePart | str = pickle.load(self._process.stdout)  # noqa: S301 - our own process
        except (OSError, EOFError, pickle.UnpicklingError) as failure:
            answer = f"it ended with code {self._process.wait()} ({type(failure).__name__})"
        if isinstance(answer, str):
            raise MakingFailed(
                f"The companies could not be made, and nothing was changed: a process that makes them said: {answer}. "
                "See that the data folder's disk has room, and run the command again."
            )
        return answer

    def end(self) -> None:
        """End the process, whatever it is doing."""
        self._process.kill()
        self._process.communicate()


@contextmanager
def made_by_a_crew(parts: Sequence[Part]) -> Iterator[Iterator[MadePart]]:
    """The parts in order, each as soon as it is made; nobody works any more when the block ends."""
    # Once, before both makers find that it is missing.
    bootstrap(settings().extensions_path)
    makers = [_Maker() for _ in range(min(MAKERS, len(parts)))]
    idle: queue.SimpleQueue[_Maker] = queue.SimpleQueue()
    for maker in makers:
        idle.put(maker)

    def make(part: Part) -> MadePart:
        maker = idle.get()
        try:
            return maker.make(part)
        finally:
            idle.put(maker)

    hands = ThreadPoolExecutor(len(makers), thread_name_prefix="maker")
    try:
        yield hands.map(make, parts)
    finally:
        hands.shutdown(wait=False, cancel_futures=True)
        for maker in makers:
            maker.end()
        hands.shutdown()


@contextmanager
def making_folder() -> Iterator[Path]:
    """A folder for the parts; those that a killed load left behind go, since only one can write at a time."""
    home = settings().home
    for left in home.glob(f"{FOLDER}*"):
        shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=FOLDER, dir=home))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
