"""The metadata of a package: METS for the package and its one representation, PREMIS for its files,
Dublin Core for the case.

Nothing personal is in them: names of offices, numbers, days, sums. What is written in the papers
stays there.
Source: E-ARK CSIP 2.1.0 and SIP 2.1.0, of which FGS Paketstruktur 2.0 is a profile; METS 1.12;
PREMIS 3.0; DCMES 1.1; decisions/0127.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final

from lxml import etree

from service import VERSION
from service.audit.archive.package_content import PackageContent

METS: Final = "http://www.loc.gov/METS/"
XLINK: Final = "http://www.w3.org/1999/xlink"
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
CSIP: Final = "https://DILCIS.eu/XML/METS/CSIPExtensionMETS"
SIP: Final = "https://DILCIS.eu/XML/METS/SIPExtensionMETS"
PREMIS: Final = "http://www.loc.gov/premis/v3"
DC: Final = "http://purl.org/dc/elements/1.1/"
PACKAGE_PROFILE: Final = "https://earksip.dilcis.eu/profile/E-ARK-SIP.xml"
PART_PROFILE: Final = "https://earkcsip.dilcis.eu/profile/E-ARK-CSIP.xml"
OTHER_CONTENT: Final = "case file of one office"
MIXED: Final = {f"{{{CSIP}}}CONTENTINFORMATIONTYPE": "OTHER"} | {
    f"{{{CSIP}}}OTHERCONTENTINFORMATIONTYPE": OTHER_CONTENT
}
"""What kind of content it is: of none for which E-ARK has a specification that fits."""
REP: Final = "representations/rep1"
SUBMITTER: Final = {"ROLE": "OTHER", "OTHERROLE": "SUBMITTER", "TYPE": "ORGANIZATION"}
"""Who hands the package over, as SIP15 to SIP18 ask. Not as another CREATOR, as the example of SIP
has it: rules of `eark-validator` take each of these for the software."""
DIGEST: Final = "SHA-256"
PRONOM: Final = "https://www.nationalarchives.gov.uk/PRONOM/"
"""Registry of formats: keys such as fmt/476."""


@dataclass(frozen=True, slots=True)
class Format:
    """A format of files, as PRONOM knows it."""

    name: str
    version: str
    key: str
    media_type: str


PDF_A: Final = Format("PDF/A", "2a", "fmt/476", "application/pdf")
FORMATS: Final[Mapping[str, Format]] = {
    "pdf": Format("PDF", "", "", "application/pdf"),
    "jpg": Format("JPEG", "", "", "image/jpeg"),
    "png": Format("PNG", "", "", "image/png"),
    "zip": Format("ZIP", "", "x-fmt/263", "application/zip"),
    "xml": Format("XML", "1.0", "fmt/101", "application/xml"),
    "xsd": Format("XML Schema", "1.0", "x-fmt/280", "application/xml"),
    "txt": Format("Text", "", "x-fmt/111", "text/plain"),
}
"""Ending of a file to its format; of a file that somebody brought no version is claimed."""
CLAIMS_PDF_A: Final = (b"<pdfaid:part>2<", b"<pdfaid:conformance>A<")
"""What every PDF/A-2a says of itself, in metadata that no PDF/A may compress."""


@dataclass(frozen=True, slots=True)
class PackedFile:
    """A file of a package: where it lies, from the root of what its METS describes."""

    path: str
    content: bytes

    @property
    def digest(self) -> str:
        """Its SHA-256, hex."""
        return sha256(self.content).hexdigest()

    @property
    def format(self) -> Format:
        """Its format; a PDF is PDF/A-2a where it says so."""
        ending = self.path.rpartition(".")[2]
        is_kept = ending == "pdf" and all(claim in self.content for claim in CLAIMS_PDF_A)
        return PDF_A if is_kept else FORMATS[ending]


def _at(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _text(tree: etree._Element) -> bytes:
    return etree.tostring(tree, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _under(
    parent: etree._Element, space: str, name: str, text: str = "", **given: str
) -> etree._Element:
    """An element below another; a name that Python cannot have is given in `attrib` later."""
    made = etree.SubElement(parent, f"{{{space}}}{name}", given)
    made.text = text or None
    return made


# ---- Dublin Core


def dublin_core(content: PackageContent) -> bytes:
    """The case in words that any catalogue reads: numbers, offices and days, and nobody's name."""
    case = content.order.case
    root = etree.Element("metadata", nsmap={"dc": DC})
    for name, text in (
        ("title", content.say("dc_title", process=content.process, number=case.number)),
        ("identifier", case.number),
        ("identifier", case.ref),
        ("identifier", content.id),
        ("creator", content.office.name),
        ("type", "Collection"),
        ("date", f"{content.began:%Y-%m-%d}/{content.ended:%Y-%m-%d}"),
        ("language", content.lang),
        ("format", "PDF/A-2a"),
        ("source", f"Tresteg {VERSION}"),
        ("description", content.say("dc_description", office=content.office.name)),
    ):
        _under(root, DC, name, text)
    return _text(root)


# ---- PREMIS


def premis(content: PackageContent, files: Iterable[PackedFile]) -> bytes:
    """Every file of the representation with its sum and format, and that the package was made."""
    root = etree.Element(f"{{{PREMIS}}}premis", {"version": "3.0"}, {"premis": PREMIS, "xsi": XSI})
    for file in files:
        _premis_file(root, file)
    event = _under(root, PREMIS, "event")
    _identified(event, "event", f"{content.id}-made")
    _under(event, PREMIS, "eventType", "information package creation")
    _under(event, PREMIS, "eventDateTime", _at(content.made))
    about = _under(event, PREMIS, "eventDetailInformation")
    rules = "; ".join(content.rules)
    _under(about, PREMIS, "eventDetail", content.say("premis_event", rules=rules))
    for role, agent in (("implementer", content.order.office), ("executing program", "tresteg")):
        link = _under(event, PREMIS, "linkingAgentIdentifier")
        _under(link, PREMIS, "linkingAgentIdentifierType", "local")
        _under(link, PREMIS, "linkingAgentIdentifierValue", agent)
        _under(link, PREMIS, "linkingAgentRole", role)
    _agent(root, content.order.office, content.office.name, "organization")
    _agent(root, "tresteg", "Tresteg", "software", VERSION)
    return _text(root)


def _premis_file(root: etree._Element, file: PackedFile) -> None:
    made = _under(root, PREMIS, "object")
    made.set(f"{{{XSI}}}type", "premis:file")
    _identified(made, "object", file.path)
    known = _under(made, PREMIS, "objectCharacteristics")
    fixity = _under(known, PREMIS, "fixity")
    _under(fixity, PREMIS, "messageDigestAlgorithm", DIGEST)
    _under(fixity, PREMIS, "messageDigest", file.digest)
    _under(known, PREMIS, "size", str(len(file.content)))
    shape = _under(known, PREMIS, "format")
    named = _under(shape, PREMIS, "formatDesignation")
    _under(named, PREMIS, "formatName", file.format.name)
    if file.format.version:
        _under(named, PREMIS, "formatVersion", file.format.version)
    if file.format.key:
        registry = _under(shape, PREMIS, "formatRegistry")
        _under(registry, PREMIS, "formatRegistryName", PRONOM)
        _under(registry, PREMIS, "formatRegistryKey", file.format.key)


def _agent(root: etree._Element, id_: str, name: str, kind: str, version: str = "") -> None:
    agent = _under(root, PREMIS, "agent")
    _identified(agent, "agent", id_)
    _under(agent, PREMIS, "agentName", name)
    _under(agent, PREMIS, "agentType", kind)
    if version:
        _under(agent, PREMIS, "agentVersion", version)


def _identified(thing: etree._Element, kind: str, value: str) -> None:
    named = _under(thing, PREMIS, f"{kind}Identifier")
    _under(named, PREMIS, f"{kind}IdentifierType", "local")
    _under(named, PREMIS, f"{kind}IdentifierValue", value)


# ---- METS


@dataclass(frozen=True, slots=True)
class MetsPart:
    """What one METS describes: files by group, and the files of metadata."""

    id: str
    profile: str
    described: Sequence[PackedFile]
    """Dublin Core."""
    preserved: Sequence[PackedFile]
    """PREMIS."""
    groups: Mapping[str, Sequence[PackedFile]]
    """Group, as CSIP names it, to its files; that of a representation holds its METS alone."""


def mets(content: PackageContent, part: MetsPart) -> bytes:
    """A METS.xml.

    Its ids count up from one, so that two packages of the same content differ in nothing else than
    what is different.
    """
    made = _at(content.made)
    spaces = {"mets": METS, "xlink": XLINK, "xsi": XSI, "csip": CSIP, "sip": SIP}
    root = etree.Element(f"{{{METS}}}mets", nsmap=spaces)
    root.set("OBJID", part.id)
    root.set("LABEL", content.say("dc_title", process=content.process, number=_number(content)))
    root.set("TYPE", "Mixed")
    for name, value in MIXED.items():
        root.set(name, value)
    root.set("PROFILE", part.profile)
    _header(root, content)
    for n, file in enumerate(part.described, 1):
        section = _under(root, METS, "dmdSec", ID=f"dmd-{n}", CREATED=made, STATUS="CURRENT")
        _reference(section, file, "DC", made)
    if part.preserved:
        section = _under(root, METS, "amdSec", ID="amd")
        for n, file in enumerate(part.preserved, 1):
            of_one = _under(section, METS, "digiprovMD", ID=f"prov-{n}", STATUS="CURRENT")
            _reference(of_one, file, "PREMIS", made)
    ids = _files(root, part, made)
    _structure(root, part, ids)
    return _text(root)


def _number(content: PackageContent) -> str:
    return content.order.case.number


def _header(root: etree._Element, content: PackageContent) -> None:
    made = _at(content.made)
    head = _under(root, METS, "metsHdr", CREATEDATE=made, LASTMODDATE=made, RECORDSTATUS="NEW")
    head.set(f"{{{CSIP}}}OAISPACKAGETYPE", "SIP")
    agents = (
        ({"ROLE": "CREATOR", "TYPE": "OTHER", "OTHERTYPE": "SOFTWARE"}, "Tresteg", VERSION),
        ({"ROLE": "ARCHIVIST", "TYPE": "ORGANIZATION"}, content.office.name, ""),
        (SUBMITTER, content.office.name, ""),
    )
    for given, name, version in agents:
        agent = _under(head, METS, "agent", **given)
        _under(agent, METS, "name", name)
        if version:
            note = _under(agent, METS, "note", version)
            note.set(f"{{{CSIP}}}NOTETYPE", "SOFTWARE VERSION")


def _reference(section: etree._Element, file: PackedFile, kind: str, made: str) -> None:
    given = {"LOCTYPE": "URL", "MDTYPE": kind, **_described(file, made)}
    where = _under(section, METS, "mdRef", **given)
    _linked(where, file.path)


def _described(file: PackedFile, made: str) -> dict[str, str]:
    return {
        "MIMETYPE": file.format.media_type,
        "SIZE": str(len(file.content)),
        "CREATED": made,
        "CHECKSUM": file.digest,
        "CHECKSUMTYPE": DIGEST,
    }


def _linked(element: etree._Element, path: str) -> None:
    element.set(f"{{{XLINK}}}type", "simple")
    element.set(f"{{{XLINK}}}href", path)


def _files(root: etree._Element, part: MetsPart, made: str) -> dict[str, str]:
    """The section of files; gives group to its id."""
    section, ids, n = _under(root, METS, "fileSec", ID="files"), dict[str, str](), 0
    for group, files in part.groups.items():
        ids[group] = f"group-{len(ids) + 1}"
        of_group = _under(section, METS, "fileGrp", ID=ids[group], USE=group)
        for name, value in MIXED.items():  # the rules of CSIP63 ask every group, not data alone
            of_group.set(name, value)
        for file in files:
            n += 1
            one = _under(of_group, METS, "file", ID=f"file-{n}", **_described(file, made))
            one.set(f"{{{SIP}}}FILEFORMATNAME", file.format.name)
            if file.format.key:
                one.set(f"{{{SIP}}}FORMATREGISTRY", PRONOM)
                one.set(f"{{{SIP}}}FORMATREGISTRYKEY", file.format.key)
            _linked(_under(one, METS, "FLocat", LOCTYPE="URL"), file.path)
    return ids


def _structure(root: etree._Element, part: MetsPart, ids: Mapping[str, str]) -> None:
    given = {"ID": "structure", "TYPE": "PHYSICAL", "LABEL": "CSIP"}
    top = _under(_under(root, METS, "structMap", **given), METS, "div", ID="div-top", LABEL=part.id)
    about = {"ID": "div-metadata", "LABEL": "Metadata"}
    if part.preserved:
        about["ADMID"] = " ".join(f"prov-{n}" for n, _ in enumerate(part.preserved, 1))
    if part.described:
        about["DMDID"] = " ".join(f"dmd-{n}" for n, _ in enumerate(part.described, 1))
    _under(top, METS, "div", **about)
    for group, files in part.groups.items():
        name, _, part_of = group.partition("/")
        div = _under(top, METS, "div", ID=f"div-{ids[group]}", LABEL=name)
        _under(div, METS, "fptr", FILEID=ids[group])
        if part_of:
            inner = _under(div, METS, "div", ID=f"div-{part_of}", LABEL=group)
            where = _under(inner, METS, "mptr", LOCTYPE="URL")
            _linked(where, files[0].path)
            where.set(f"{{{XLINK}}}title", ids[group])
