"""Papers that people attach: a photo tells nothing but its picture, a PDF does nothing but lie
there, a file is what it says, and a bomb ends in a sentence.
"""

from __future__ import annotations

import io
import itertools
import random
from collections.abc import Iterator

import pikepdf
import pytest
from pikepdf import PdfImage
from PIL import Image

from service.casework.casefile.documents import CheckedFile
from service.errors import TooLarge, TrestegError, WrongKind
from service.sandbox import attachment_checks
from service.sandbox.attachments import AttachmentCheckers
from service.sandbox.pdf_rewriting import clean_jpeg, clean_jpeg_2000
from service.text import known, languages, say
from tests.support.documents import (
    CANARY,
    ORIENTATION,
    OTHERS,
    PDFS,
    archive,
    paper,
    photo,
    revised,
    scanned,
    signed_by_canary,
    text_of,
    wide,
)

REASONS = (
    "kind",
    "empty",
    "disagrees",
    "broken",
    "pixels",
    "password",
    "script",
    "launch",
    "embedded",
    "outside",
    "heavy",
    "busy",
    "large",
    "many",
)
GOOD = {"pdf": paper(), "png": photo("PNG"), "jpg": photo()}


@pytest.fixture(scope="module")
def cleaners() -> Iterator[AttachmentCheckers]:
    made = AttachmentCheckers()
    yield made
    made.close()


def cleaned(name: str, content: bytes, declared: str = "", most_mb: int = 20) -> bytes:
    """What is kept of a file; in this process."""
    return attachment_checks.clean(
        attachment_checks.kind_of(name, declared, content, most_mb), content
    )


def why(name: str, content: bytes, declared: str = "") -> str:
    """Why a file is refused."""
    with pytest.raises(WrongKind) as refused:
        cleaned(name, content, declared)
    return str(refused.value.facts["why"])


@pytest.mark.parametrize(
    ("kind", "mode", "turned"),
    [
        ("JPEG", "RGB", 1),
        ("JPEG", "RGB", 6),
        ("JPEG", "L", 3),
        ("JPEG", "CMYK", 8),
        ("PNG", "RGB", 1),
        ("PNG", "RGBA", 6),
        ("PNG", "P", 1),
    ],
)
def test_a_picture_keeps_only_its_pixels_the_right_way_up(
    kind: str, mode: str, turned: int
) -> None:
    before = photo(kind, turned=turned, mode=mode)
    assert before.count(CANARY) >= 5
    after = cleaned(f"x.{'jpg' if kind == 'JPEG' else 'png'}", before)
    assert CANARY not in after
    with Image.open(io.BytesIO(after)) as picture:
        assert picture.size == ((30, 40) if turned in (6, 8) else (40, 30))
        assert not picture.getexif()
        assert (
            not {"icc_profile", "xmp", "exif", "comment", "XML:com.adobe.xmp", "Comment"}
            & picture.info.keys()
        )
        assert len(set(picture.convert("L").tobytes())) > 10, "the picture is there"


def test_a_photo_that_lies_right_is_kept_as_sharp_as_it_was() -> None:
    with (
        Image.open(io.BytesIO(GOOD["jpg"])) as before,
        Image.open(io.BytesIO(cleaned("x.jpg", GOOD["jpg"]))) as after,
    ):
        assert before.quantization == after.quantization  # type: ignore[attr-defined]  # both are JPEG


def test_what_is_transparent_stays_so() -> None:
    out = io.BytesIO()
    picture = Image.new("P", (4, 4), 7)
    picture.putpalette([grey for grey in range(256) for _ in range(3)])
    picture.save(out, "PNG", transparency=7)
    with Image.open(io.BytesIO(cleaned("x.png", out.getvalue()))) as after:
        assert after.convert("RGBA").getpixel((0, 0))[3] == 0  # type: ignore[index]  # of a picture with bands


def test_a_plain_paper_stays_what_it_was() -> None:
    kept = cleaned("x.PDF", GOOD["pdf"], "application/pdf")
    assert everything(kept).count(b"/Page\n") == everything(GOOD["pdf"]).count(b"/Page\n")
    assert cleaned("x.pdf", kept) == kept


def everything(content: bytes) -> bytes:
    """A PDF as it lies there, and every object and every stream of it in the clear."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        parts = [bytes(part.unparse()) for part in pdf.objects]
        for part in pdf.objects:
            if isinstance(part, pikepdf.Stream):
                parts.append(part.read_raw_bytes())
                if "DCT" not in str(part.get("/Filter")):
                    parts.append(part.read_bytes())
        return b"\n".join([content, bytes(pdf.trailer.unparse()), *parts])


def pixels(content: bytes) -> bytes:
    with pikepdf.open(io.BytesIO(content)) as pdf:
        image = pdf.pages[0].Resources.XObject.Im0
        assert isinstance(image, pikepdf.Stream)
        return PdfImage(image).as_pil_image().tobytes()


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_a_photo_in_a_pdf_tells_nothing_but_its_pixels(mode: str, packed: bool) -> None:  # noqa: FBT001 - a parameter
    scan = paper(lambda pdf: scanned(pdf, photo(mode=mode), packed=packed))
    assert CANARY in everything(scan) or packed
    kept = cleaned("x.pdf", scan)
    assert CANARY not in everything(kept)
    assert b"Exif" not in everything(kept)
    assert pixels(kept) == pixels(scan)


def test_who_wrote_a_pdf_and_with_what_is_gone() -> None:
    written = paper(signed_by_canary)
    assert everything(written).count(CANARY) >= 4
    kept = cleaned("x.pdf", written)
    assert CANARY not in everything(kept)
    with pikepdf.open(io.BytesIO(kept)) as pdf:
        assert set(pdf.trailer.keys()) <= {"/Root", "/Size", "/ID", "/Length", "/Type", "/W"}
        assert "/Metadata" not in pdf.Root


def test_what_an_earlier_revision_said_is_gone() -> None:
    before = paper(lambda pdf: text_of(pdf, CANARY), compress_streams=False)
    later = revised(before, b"BT (nothing) Tj ET")
    assert CANARY in later
    with pikepdf.open(io.BytesIO(later)) as pdf:
        assert b"nothing" in pdf.pages[0].Contents.read_bytes()
    kept = cleaned("x.pdf", later)
    assert CANARY not in everything(kept)
    assert b"nothing" in everything(kept)


def test_a_photo_keeps_nothing_behind_its_end() -> None:
    tail = clean_jpeg(photo(turned=6) + CANARY)
    assert CANARY not in tail
    assert tail.endswith(b"\xff\xd9")


@pytest.mark.parametrize("content", [b"", b"\xff\xd8\xff\xe1\xff\xff", b"\xff\xd8no marker"])
def test_a_broken_photo_refuses_its_pdf(content: bytes) -> None:
    assert why("x.pdf", paper(lambda pdf: scanned(pdf, content))) == "broken"


def test_boxes_of_words_leave_a_jpeg_2000() -> None:
    picture = io.BytesIO()
    Image.new("RGB", (16, 16), 7).save(picture, "JPEG2000")
    plain = picture.getvalue()
    box = (8 + len(CANARY)).to_bytes(4) + b"xml " + CANARY
    assert clean_jpeg_2000(plain + box) == plain


@pytest.mark.parametrize("what", PDFS)
def test_a_pdf_with_active_content_is_refused_with_a_reason(what: str) -> None:
    content, reason = PDFS[what]
    assert why("x.pdf", content) == reason


@pytest.mark.parametrize(
    ("name", "declared", "content", "reason"),
    [
        ("x.docx", "", archive(), "kind"),
        ("x", "", GOOD["pdf"], "kind"),
        ("x.heic", "image/heic", GOOD["jpg"], "kind"),
        ("x.pdf", "", GOOD["jpg"], "disagrees"),
        ("x.png", "", GOOD["jpg"], "disagrees"),
        ("x.jpg", "text/html", GOOD["jpg"], "disagrees"),
        ("x.jpg", "image/png", GOOD["jpg"], "disagrees"),
        ("x.jpg", "", b"", "empty"),
        ("x.jpg", "", GOOD["jpg"][:60], "broken"),
        ("x.png", "", GOOD["png"][:400], "broken"),
    ],
)
def test_ending_type_and_content_must_agree(
    name: str, declared: str, content: bytes, reason: str
) -> None:
    assert why(name, content, declared) == reason


@pytest.mark.parametrize(
    "declared", ["", "application/octet-stream", "image/jpeg", "IMAGE/JPEG; charset=x"]
)
def test_a_browser_with_the_right_type_or_none_is_believed(declared: str) -> None:
    assert cleaned("x.JPEG", GOOD["jpg"], declared)


def test_of_a_file_that_is_two_at_once_only_one_is_kept() -> None:
    tried = 0
    for (kind, good), (other, bad) in itertools.product(GOOD.items(), OTHERS.items()):
        for content in (good + bad, bad + good, bad):
            tried += 1
            try:
                kept = cleaned(f"x.{kind}", content)
            except WrongKind:
                continue
            assert kind != "pdf", other
            assert CANARY not in kept, (kind, other)
            assert bad not in kept, (kind, other)
    assert tried >= 50


def test_forty_million_pixels_are_the_most() -> None:
    assert why("x.png", wide(50_000, 50_000)) == "pixels"
    assert why("x.png", wide(40_001, 1_000)) == "pixels"


def test_a_file_above_the_limit_is_not_read_at_all() -> None:
    with pytest.raises(TooLarge) as refused:
        cleaned("x.pdf", bytes(2**20 + 1), most_mb=1)
    assert refused.value.facts["most"] == 1


@pytest.mark.parametrize("kind", GOOD)
def test_damaged_files_are_cleaned_or_refused(kind: str) -> None:
    dice = random.Random(kind)  # noqa: S311 - the same damage each time
    refused = 0
    for _ in range(150):
        content = bytearray(GOOD[kind])
        for _ in range(dice.randrange(1, 6)):
            content[dice.randrange(len(content))] = dice.randrange(256)
        try:
            cleaned(
                f"x.{kind}",
                bytes(content[: dice.choice((len(content), dice.randrange(len(content))))]),
            )
        except TrestegError:
            refused += 1
    assert refused > 0


# the child


def test_the_child_gives_what_is_kept(cleaners: AttachmentCheckers) -> None:
    got = cleaners.clean("Anna.jpeg", "image/jpeg", GOOD["jpg"], most_mb=20)
    assert (got.name, got.kind) == ("Anna.jpeg", "jpg")
    assert CANARY not in got.content
    kept = cleaned("x.pdf", GOOD["pdf"])
    assert cleaners.clean("x.pdf", "", GOOD["pdf"], most_mb=20) == CheckedFile("x.pdf", "pdf", kept)


@pytest.mark.parametrize("what", ["a password", "a script as it opens"])
def test_the_child_tells_why(cleaners: AttachmentCheckers, what: str) -> None:
    content, reason = PDFS[what]
    with pytest.raises(WrongKind) as refused:
        cleaners.clean("x.pdf", "application/pdf", content, most_mb=20)
    assert refused.value.facts["why"] == reason


def test_a_file_above_the_limit_never_reaches_the_child(
    cleaners: AttachmentCheckers,
) -> None:
    with pytest.raises(TooLarge):
        cleaners.clean("x.pdf", "", bytes(2**20 + 1), most_mb=1)


def test_a_picture_that_grows_beyond_the_limit_is_refused(cleaners: AttachmentCheckers) -> None:
    noise, picture = io.BytesIO(), Image.effect_noise((1500, 1200), 90)
    exif = picture.getexif()
    exif[ORIENTATION] = 3
    picture.save(noise, "JPEG", quality=20, exif=exif)
    assert len(noise.getvalue()) < 2**20
    with pytest.raises(TooLarge):
        cleaners.clean("x.jpg", "", noise.getvalue(), most_mb=1)


def test_a_bomb_is_a_sentence_and_the_next_file_is_looked_at(cleaners: AttachmentCheckers) -> None:
    with pytest.raises(WrongKind) as refused:
        cleaners.clean("x.png", "", wide(50_000, 50_000), most_mb=20)
    assert refused.value.facts["why"] == "pixels"
    assert cleaners.clean("x.png", "", GOOD["png"], most_mb=20).kind == "png"


def test_what_takes_too_long_is_refused_and_ends_nothing() -> None:
    """The picture is large: a small one may be answered before anybody looks."""
    large = io.BytesIO()
    Image.effect_noise((2_500, 2_500), 100).save(large, "PNG")
    impatient = AttachmentCheckers(0)
    with pytest.raises(WrongKind) as refused:
        impatient.clean("x.png", "", large.getvalue(), most_mb=20)
    impatient.close()
    assert refused.value.facts["why"] == "heavy"


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_has_a_sentence_in_both_languages(reason: str) -> None:
    key = f"form.file_{reason}"
    assert known(key)
    assert len({say(key, lang, most=20) for lang in languages()}) == len(languages())
