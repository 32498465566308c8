"""The download worker on a server of the tests: `worker.py CA.pem PORT CATALOG.json [--patient] --download`.

The switch is here and nowhere else: names, certificates, port and catalogue are replaced in this process.
The product itself takes none of them from anybody.
"""

import os
import ssl
import sys
from functools import partial
from pathlib import Path

import msgspec

ROOT = Path(__file__).resolve().parents[3]


def main() -> int:
    """Run the worker."""
    from app import __main__ as entry
    from app.catalog.catalogue import Catalog
    from app.catalog.download import http, worker
    from app.engines.sandbox import confine
    from tests.catalog.download.model_server import QUICK, names_here

    authority, port, listed, *rest = sys.argv[1:]
    catalog = msgspec.json.decode(Path(listed).read_bytes(), type=Catalog)
    vars(worker)["catalog"] = lambda: catalog
    needs = worker.required_access

    def with_port(request: worker.DownloadRequest) -> tuple[Path, set[int]]:
        folder, ports = needs(request)
        return folder, ports | {int(port)}

    vars(worker)["required_access"] = with_port  # the walls of the product stand, with this one door more
    if "COVERAGE_PROCESS_CONFIG" in os.environ:  # the sandbox refuses the measurement its database
        vars(confine)["confine_download"] = lambda *_: True
    context = ssl.create_default_context(cafile=authority)
    is_patient = rest.pop(0) == "--patient" if len(rest) > 1 else False
    limits = http.DownloadLimits() if is_patient else QUICK
    http.download = partial(http.download, context=context, port=int(port), limits=limits)
    sys.argv = [sys.argv[0], *rest]
    with names_here():
        return entry.main()


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
