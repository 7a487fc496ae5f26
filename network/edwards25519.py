"""Whether 32 bytes are an Ed25519 public key worth registering (RFC 8032, section 5.1; no secrets here)."""

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, P) % P
_D2 = 2 * _D % P
_SQRT_MINUS_1 = pow(2, (P - 1) // 4, P)

_Point = tuple[int, int, int, int]  # extended coordinates: x = X/Z, y = Y/Z, x*y = T/Z
_IDENTITY: _Point = (0, 1, 1, 0)


def is_usable_public_key(encoded: bytes) -> bool:
    """Canonical, on the curve, not the identity, and in the subgroup of prime order.

    The last two together exclude all eight points of small order and every sum with one of them.
    """
    point = _decode(encoded)
    if point is None or _is_identity(point):
        return False
    return _is_identity(_times(ORDER, point))


def _decode(encoded: bytes) -> _Point | None:
    if len(encoded) != 32:
        return None
    number = int.from_bytes(encoded, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    if y >= P:
        return None
    numerator, denominator = (y * y - 1) % P, (_D * y * y + 1) % P
    x = numerator * pow(denominator, 3, P) * pow(numerator * pow(denominator, 7, P), (P - 5) // 8, P) % P
    if denominator * x * x % P != numerator:
        x = x * _SQRT_MINUS_1 % P
        if denominator * x * x % P != numerator:
            return None
    if x == 0 and sign:
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


def _add(a: _Point, b: _Point) -> _Point:
    # The complete addition of RFC 8032, section 5.1.4: it doubles as well.
    e1 = (a[1] - a[0]) * (b[1] - b[0]) % P
    e2 = (a[1] + a[0]) * (b[1] + b[0]) % P
    e3 = a[3] * _D2 * b[3] % P
    e4 = 2 * a[2] * b[2] % P
    e, f, g, h = e2 - e1, e4 - e3, e4 + e3, e2 + e1
    return e * f % P, g * h % P, f * g % P, e * h % P


def _times(factor: int, point: _Point) -> _Point:
    total = _IDENTITY
    while factor:
        if factor & 1:
            total = _add(total, point)
        point = _add(point, point)
        factor >>= 1
    return total


def _is_identity(point: _Point) -> bool:
    return point[0] % P == 0 and (point[1] - point[2]) % P == 0
