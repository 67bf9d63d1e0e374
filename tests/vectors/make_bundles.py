#!/usr/bin/env python3
"""Makes the bundles in tests/vectors/bundle/ from docs/formats/bundle.md alone, without mahoe.

    pip install cryptography blake3
    python3 tests/vectors/make_bundles.py

What it writes is committed and the same at every run; nothing needs it in order to build or test mahoe. Each vector is

    NAME.bundle   a whole bundle, or
    NAME.tar      a plain text without the zeros at its end: the test adds them and seals it
    NAME.expect   "good" or "refuse REASON", then `name value` lines, then what it shows

All keys are made from their names: they are for tests, and nothing real is ever sealed to them.
"""

import base64
import hashlib
import hmac
import struct
from pathlib import Path

from blake3 import blake3
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

OUT = Path(__file__).parent / "bundle"
RAW = (serialization.Encoding.Raw, serialization.PublicFormat.Raw)


# Keys, all from their names.


def seed(name):
    return hashlib.sha256(b"mahoe test vector " + name.encode()).digest()


def signer(name):
    return Ed25519PrivateKey.from_private_bytes(seed(name))


def identity(name):
    return X25519PrivateKey.from_private_bytes(seed(name))


def public(key):
    return key.public_key().public_bytes(*RAW)


def root_id(key):
    return blake3(public(key), derive_key_context="mahoe root signer id v1").digest(16)


def bech32(prefix, data):
    bits = "".join(f"{byte:08b}" for byte in data)
    bits += "0" * (-len(bits) % 5)
    symbols = [int(bits[at : at + 5], 2) for at in range(0, len(bits), 5)]
    check = 1
    spread = [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]
    for value in spread + symbols + [0] * 6:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, mask in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            check ^= mask if top >> bit & 1 else 0
    check ^= 1
    symbols += [check >> 5 * (5 - at) & 31 for at in range(6)]
    return prefix + "1" + "".join("qpzry9x8gf2tvdw0s3jn54khce6mua7l"[s] for s in symbols)


def recipient(name):
    return bech32("age", public(identity(name)))


# age v1, X25519 only.


def b64(data):
    return base64.b64encode(data).decode().rstrip("=")


def hkdf(secret, salt, info):
    return HKDF(hashes.SHA256(), 32, salt, info).derive(secret)


def age(plain, names):
    """Sealed to everyone in `names`; deterministic, so never for anything real."""
    file_key = hashlib.sha256(b"file key" + plain).digest()[:16]
    header = "age-encryption.org/v1\n"
    for number, name in enumerate(names):
        share = X25519PrivateKey.from_private_bytes(hashlib.sha256(b"share %d" % number + plain).digest())
        theirs = public(identity(name))
        secret = share.exchange(X25519PublicKey.from_public_bytes(theirs))
        wrap = hkdf(secret, public(share) + theirs, b"age-encryption.org/v1/X25519")
        body = ChaCha20Poly1305(wrap).encrypt(bytes(12), file_key, None)
        header += f"-> X25519 {b64(public(share))}\n{b64(body)}\n"
    mac = hmac.digest(hkdf(file_key, b"", b"header"), (header + "---").encode(), "sha256")
    nonce = hashlib.sha256(b"nonce" + plain).digest()[:16]
    out = f"{header}--- {b64(mac)}\n".encode() + nonce
    cipher = ChaCha20Poly1305(hkdf(file_key, nonce, b"payload"))
    chunks = [plain[at : at + 65536] for at in range(0, len(plain), 65536)]
    for at, chunk in enumerate(chunks):
        last = at == len(chunks) - 1
        out += cipher.encrypt(at.to_bytes(11, "big") + bytes([last]), chunk, None)
    return out


# The members.


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def minisig(key, message, comment, algorithm=b"ED"):
    """minisign's format; the key id is the start of the device id."""
    hashed = hashlib.blake2b(message).digest() if algorithm == b"ED" else message
    signature = key.sign(hashed)
    packet = algorithm + blake3(public(key)).digest()[:8] + signature
    whole = key.sign(signature + comment.encode())
    return (
        f"untrusted comment: mahoe device signature\n{base64.b64encode(packet).decode()}\n"
        f"trusted comment: {comment}\n{base64.b64encode(whole).decode()}\n"
    ).encode()


def entry(device, stream, sequence, previous, body, klass=1):
    """A signed header as in docs/formats/entry.md, its signature and its id."""
    parents = [previous] if sequence > 1 else []
    header = bytes([1, klass, 0, 0]) + VAULT + blake3(public(device)).digest() + MEMBER + stream
    header += struct.pack("<Q", sequence) + previous + struct.pack("<Qq", sequence, 1_795_341_600_000)
    header += struct.pack("<I", len(body)) + blake3(body).digest()
    header += struct.pack("<I", len(parents)) + b"".join(parents)
    return header, device.sign(b"mahoe entry v1\0" + header), blake3(header).digest()


OPEN, WITHHELD, DESTROYED, SEALED = 4, 3, 2, 1


def record(header, signature, state, body=b"", key=b""):
    return struct.pack("<H", len(header)) + header + signature + bytes([state]) + key + struct.pack("<I", len(body)) + body


def chain(states):
    """A chain of entries in the case, one for each state."""
    previous, records = bytes(32), []
    for sequence, state in enumerate(states, 1):
        body = seed(f"salt {sequence}")[:16] + bytes(48)
        header, signature, previous = entry(DEVICE, CASE, sequence, previous, body)
        sealed = seed("sealed") * 4 if state == SEALED else b""
        key = seed("compartment")[:16] if state == SEALED else b""
        records.append(record(header, signature, state, body if state == OPEN else sealed, key))
    return records, previous


def heads(list_):
    out = b"mahoe heads 1\n"
    for stream, klass, ids in list_:
        out += stream + bytes([klass]) + struct.pack("<H", len(ids)) + b"".join(ids)
    return out


def card(name, root, parish):
    text = (
        f"mahoe card 1\nmark practice\nparish {parish}\nname {name}\nvault {VAULT.hex()}\nroot {public(root).hex()}\n"
        f"serial 1\nmade 2026-11-22T09:00:00Z\nrecipient {recipient('sender')}\ndevice {public(DEVICE).hex()} {MEMBER.hex()}\n"
    ).encode()
    return text + f"signature {root.sign(b'mahoe card v1' + bytes(1) + text).hex()}\n".encode()


# The archive.


def tar_header(name, length, **other):
    field = dict(mode=b"0000644\0", uid=b"0000000\0", gid=b"0000000\0", size=b"%011o\0" % length, mtime=b"00000000000\0",
                 type=b"0", link=b"", magic=b"ustar\x0000", uname=b"", gname=b"", prefix=b"")
    field.update(other)
    block = bytearray(512)
    for key, at in dict(mode=100, uid=108, gid=116, size=124, mtime=136, type=156, link=157, magic=257, uname=265,
                        gname=297, prefix=345).items():
        block[at : at + len(field[key])] = field[key]
    block[0 : len(name)] = name.encode()
    block[148:156] = b"        "
    block[148:156] = field.get("checksum") or b"%06o\0 " % sum(block)
    return bytes(block)


def member(name, content, **other):
    return tar_header(name, len(content), **other) + content + bytes(-len(content) % 512)


def padme(length):
    length = max(length, 65536)
    exponent = length.bit_length() - 1
    mask = (1 << exponent - exponent.bit_length()) - 1
    return length + mask & ~mask


# Bundles.

ROOT, DEVICE = signer("root of Saint Mary"), signer("device of Testy McSample")
VAULT, MEMBER = seed("vault")[:16], seed("Testy McSample")[:16]
CASE = b"\x02" + seed("case")[:15]
ID = seed("bundle")[:16]
THEIR_ROOT = root_id(signer("root of Saint Ann"))
CARD = (f"card-{root_id(ROOT).hex()}.txt", card("Saint Mary test team", ROOT, "JM-05"))
BLOB = ("blob-" + seed("blob").hex(), b"A letter that nobody wrote.\n" * 30)
ENTRIES, HEAD = chain([OPEN, WITHHELD, DESTROYED])
HEADS = heads([(CASE, 1, [HEAD])])
FIGURES = b"""mahoe statistics 1
year 2025
count cases-reported all 41
count cases-reported-by-risk high 12
count cases-reported-by-risk unassessed+low 14
count cases-reported-by-risk medium 15
count actions-done all 120
"""
PAPER = "Señora Sample: visit on Friday, 10:00.\n".encode()


def lines_of(kind="refer", to=("receiver",), parts=(BLOB, CARD), count=3, entries=None, heads_bin=HEADS, note=None, **_):
    """The manifest's lines, and the members behind it."""
    entries = b"mahoe entries 1\n" + b"".join(ENTRIES) if entries is None else entries
    members = [("entries.bin", entries), ("heads.bin", heads_bin), *parts]
    roots = sorted((THEIR_ROOT if name == "receiver" else root_id(signer(name)), name) for name in to)
    return [
        "mahoe bundle 1",
        f"id {ID.hex()}",
        f"kind {kind}",
        "mark practice",
        f"from {root_id(ROOT).hex()} JM-05 {public(DEVICE).hex()} {VAULT.hex()}",
        *(f"to {root.hex()} {recipient(name)}" for root, name in roots),
        "made 2026-11-22T10:00:00Z",
        f"lane 1 {'0' * 64}",
        *([f"answers {seed('answered')[:16].hex()}"] if kind == "receipt" else []),
        f"case {CASE.hex()} parish-team 05-7K3Q",
        f"writer {MEMBER.hex()} {root_id(ROOT).hex()} CPFSA Testy McSample",
        *([f"note {note}"] if note else []),
        f"entries {count}",
        *(f"file {sha256(content)}  {len(content)}  {name}" for name, content in members),
        "end",
    ], members


def plain(manifest=None, edit=None, key=DEVICE, algorithm=b"ED", comment=None, sign=minisig, archive=None, **rest):
    """A bundle's plain text up to the end of its archive. `edit` changes the lines before they are signed, `archive` the
    finished members."""
    lines, members = lines_of(**rest)
    lines = edit(lines) if edit else lines
    text = "".join(line + "\n" for line in lines).encode() if manifest is None else manifest(lines)
    signature = sign(key, text, f"mahoe bundle {ID.hex()}" if comment is None else comment, algorithm)
    blocks = [member("manifest.txt", text), member("manifest.txt.minisig", signature)]
    blocks += [member(name, content) for name, content in members]
    blocks = archive(blocks) if archive else blocks
    return b"".join(blocks) + bytes(1024)


def swap(old, new):
    """An edit: the first line that begins with `old` is replaced."""

    def edit(lines):
        at = next(at for at, line in enumerate(lines) if line.startswith(old))
        return lines[:at] + ([new(lines[at]) if callable(new) else new] if new is not None else []) + lines[at + 1 :]

    return edit


def again(at, make):
    """An archive with its member `at` made anew."""
    return lambda blocks: blocks[:at] + [make(blocks[at])] + blocks[at + 1 :]


def save(name, outcome, why, data, whole=False, **values):
    (OUT / f"{name}.{'bundle' if whole else 'tar'}").write_bytes(data)
    text = outcome + "\n" + "".join(f"{key} {value}\n" for key, value in values.items()) + f"# {why}\n"
    (OUT / f"{name}.expect").write_text(text)


def no_case(lines):
    return [line for line in lines if not line.startswith(("case ", "writer "))]


def for_a_person(lines):
    own = recipient("receiver")
    place = blake3(own.encode(), derive_key_context="mahoe person v1").digest()
    place = blake3(place, derive_key_context="mahoe root signer id v1").digest(16)
    return [f"to {place.hex()} {own}" if line.startswith("to ") else line for line in no_case(lines)]


def bad(name, reason, why, data, **values):
    save(name, f"refuse {reason}", why, data, **values)


def good():
    text = plain()
    text += bytes(padme(len(text)) - len(text))
    crowd = ["receiver", "nobody 1", "nobody 2", "nobody 3"]
    save("refer", "good", "A referral with an open, a withheld and a destroyed entry, a document and the sender's card.",
         age(text, crowd), whole=True, kind="refer", entries=3, attachments=2)
    text = plain(kind="update", to=("receiver", "other"), parts=(BLOB, CARD), note="Señora Sample says: ½ done, 日本.")
    text += bytes(padme(len(text)) - len(text))
    save("update-for-two", "good", "Two recipients, and a note with letters beyond ASCII.",
         age(text, ["other", "receiver", "nobody 1", "nobody 2"]), whole=True, kind="update", entries=3, attachments=2)
    sealed, head = chain([SEALED, OPEN, DESTROYED])
    keys = [("epoch-" + seed("epoch")[:16].hex() + ".age", b"age"), ("participant.age", b"age"), ("ring.bin", b"ring"),
            ("vault.toml", b"format = 1\n")]
    save("sync", "good", "Between own devices: bodies as sealed, key files, heads in a form of their own.",
         plain(kind="sync", entries=b"mahoe entries 1\n" + b"".join(sealed), heads_bin=b"mahoe sync 1\n\x01\x02",
               parts=sorted([*keys, BLOB, CARD])), kind="sync", entries=3, attachments=6)
    none = dict(entries=b"mahoe entries 1\n", heads_bin=heads([]), parts=(CARD,), count=0)
    save("receipt", "good", "No entries, no heads, an answer.", plain(kind="receipt", **none), kind="receipt", entries=0,
         attachments=1)
    save("statistics", "good", "A kind that this version knows, without entries.", plain(kind="statistics", **none),
         kind="statistics", entries=0, attachments=1)
    portland = signer("root of Portland")
    their_card = (f"card-{root_id(portland).hex()}.txt", card("Portland test team", portland, "JM-04"))
    told = f"mahoe introductions 1\nteam {root_id(portland).hex()} verified 2026-11-20T09:30:00Z\n".encode()
    save("cards", "good", "An introduction: another team's card, and that words were compared with it.",
         plain(kind="cards", edit=no_case, **{**none, "parts": sorted([CARD, their_card, ("introductions.txt", told)])}),
         kind="cards", entries=0, attachments=3)
    save("figures", "good", "Numbers of a year: a total, a table that adds up to it, nothing under ten.",
         plain(kind="statistics", edit=no_case, **{**none, "parts": (CARD, ("statistics.txt", FIGURES))}),
         kind="statistics", entries=0, attachments=2)
    text = plain(kind="paper", edit=for_a_person, **{**none, "parts": (CARD, ("paper.txt", PAPER))})
    text += bytes(padme(len(text)) - len(text))
    save("paper", "good", "A text for one person, from a device that the card in it names.", age(text, crowd), whole=True,
         kind="paper", entries=0, attachments=2)
    save("future-kind", "good", "A kind from the future: inspected, its members not parsed.",
         plain(kind="convene", count=7, entries=b"another form\n", heads_bin=b"", parts=(("agenda.bin", b"x"),)),
         kind="convene", entries=0, attachments=1)
    big = ("blob-" + seed("big").hex(), bytes(range(256)) * 300)
    save("document", "good", "A document longer than one chunk of age, so padded to 81920 bytes and more.",
         plain(parts=sorted([big, CARD])), kind="refer", entries=3, attachments=2)


def bad_manifests():
    zeros = "0" * 64
    for name, why, edit in [
        ("manifest-no-card", "The sender's card is missing.", None),
        ("manifest-upper-hex", "Hex has one spelling.", swap("id ", lambda line: line[:3] + line[3:].upper())),
        ("manifest-unknown-line", "A line that nobody knows.", swap("entries ", lambda line: "colour blue\n" + line)),
        ("manifest-line-twice", "A line twice.", swap("made ", lambda line: line + "\n" + line)),
        ("manifest-control", "An escape sequence in a name.", swap("writer ", lambda line: line + "\x1b[2J")),
        ("manifest-bidi", "A character that turns the reading direction.", swap("entries ", lambda line: "note a\u202eb\n" + line)),
        ("manifest-blank-end", "A space at the end of a line.", swap("mark ", "mark practice ")),
        ("manifest-mark", "Neither practice nor real.", swap("mark ", "mark both")),
        ("manifest-parish", "There are fourteen parishes.", swap("from ", lambda line: line.replace("JM-05", "JM-15"))),
        ("manifest-kind-case", "Kinds are in small letters.", swap("kind ", "kind Refer")),
        ("manifest-lane-zero", "Lanes begin with 1.", swap("lane ", f"lane 0 {zeros}")),
        ("manifest-lane-before", "Number 1 has nothing before it.", swap("lane ", f"lane 1 {'1' * 64}")),
        ("manifest-lane-nothing", "Number 2 has something before it.", swap("lane ", f"lane 2 {zeros}")),
        ("manifest-moment", "A day that there is not.", swap("made ", "made 2026-02-30T10:00:00Z")),
        ("manifest-offset", "Moments are in UTC.", swap("made ", "made 2026-11-22T10:00:00-05:00")),
        ("manifest-count-2-60", "2^60 entries.", swap("entries ", f"entries {2**60}")),
        ("manifest-size-2-60", "2^60 bytes.", swap("file ", lambda line: f"{line.split('  ')[0]}  {2**60}  entries.bin")),
        ("manifest-size-sign", "A size with a sign.", swap("file ", lambda line: line.replace("  ", "  +", 1))),
        ("manifest-answers", "Only receipts answer.", swap("case ", lambda line: f"answers {ID.hex()}\n{line}")),
        ("manifest-nobody", "No recipient.", swap("to ", None)),
        ("manifest-after-end", "Something behind the end.", swap("end", "end\nnote x")),
        ("manifest-no-end", "No end.", swap("end", None)),
    ]:
        parts = (BLOB,) if edit is None else (BLOB, CARD)
        bad(name, "manifest", why, plain(edit=edit, parts=parts))
    to = lambda lines: [line for line in lines if line.startswith("to ")][0]
    seventeen = lambda lines: [
        part for line in lines for part in
        ([f"to {at:032x} {to(lines).split(' ')[2]}" for at in range(17)] if line.startswith("to ") else [line])
    ]
    bad("manifest-seventeen", "manifest", "Seventeen recipients.", plain(edit=seventeen))
    bad("manifest-crlf", "manifest", "Lines end in LF alone.",
        plain(manifest=lambda lines: "".join(line + "\r\n" for line in lines).encode()))
    bad("manifest-cut", "manifest", "No LF behind the last line.", plain(manifest=lambda lines: "\n".join(lines).encode()))
    bad("manifest-utf8", "manifest", "Not UTF-8.",
        plain(manifest=lambda lines: "".join(line + "\n" for line in lines).encode().replace(b"Testy", b"Test\xff")))
    bad("newer", "newer", "A format from the future.", plain(edit=swap("mahoe bundle", "mahoe bundle 2")))
    for name, other, why in [
        ("name-dotdot", "../evil", "A name that leaves the folder."),
        ("name-absolute", "/etc/evil", "A name from the root."),
        ("name-capital", "Blob", "Names have small letters."),
        ("name-reserved", "manifest.txt", "A second manifest."),
        ("name-future", "agenda.bin", "A part that this kind doesn't have."),
        ("name-keys", "ring.bin", "Keys travel between own devices only."),
        ("name-figures", "statistics.txt", "Figures are in no bundle that carries a case."),
        ("name-paper", "paper.txt", "A paper is no part of a bundle between teams."),
    ]:
        bad(name, "manifest", why, plain(parts=sorted([(other, b"x"), CARD])))
    bad("size-figures", "manifest", "More figures than there are.", plain(
        kind="statistics", edit=no_case, entries=b"mahoe entries 1\n", heads_bin=heads([]), count=0,
        parts=(CARD, ("statistics.txt", b"x" * 4097))))
    bad("name-order", "manifest", "Attachments are sorted by name.", plain(parts=(CARD, BLOB)))
    bad("name-twice", "manifest", "The same attachment twice.", plain(parts=(BLOB, BLOB, CARD)))


def bad_signatures():
    other = signer("a stranger's device")
    bad("signature-other-key", "signature", "Signed by another key, under its own key id.", plain(key=other))
    lying = lambda key, text, comment, algorithm: minisig(other, text, comment).replace(
        base64.b64encode(b"ED" + blake3(public(other)).digest()[:8])[:12], base64.b64encode(b"ED" + blake3(public(DEVICE)).digest()[:8])[:12])
    bad("signature-other-key-same-id", "signature", "Signed by another key that borrows the key id.", plain(sign=lying))
    bad("signature-legacy", "signature", "minisign's older form, without hashing first.", plain(algorithm=b"Ed"))
    bad("signature-comment", "signature", "The trusted comment names another bundle.", plain(comment=f"mahoe bundle {'0' * 32}"))
    bad("signature-untrusted", "signature", "The untrusted comment has one spelling.",
        plain(sign=lambda *args: minisig(*args).replace(b"mahoe device signature", b"mahoe device Signature")))
    bad("signature-empty", "signature", "No signature at all.", plain(sign=lambda *args: b""))
    # The identity of the curve as a key, and a signature of it: under ZIP-215 it holds for every message.
    def anybody(key, text, comment, algorithm):
        device = bytes([1]) + bytes(31)
        nothing = device + bytes(32)
        packet = b"ED" + blake3(device).digest()[:8] + nothing
        return (f"untrusted comment: mahoe device signature\n{base64.b64encode(packet).decode()}\n"
                f"trusted comment: {comment}\n{base64.b64encode(nothing).decode()}\n").encode()

    small = swap("from ", lambda line: line.replace(public(DEVICE).hex(), "01" + "00" * 31))
    bad("signature-small-order", "weak-key", "A key of small order, under which anybody's signature holds.",
        plain(edit=small, sign=anybody))


def bad_archives():
    blob = lambda **other: again(4, lambda block: member(BLOB[0], BLOB[1], **other))
    for name, why, archive in [
        ("tar-symlink", "A symbolic link.", blob(type=b"2", link=b"/etc/passwd")),
        ("tar-hardlink", "A hard link.", blob(type=b"1", link=b"manifest.txt")),
        ("tar-folder", "A folder.", blob(type=b"5")),
        ("tar-old-type", "The old way to write a regular file.", blob(type=b"\0")),
        ("tar-mode", "A file that can be run.", blob(mode=b"0000755\0")),
        ("tar-owner", "An owner.", blob(uid=b"0001750\0")),
        ("tar-owner-name", "An owner's name.", blob(uname=b"root")),
        ("tar-time", "A time.", blob(mtime=b"14740000000\0")),
        ("tar-gnu", "GNU's magic.", blob(magic=b"ustar  \0")),
        ("tar-checksum", "A wrong checksum.", blob(checksum=b"000001\0 ")),
        ("tar-prefix", "A name in two halves.", blob(prefix=b"..")),
        ("tar-size", "A size with blanks.", blob(size=b"       1510 ")),
        ("tar-binary-size", "A size in base 256: 2^60.", blob(size=b"\x80" + bytes(3) + (2**60).to_bytes(8, "big"))),
        ("tar-dotdot", "A name that the manifest doesn't have.", again(4, lambda block: member("../evil", BLOB[1]))),
        ("tar-order", "Heads before entries.", lambda blocks: blocks[:2] + [blocks[3], blocks[2]] + blocks[4:]),
        ("tar-twice", "A member twice, the manifest's one missing.", lambda blocks: blocks[:4] + [blocks[5]] + [blocks[5]]),
        ("tar-extension", "An extended header.", lambda blocks: [member("pax", b"12 path=evil\n", type=b"x")] + blocks),
        ("tar-signature-first", "The signature before what it signs.", lambda blocks: [blocks[1], blocks[0]] + blocks[2:]),
        ("tar-manifest-2-30", "A manifest of a gigabyte.",
         again(0, lambda block: tar_header("manifest.txt", 2**30) + block[512:])),
    ]:
        bad(name, "archive", why, plain(archive=archive))
    bad("tar-missing", "archive", "The last member is missing.", plain(archive=lambda blocks: blocks[:-1]))
    bad("tar-more", "dirty-padding", "A member more than the manifest has.",
        plain(archive=lambda blocks: blocks + [member("more.bin", b"more")]))
    long = (BLOB[0], bytes(100_000))
    bad("tar-other-length", "contents", "The manifest has more bytes than the archive.",
        plain(parts=(long, CARD), archive=again(4, lambda block: member(BLOB[0], BLOB[1]))))
    bad("dirty-slack", "dirty-padding", "Bytes behind a member's end.", plain(archive=again(4, lambda block: block[:-1] + b"x")))
    bad("dirty-slack-manifest", "dirty-padding", "Bytes behind the manifest's end.",
        plain(archive=again(0, lambda block: block[:-1] + b"x")))
    bad("dirty-end", "dirty-padding", "Bytes in the blocks that end the archive.", plain()[:-1] + b"x")
    bad("dirty-padding", "dirty-padding", "Bytes behind the archive.", plain() + b"secret")
    bad("padding-more", "contents", "More padding than the length asks for.", plain(), length=131072)
    bad("padding-odd", "cut-off", "A length that no padding gives.", plain(), length=65537)
    bad("padding-less", "cut-off", "Shorter than any bundle.", plain(), length=65024)


def bad_members():
    changed = BLOB[1].replace(b"nobody", b"anyone")
    bad("digest-attachment", "digest", "Another document of the same length.",
        plain(archive=again(4, lambda block: member(BLOB[0], changed))))
    bad("digest-heads", "digest", "Other heads of the same length.",
        plain(archive=again(3, lambda block: member("heads.bin", HEADS[:-1] + bytes([HEADS[-1] ^ 1])))))
    whole = b"mahoe entries 1\n" + b"".join(ENTRIES)
    bad("digest-entries", "digest", "Another salt in a body.",
        plain(archive=again(2, lambda block: member("entries.bin", whole.replace(seed("salt 1")[:16], bytes(16))))))
    header, signature = bytes(180), bytes(64)
    start = b"mahoe entries 1\n"
    for name, why, content, count in [
        ("entries-magic", "Another first line.", b"mahoe entries 2\n", 0),
        ("entries-empty", "Not even a first line.", b"", 0),
        ("entries-short", "The last record is cut.", whole[:-1], 3),
        ("entries-fewer", "Fewer records than the manifest says.", whole, 4),
        ("entries-more", "More records than the manifest says.", whole, 2),
        ("entries-no-header", "A header of no bytes.", start + record(b"", signature, WITHHELD), 1),
        ("entries-long-header", "A header of 2000 bytes.", start + record(bytes(2000), signature, WITHHELD), 1),
        ("entries-state", "A state that there is not.", start + record(header, signature, 9), 1),
        ("entries-sealed", "A sealed body in a referral.", start + record(header, signature, SEALED, b"x", bytes(16)), 1),
        ("entries-withheld-body", "A withheld body that is there.", start + record(header, signature, WITHHELD, b"x"), 1),
        ("entries-body-4g", "A body of 4 GiB.", start + record(header, signature, OPEN)[:-4] + b"\xff\xff\xff\xff", 1),
    ]:
        bad(name, "entries", why, plain(entries=content, count=count))
    one, two = (CASE, 1, [bytes(32)]), (CASE, 2, [bytes(32), b"\1" * 32])
    for name, why, content in [
        ("heads-magic", "Another first line.", b"mahoe heads 2\n"),
        ("heads-order", "Compartments out of order.", heads([two, one])),
        ("heads-twice", "A compartment twice.", heads([one, one])),
        ("heads-ids", "Ids out of order.", heads([(CASE, 1, [b"\1" * 32, bytes(32)])])),
        ("heads-none", "A compartment without heads.", heads([(CASE, 1, [])])),
        ("heads-count", "65,535 heads that are not there.", heads([one])[:-34] + b"\xff\xff" + bytes(32)),
        ("heads-short", "Cut.", heads([one])[:-1]),
    ]:
        bad(name, "heads", why, plain(heads_bin=content))
    bad("forwarded", "not-addressed", "Sealed to us by somebody who got it: its author wrote to another.", plain(to=("other",)))


def bad_envelopes():
    text = b"age-encryption.org/v1\n-> scrypt %s 62\n%s\n--- %s\n" % (b"A" * 22, b"A" * 43, b"A" * 43)
    save("scrypt-2-62", "refuse passphrase", "A passphrase stanza that asks for 2^62 of work.", text + bytes(200), whole=True)
    save("not-age", "refuse not-a-bundle", "A plain archive.", plain()[:1024], whole=True)
    save("age-2", "refuse not-a-bundle", "Another age format.", b"age-encryption.org/v2\n" + bytes(200), whole=True)
    stanza = b"-> X25519 %s\n%s\n" % (b"A" * 43, b"A" * 43)
    header = b"age-encryption.org/v1\n%s--- %s\n" % (stanza * 65, b"A" * 43)
    save("stanzas-65", "refuse header", "One recipient more than is looked at.", header, whole=True)
    header = b"age-encryption.org/v1\n-> -grease %s\n--- %s\n" % (b"A " * 17000, b"A" * 43)
    save("header-endless", "refuse header", "A header that doesn't end within 32 KiB.", header, whole=True)
    save("cut", "refuse cut-off", "The beginning of a bundle.", (OUT / "refer.bundle").read_bytes()[:1000], whole=True)


def main():
    OUT.mkdir(exist_ok=True)
    for old in [*OUT.glob("*.tar"), *OUT.glob("*.expect"), *OUT.glob("*.bundle")]:
        if not old.name.startswith("mahoe-"):
            old.unlink()
    good()
    bad_manifests()
    bad_signatures()
    bad_archives()
    bad_members()
    bad_envelopes()
    secrets = {name: bech32("age-secret-key-", seed(name)).upper() for name in ("receiver", "other")}
    text = "".join(f"# {name}: {recipient(name)}\n{secret}\n" for name, secret in secrets.items())
    (OUT / "test-keys.txt").write_text("# Keys for tests, made from their names. Nothing real is ever sealed to them.\n" + text)


main()
