"""Have eark-validator look at a package, and print what it finds as JSON; run as a program.

It looks at the METS of the package, by the rules of CSIP and SIP; that of each representation is
looked at by its schema besides. The validator asks the web for its vocabularies while it is
imported. They lie in its own package too, and are read from there: a test asks no network.
"""

from __future__ import annotations

import io
import json
import sys
import urllib.request
import zipfile
from importlib.util import find_spec
from pathlib import Path

from lxml import etree


def _own(address: str) -> io.BytesIO:
    """A vocabulary of the validator, by the address at which it is published."""
    spec = find_spec("eark_validator")
    assert spec is not None
    assert spec.origin is not None
    folder = Path(spec.origin).parent / "ipxml" / "resources" / "vocabs"
    return io.BytesIO((folder / address.rpartition("/")[2]).read_bytes())


def main() -> None:
    """Look at the package that is named."""
    urllib.request.urlopen = _own  # type: ignore[assignment]  # it opens addresses alone
    from eark_validator.ipxml.schema import IP_SCHEMA  # noqa: PLC0415 - it asks at once
    from eark_validator.packages import PackageValidator  # noqa: PLC0415 - it asks at once

    package = Path(sys.argv[1])
    found = json.loads(PackageValidator(package).validation_report.model_dump_json())
    with zipfile.ZipFile(package) as archive:
        inner = [name for name in archive.namelist() if name.endswith("rep1/METS.xml")]
        found["inner"] = [
            str(fault)
            for name in inner
            for schema in IP_SCHEMA.values()
            if not schema.validate(etree.fromstring(archive.read(name)))
            for fault in schema.error_log
        ]
    print(json.dumps(found))  # noqa: T201 - it is a program


if __name__ == "__main__":
    main()
