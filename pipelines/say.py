"""What a job tells whoever started it: one line per step, on standard output; the rest goes to a log."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from warehouse.operations.errors import keep_trace

_listener = sys.stdout


def say(step: str, text: str) -> None:
    """Print one line of progress: the step's name, a tab, a sentence."""
    _listener.write(f"{step}\t{text}\n")
    _listener.flush()


def failure_sentence(event: object) -> str:
    """Why a step failed, without its trace: our own words for it where there are any, else the innermost error's."""
    chain, error = [], event.step_failure_data.error  # type: ignore[attr-defined]
    while error is not None:
        chain.append(str(error.message).strip())
        error = error.cause
    ours = [told.partition(": ")[2] for told in chain if told.startswith(("pipelines.", "warehouse."))]
    return next(iter(ours or chain[::-1]), "A step failed.")


def keep_unforeseen(event: object) -> None:
    """Group a step's failure with others like it, unless it is one that our own words tell."""
    failed = event.step_failure_data.error  # type: ignore[attr-defined]
    chain = [failed]
    while chain[-1].cause is not None:
        chain.append(chain[-1].cause)
    if not any(str(error.message).strip().startswith(("pipelines.", "warehouse.")) for error in chain):
        innermost = chain[-1]
        keep_trace(innermost.cls_name or "", str(innermost.message).strip(), failed.to_string(), "job")


@contextmanager
def only_progress(log: Path) -> Iterator[None]:
    """Send everything other libraries print, their child processes included, to a log file; progress still comes through."""
    global _listener
    log.parent.mkdir(parents=True, exist_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    kept = os.dup(1), os.dup(2)
    with log.open("ab") as target, os.fdopen(os.dup(1), "w") as listener:
        _listener = listener
        os.dup2(target.fileno(), 1)
        os.dup2(target.fileno(), 2)
        try:
            yield
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os.dup2(kept[0], 1)
            os.dup2(kept[1], 2)
            _listener = sys.stdout
            for descriptor in kept:
                os.close(descriptor)
