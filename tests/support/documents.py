"""Files as people attach them, and as somebody attaches who means harm."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String
from PIL import Image

CANARY = b"KANARIE-PLATS"
ORIENTATION, DESCRIPTION, MAKER, GPS = 0x0112, 0x010E, 0x010F, 0x8825


def photo(
    kind: str = "JPEG", size: tuple[int, int] = (40, 30), *, turned: int = 1, mode: str = "RGB"
) -> bytes:
    """A photo that tells where it was taken, in every place where a photo can."""
    picture = Image.linear_gradient("L").resize(size).convert(mode)
    exif = picture.getexif()
    text = CANARY.decode()
    exif[ORIENTATION], exif[DESCRIPTION], exif[MAKER] = turned, text, text
    exif[GPS] = {1: "N", 2: (59.0, 19.0, 30.0), 3: "E", 4: (18.0, 4.0, 7.0), 29: text}
    out = io.BytesIO()
    packet = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>" + CANARY + b"</x:xmpmeta>"
    if kind == "JPEG":
        picture.save(
            out, kind, exif=exif, comment=CANARY, xmp=packet, icc_profile=CANARY, quality=80
        )
        return out.getvalue()
    picture.save(out, kind, exif=exif, icc_profile=CANARY)
    text_chunk = chunk(b"tEXt", b"Comment\0" + CANARY) + chunk(
        b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + packet
    )
    whole = out.getvalue()
    return whole[:33] + text_chunk + whole[33:]


def chunk(name: bytes, data: bytes) -> bytes:
    """A chunk of a PNG."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def wide(width: int, height: int) -> bytes:
    """A PNG that says it is enormous, in some forty kilobytes."""
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    row = zlib.compress(bytes(40_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", row) + chunk(b"IEND", b"")


def archive() -> bytes:
    """A ZIP."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("run.txt", CANARY)
    return out.getvalue()


def paper(change: Callable[[Pdf], object] = lambda _: None, **how: object) -> bytes:
    """A PDF of one page, changed."""
    out = io.BytesIO()
    with pikepdf.new() as made:
        made.add_blank_page()
        change(made)
        made.save(out, **how)  # type: ignore[arg-type]  # as pikepdf takes them
    return out.getvalue()


def scanned(pdf: Pdf, picture: bytes, *, packed: bool = False) -> None:
    """Put a photo on the page as a scanner does: its file as it is, or packed once more."""
    try:
        with Image.open(io.BytesIO(picture)) as read:
            width, height, mode = read.width, read.height, read.mode
    except OSError:
        width, height, mode = 1, 1, "RGB"
    colours = {"L": "/DeviceGray", "RGB": "/DeviceRGB", "CMYK": "/DeviceCMYK"}[mode]
    kept = zlib.compress(picture) if packed else picture
    image = Stream(pdf, b"")
    filters = [Name.FlateDecode, Name.DCTDecode] if packed else [Name.DCTDecode]
    image.write(kept, filter=Array(filters))
    for key, value in {
        "/Type": Name.XObject,
        "/Subtype": Name.Image,
        "/Width": width,
        "/Height": height,
        "/BitsPerComponent": 8,
        "/ColorSpace": Name(colours),
    }.items():
        image[key] = value
    pdf.pages[0].Resources = Dictionary(XObject=Dictionary(Im0=pdf.make_indirect(image)))
    pdf.pages[0].Contents = Stream(pdf, b"q 100 0 0 100 0 0 cm /Im0 Do Q")


def signed_by_canary(pdf: Pdf) -> None:
    """Say who wrote it, wherever a PDF can."""
    text = CANARY.decode()
    pdf.docinfo["/Author"] = text
    pdf.docinfo["/Own"] = text
    packet = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>" + CANARY + b"</x:xmpmeta>"
    pdf.Root.Metadata = Stream(pdf, packet)
    pdf.pages[0].obj["/PieceInfo"] = Dictionary(Editor=Dictionary(Private=String(text)))
    pdf.pages[0].obj["/Metadata"] = Stream(pdf, packet)
    pdf.trailer["/Own"] = String(text)


def text_of(pdf: Pdf, text: bytes) -> None:
    """Write a text on the page, in the clear."""
    pdf.pages[0].Contents = Stream(pdf, b"BT (" + text + b") Tj ET")


def revised(content: bytes, text: bytes) -> bytes:
    """A PDF whose page says something else, in a revision appended to the first."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        page = pdf.pages[0].Contents.objgen[0]
        size, root = int(pdf.trailer["/Size"]), pdf.Root.objgen[0]
    before = int(content.rpartition(b"startxref")[2].split()[0])
    new = b"%d 0 obj\n<< /Length %d >>\nstream\n%b\nendstream\nendobj\n" % (page, len(text), text)
    at = len(content)
    table = b"xref\n%d 1\n%010d 00000 n \n" % (page, at)
    trailer = b"trailer\n<< /Size %d /Root %d 0 R /Prev %d >>\n" % (size, root, before)
    return content + new + table + trailer + b"startxref\n%d\n%%%%EOF\n" % (at + len(new))


def link(pdf: Pdf, action: Dictionary) -> None:
    """Something to click on, on the first page."""
    note = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]), A=action)
    pdf.pages[0].Annots = Array([note])


def opening(pdf: Pdf, action: Dictionary) -> None:
    """Something that happens when the paper is opened."""
    pdf.Root.OpenAction = pdf.make_indirect(action)


def act(name: str, **more: String) -> Dictionary:
    """An action of a PDF."""
    return Dictionary({"/S": Name(name), **{f"/{key}": value for key, value in more.items()}})


def attaching(pdf: Pdf) -> None:
    pdf.attachments["x.txt"] = b"x"


def filming(pdf: Pdf) -> None:
    pdf.pages[0].Annots = Array(
        [Dictionary(Type=Name.Annot, Subtype=Name.RichMedia, Rect=Array([0, 0, 9, 9]))]
    )


def elsewhere(pdf: Pdf) -> None:
    content = Stream(pdf, b"")
    content.F = String("https://example.invalid/x")
    pdf.pages[0].Contents = pdf.make_indirect(content)


def form(pdf: Pdf) -> None:
    pdf.Root.AcroForm = Dictionary(XFA=Stream(pdf, b"<xdp/>"))


def hidden(pdf: Pdf) -> None:
    """A script that no page leads to, deep in a list of lists."""
    inner: pikepdf.Object = act("/JavaScript", JS=String("app.alert(1)"))
    for _ in range(20):
        inner = Array([inner])
    pdf.Root.PieceInfo = Dictionary(Odd=inner)


LOCKED = pikepdf.Encryption(owner="owner", user="user")
OPEN_LOCK = pikepdf.Encryption(owner="owner", user="")
PDFS: Mapping[str, tuple[bytes, str]] = {
    "a script as it opens": (
        paper(lambda p: opening(p, act("/JavaScript", JS=String("app.alert(1)")))),
        "script",
    ),
    "a script in the names": (
        paper(
            lambda p: p.Root.__setattr__(
                "Names", Dictionary(JavaScript=Dictionary(Names=Array([])))
            )
        ),
        "script",
    ),
    "a script that no page leads to": (paper(hidden), "script"),
    "a script in a stream of objects": (
        paper(hidden, object_stream_mode=pikepdf.ObjectStreamMode.generate),
        "script",
    ),
    "a form with programs": (paper(form), "script"),
    "a start of a program": (
        paper(lambda p: opening(p, act("/Launch", F=String("cmd.exe")))),
        "launch",
    ),
    "a file inside": (paper(attaching), "embedded"),
    "a film": (paper(filming), "embedded"),
    "a jump into a file inside": (paper(lambda p: link(p, act("/GoToE"))), "embedded"),
    "a link to a page of the web": (
        paper(lambda p: link(p, act("/URI", URI=String("https://example.invalid/")))),
        "outside",
    ),
    "a jump to another paper": (
        paper(lambda p: link(p, act("/GoToR", F=String("\\\\example.invalid\\x.pdf")))),
        "outside",
    ),
    "a form that sends itself": (
        paper(lambda p: link(p, act("/SubmitForm", F=String("https://example.invalid/")))),
        "outside",
    ),
    "a page that lies elsewhere": (paper(elsewhere), "outside"),
    "a password": (paper(encryption=LOCKED), "password"),
    "a lock without a password": (paper(encryption=OPEN_LOCK), "password"),
    "half a paper": (paper()[:200], "disagrees"),
    "no pages": (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n",
        "broken",
    ),
}
"""What it has, and why it is refused."""
OTHERS: Mapping[str, bytes] = {
    "zip": archive(),
    "html": b"<!doctype html><script>" + CANARY + b"</script>",
    "exe": b"MZ\x90\0" + CANARY * 8,
    "elf": b"\x7fELF\x02\x01\x01" + CANARY * 8,
    "gif": b"GIF89a" + CANARY * 8,
    "php": b"<?php " + CANARY + b" ?>",
    "sh": b"#!/bin/sh\n" + CANARY + b"\n",
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg'>" + CANARY + b"</svg>",
}
