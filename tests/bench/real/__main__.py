"""Real models and real meetings: every figure beside its bar.

    TACIT_REAL=FOLDER python -m tests.bench.real [SECTION...]

FOLDER holds `models`, `recordings` and `qmsum`. Ends with 1 if a bar is missed, and with 2 if something is missing.
"""

import os
import sys
from pathlib import Path

from tests.bench.real import beginning, generation, hearing, meaning, pipeline, reopening, speakers

SECTIONS = {
    "generation": generation.measure,
    "beginning": beginning.measure,
    "reopening": reopening.measure,
    "meaning": meaning.measure,
    "hearing": hearing.measure,
    "pipeline": pipeline.measure,
    "speakers": speakers.measure,
}


def main(names: list[str]) -> int:
    """Print the figures of these sections, or of all."""
    wished = names or list(SECTIONS)
    folder = Path(os.environ.get("TACIT_REAL", "nowhere"))
    if unknown := [name for name in wished if name not in SECTIONS]:
        print(f"There is no section {', '.join(unknown)}; there are {', '.join(SECTIONS)}.")
        return 2
    if missing := [part for part in ("models", "qmsum") if not (folder / part).is_dir()]:
        print(f"TACIT_REAL names no folder with {' and '.join(missing)}.")
        return 2
    is_good = True
    for name in wished:
        print(f"--- {name}")
        for figure in SECTIONS[name](folder):
            print(figure, flush=True)
            is_good &= figure.is_good
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
