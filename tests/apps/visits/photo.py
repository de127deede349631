"""A photograph of nothing, as a camera writes it."""

import struct


def jpeg(*, latitude=(31, 14, 2400), longitude=(121, 29, 3000), sides=(b"N\0", b"E\0")) -> bytes:
    """A photograph of nothing, with the position and the time that a camera writes into it."""

    def angle(degrees, minutes, hundredths):
        return struct.pack("<6I", degrees, 1, minutes, 1, hundredths, 100)

    head = 8 + 2 + 2 * 12 + 4
    exif_at = head
    gps_at = exif_at + 2 + 12 + 4
    values_at = gps_at + 2 + 4 * 12 + 4
    taken = b"2026:11:20 10:15:00\0"
    tiff = b"II" + struct.pack("<HI", 42, 8)
    tiff += struct.pack("<H", 2) + struct.pack("<HHII", 0x8769, 4, 1, exif_at)
    tiff += struct.pack("<HHII", 0x8825, 4, 1, gps_at) + struct.pack("<I", 0)
    tiff += struct.pack("<H", 1) + struct.pack("<HHII", 0x9003, 2, len(taken), values_at + 48)
    tiff += struct.pack("<I", 0)
    tiff += struct.pack("<H", 4)
    tiff += struct.pack("<HHI4s", 1, 2, 2, sides[0]) + struct.pack("<HHII", 2, 5, 3, values_at)
    tiff += struct.pack("<HHI4s", 3, 2, 2, sides[1]) + struct.pack("<HHII", 4, 5, 3, values_at + 24)
    tiff += struct.pack("<I", 0) + angle(*latitude) + angle(*longitude) + taken
    body = b"Exif\0\0" + tiff
    return b"\xff\xd8\xff\xe1" + struct.pack(">H", len(body) + 2) + body + b"\xff\xd9"
