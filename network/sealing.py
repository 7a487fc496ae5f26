"""AES-256-GCM for what the database must not show: stored answers and webhook secrets."""

import os

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def derive_key(master_key: bytes, purpose: str) -> bytes:
    """A 32-byte key for one purpose (HKDF-SHA256, RFC 5869), so that no key is used for two things."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()).derive(master_key)


class Seal:
    """Seals and opens bytes under one key; `context` binds them to their place."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)
        self._nonces: list[bytes] = []

    def seal(self, plain: bytes, context: bytes = b"") -> bytes:
        """A random 96-bit nonce, then ciphertext and tag."""
        nonce = self._nonce()
        return nonce + self._cipher.encrypt(nonce, plain, context)

    def _nonce(self) -> bytes:
        """Each is used once: `pop` gives one element to one thread. Drawn by the hundred: a draw is a system call."""
        while True:
            try:
                return self._nonces.pop()
            except IndexError:
                drawn = os.urandom(12 * 128)
                self._nonces.extend(drawn[at : at + 12] for at in range(0, len(drawn), 12))

    def open(self, sealed: bytes, context: bytes = b"") -> bytes:
        """Raises: cryptography's InvalidTag when key, context or bytes are not those that were sealed."""
        return self._cipher.decrypt(sealed[:12], sealed[12:], context)
