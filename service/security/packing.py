"""Short texts in few bytes: what a fact, a ledger entry or a sealed value keeps for ever.

A packed text is a byte that names its form, then the text as it is or as raw DEFLATE (RFC 1951)
with the dictionary of that form. Nothing is hashed or committed to in packed form, so a newer
compressor may pack the same text otherwise. A dictionary never changes once it was released: better
words are another form.
"""

from __future__ import annotations

import zlib
from typing import Final

AS_IT_IS: Final = b"\x00"
DEFLATED: Final = b"\x01"
DICTIONARY: Final = (
    b"01234567890.1 2020-01-01T00:00:00+00:00engine 2, codec 1, spiff 3.2.0, tzdata 2026.6"
    b'"number":"","phone":"","address":"","name":"","city":"","email":"","relation":"","country":"SE"'
    b',"kind":"PASSPORT","due":"","when":"T09:00","amount":,"currency"'
    b':"EUR","text":"","note":"","file":["01K"],"rows":[{"id":"","done":true,"value":"YES","NO",'
    b'"UNKNOWN","witness":"","interpreter":true,"language":"","By":"'
    b'","how":"ORAL_WITNESSED","WRITTEN","given":true,"givenBy":"SELF","givenOn":"2026-0'
    b'","role":"","purpose":"","classes":["C0","C1","C2","C3"],"tab":"","why":"","word":"'
    b'","document":"01K","referral":"01K","from":"","ground":"","consents":["","fields":["","packet":"'
    b'","element":"Task_","task":"01K","template":"new_task","to":"","letter":"01K'
    b'"rows":{"cases":{"*":"","consent":{"01K","party":{"* ","document":{"01K","note":{"01K'
    b'"referral":{"01K'
    b'"case_grant":{"01K","letter":{"*:1:0":"","task":{"01K","letter":"*:'
    b'","calendars":{"null,false,true,"relocate":{},"rearm":["message","name":"","kind":"move"},'
    b'["cancelled","["disarmed","["withdrawn","["missed","["failed","["sent","["caught","thrown",'
    b'["skipped","["decided","Rule_["ended","End_["chose","["set","["armed","Tmr_["Bnd_["timer","'
    b'["waits","["join","["call","Call_["Sub_["message","["job","Svc_["task","Task_'
    b'{"open":[],"steps":[["left","Gw_",0,[".1"]],["took","Gw_",0,["Flow_"]],["entered","Gw_",0,["'
    b'"]],["left","Task_",1,[".2"]],["took","Task_",1,["Flow_"]],["entered","Task_",1,["'
    b'"]]],"stimulus":{"code":"","id":"","element":null,"kind":"message","name":"'
    b'"kind":"start"}}"kind":"due"}}"kind":"answer"}}"kind":"complete"}}'
    b'{"open":[["task","Task_",1]],"steps":[["left","Task_",1,["1.1"]],["took","Task_",1,["'
    b'{"answer":"YES"}{"answer":"NO"}{"rows":[[1]],"variables":{},{"rev":1}{"variables":{}}'
)
"""Words of the form `DEFLATED`; the likeliest last."""
PAD_BYTES: Final = 32
"""Sealed content is filled up to a multiple of this, so that its length tells little of it."""
PAD: Final = b"\x80"
LEVEL: Final = 9
WINDOW_BITS: Final = -15
MEMORY: Final = 8
LONGEST_PACKED: Final = 1 << 15
"""Bytes above which nothing is compressed: such are files, which are compressed already."""


SHORT: Final = 4096
"""Bytes of a text whose packer looks back over 8 kB: over all that was before, and the dictionary.
What it needs for that is a quarter of the memory, and most texts are so short that making it ready
would cost several times what packing does."""


def _packer(window_bits: int, memory: int) -> zlib._Compress:
    """A packer that has read the dictionary; each text is packed by a copy of it."""
    return zlib.compressobj(
        LEVEL, zlib.DEFLATED, window_bits, memory, zlib.Z_DEFAULT_STRATEGY, DICTIONARY
    )


SHORT_PACKER, LONG_PACKER = _packer(-13, 6), _packer(WINDOW_BITS, MEMORY)


def pack(plain: bytes) -> bytes:
    """Bytes in packed form, whichever form is shorter."""
    if len(plain) <= LONGEST_PACKED:
        packer = (SHORT_PACKER if len(plain) <= SHORT else LONG_PACKER).copy()
        short = packer.compress(plain) + packer.flush()
        if len(short) < len(plain):
            return DEFLATED + short
    return AS_IT_IS + plain


def unpack(packed: bytes) -> bytes:
    """The bytes that `pack` took.

    Raises:
        ValueError: no such form, or something is missing of it.
    """
    form, rest = packed[:1], packed[1:]
    if form == AS_IT_IS:
        return rest
    if form != DEFLATED:
        raise ValueError(f"packed in a form that this program does not know: {form.hex()}")
    unpacker = zlib.decompressobj(WINDOW_BITS, DICTIONARY)
    try:
        plain = unpacker.decompress(rest, LONGEST_PACKED + 1)
    except zlib.error as e:
        raise ValueError("packed bytes that do not unpack") from e
    if not unpacker.eof or unpacker.unused_data or len(plain) > LONGEST_PACKED:
        raise ValueError("packed bytes with too much or too little")
    return plain


def fill_up(content: bytes) -> bytes:
    """Content with a mark after it and zeros (ISO/IEC 7816-4), so that lengths are few."""
    return content + PAD + bytes(-(len(content) + 1) % PAD_BYTES)


def take_out(filled: bytes) -> bytes:
    """The content that was filled up.

    Raises:
        ValueError: there is no mark after it.
    """
    content, mark, rest = filled.rpartition(PAD)
    if not mark or rest.strip(b"\x00"):
        raise ValueError("sealed content without its end")
    return content
