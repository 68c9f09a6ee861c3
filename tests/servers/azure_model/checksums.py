"""What may travel with a body: MD5, and CRC-64/NVME with its bytes in little-endian order."""

import base64
import binascii
import hashlib

from .refused import Refused

_POLYNOMIAL, _ONES = 0x9A6C9329AC4BC9B5, (1 << 64) - 1


def _row(byte):
    for _ in range(8):
        byte = byte >> 1 ^ (_POLYNOMIAL if byte & 1 else 0)
    return byte


_TABLE = [_row(byte) for byte in range(256)]


class Crc64:
    def __init__(self):
        self._value = _ONES

    def update(self, data):
        value, table = self._value, _TABLE
        for byte in data:
            value = value >> 8 ^ table[(value ^ byte) & 255]
        self._value = value

    def digest(self):
        return (self._value ^ _ONES).to_bytes(8, "little")


def encoded(digest):
    return base64.b64encode(digest).decode()


class Checks:
    """The checksums that a request's headers ask for, and an MD5 if the blob is to have one."""

    def __init__(self, headers, needs_md5=False):
        self._md5_told = self._decode(headers, "content-md5", 16, "InvalidMd5")
        self._crc_told = self._decode(headers, "x-ms-content-crc64", 8, "InvalidHeaderValue")
        if self._md5_told and self._crc_told:
            raise Refused(400, "InvalidInput", "Content-MD5 and x-ms-content-crc64 exclude each other.")
        self._md5 = hashlib.md5() if self._md5_told or needs_md5 else None
        self._crc = Crc64() if self._crc_told else None

    @staticmethod
    def _decode(headers, name, size, code):
        if name not in headers:
            return None
        try:
            value = base64.b64decode(headers[name], validate=True)
        except binascii.Error:
            value = b""
        if len(value) != size:
            raise Refused(400, code, f"{name} is malformed.")
        return value

    def update(self, data):
        if self._md5:
            self._md5.update(data)
        if self._crc:
            self._crc.update(data)

    def finish(self):
        """Refuses a body that is not what was told; else the answer's headers."""
        answer = []
        if self._md5_told and self._md5_told != self._md5.digest():
            raise Refused(400, "Md5Mismatch")
        if self._crc_told and self._crc_told != self._crc.digest():
            raise Refused(400, "Crc64Mismatch")
        if self._md5:
            answer.append(("Content-MD5", self.md5))
        if self._crc:
            answer.append(("x-ms-content-crc64", encoded(self._crc.digest())))
        return answer

    @property
    def md5(self):
        return encoded(self._md5.digest())
