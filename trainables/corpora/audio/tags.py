"""Tags before, between and behind audio: ID3, APE, Lyrics3, and zeros that fill up."""


def end_of_id3(content: bytes, position: int = 0) -> int:
    """Where the ID3 tag of version 2 at `position` ends; `position` where there is none."""
    head = content[position : position + 10]
    if len(head) < 10 or not head.startswith(b"ID3") or max(head[6:]) > 127:
        return position
    size = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]
    return position + 10 + size + (10 if head[5] & 0x10 else 0)


def end_of_tag(content: bytes, position: int) -> int | None:
    """Where the tag at `position` ends, within the content; None where there is none."""
    end = _end(content, position)
    return None if end == position else min(end, len(content))


def _end(content: bytes, position: int) -> int:
    if content.startswith(b"ID3", position):
        return end_of_id3(content, position)
    for magic, length in ((b"TAG+", 227), (b"TAG", 128)):
        if content.startswith(magic, position):
            return position + length
    if content.startswith(b"APETAGEX", position):
        flags = int.from_bytes(content[position + 20 : position + 24], "little")
        size = int.from_bytes(content[position + 12 : position + 16], "little")
        return position + 32 + (size if flags & 1 << 29 else 0)
    if content.startswith(b"LYRICSBEGIN", position):
        ends = (content.find(end, position) for end in (b"LYRICS200", b"LYRICSEND"))
        return min((end + 9 for end in ends if end >= 0), default=position)
    rest = content[position : position + 4096]
    return position + len(rest) - len(rest.lstrip(b"\0"))
