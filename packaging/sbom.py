"""The bill of materials of a package, in CycloneDX 1.6: its parts with licences, and each native file's hash."""

import hashlib
import json
import time
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from licences import Part


def write(parts: Iterable[Part], tree: Path, native: Iterable[Path], version: str, moment: int, target: Path) -> None:
    """Write the bill of the tree."""
    components: list[dict[str, Any]] = []
    for part in parts:
        purl = f"pkg:pypi/{part.name}@{part.version}"
        named = {"bom-ref": purl, "purl": purl} if part.is_distribution else {"bom-ref": part.folder()}
        licence = {"licenses": [{"expression": part.licence}]}
        components.append({"type": "library", **named, "name": part.name, "version": part.version, **licence})
    for path in native:
        name = str(path.relative_to(tree))
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        hashes = [{"alg": "SHA-256", "content": digest}]
        components.append({"type": "file", "bom-ref": name, "name": name, "hashes": hashes})
    told = json.dumps(components, sort_keys=True)
    bill = {
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, told)}",
        "metadata": {
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment)),
            "component": {"type": "application", "bom-ref": "tacit", "name": "tacit", "version": version,
                          "licenses": [{"expression": "Apache-2.0"}]},
        },
        "components": components,
    }  # fmt: skip
    target.write_text(json.dumps(bill, indent=1) + "\n", encoding="utf-8")
