"""Keys: which are registered, how they are kept, rotated and withdrawn, and that Ed25519 is RFC 8032's."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from network.edwards25519 import P
from network.public_keys import (
    P256_ORDER,
    Algorithm,
    KeyLimits,
    KeyRecord,
    KeyRefused,
    KeyState,
    PublicKey,
    keys_by_kid,
    kid_of,
)
from network.signing import (
    LocalSigner,
    NewKey,
    es256_signature,
    generate_key,
    generate_root_key,
    open_root_signer,
    open_signer,
    resealed,
    rotate_key,
)
from network.token import encode, verify
from tests.token import gc1_vectors as vectors

MASTER = bytes(range(32))
OTHER_MASTER = bytes(32)
MERCHANT = UUID(int=7)

# RFC 8032, section 7.1: TEST 1, 2, 3 and SHA(abc) as (secret key, public key, message, signature).
RFC_8032 = {
    "TEST 1": (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
        "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    "TEST 2": (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    "TEST 3": (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
        "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
    "TEST SHA(abc)": (
        "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
        "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b589"
        "09351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
    ),
}

# The eight points of small order, each in its canonical encoding.
SMALL_ORDER = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
]
# The other encodings that lenient decoders take for them: minus zero, and y not reduced.
NON_CANONICAL = [
    "0100000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
]
ALL_NON_REDUCED = [(y | sign << 255).to_bytes(32, "little").hex() for y in range(P, 2**255) for sign in (0, 1)]


def new_key(**changes: Any) -> NewKey[KeyRecord]:
    details: dict[str, Any] = {
        "coalition_id": vectors.COALITION,
        "coalition_number": 3,
        "merchant_id": MERCHANT,
        "merchant_number": 7,
        "limits": vectors.LIMITS,
        "created_at": vectors.NOW,
        "master_key": MASTER,
    }
    return generate_key(**details | changes)


def refused_code(refused: pytest.ExceptionInfo[KeyRefused]) -> str:
    assert refused.value.detail
    return refused.value.code


@pytest.mark.parametrize("name", RFC_8032)
def test_signs_and_verifies_as_rfc_8032_does(name: str) -> None:
    secret, public, message, signature = (bytes.fromhex(part) for part in RFC_8032[name])
    key = PublicKey(kid=kid_of(Algorithm.ED25519, public), algorithm=Algorithm.ED25519, public_key=public)

    made = LocalSigner(key, secret).sign(message)

    assert made == signature
    assert key.verifies(signature, message)
    assert not key.verifies(signature, message + b"\x00")


@pytest.mark.parametrize("encoded", [*SMALL_ORDER, *NON_CANONICAL, *ALL_NON_REDUCED])
def test_refuses_low_order_and_non_canonical_keys(encoded: str) -> None:
    with pytest.raises(KeyRefused) as refused:
        PublicKey(kid=bytes(8), algorithm=Algorithm.ED25519, public_key=bytes.fromhex(encoded))

    assert refused_code(refused) == "key_weak"


def test_refuses_a_key_mixed_with_a_small_point() -> None:
    # TEST 1's key plus the point of order two: (x, y) + (0, -1) = (-x, -y).
    number = int.from_bytes(bytes.fromhex(RFC_8032["TEST 1"][1]), "little")
    sign, y = number >> 255, number & (2**255 - 1)
    mixed = ((P - y) | (1 - sign) << 255).to_bytes(32, "little")

    with pytest.raises(KeyRefused) as refused:
        PublicKey(kid=bytes(8), algorithm=Algorithm.ED25519, public_key=mixed)

    assert refused_code(refused) == "key_weak"


@pytest.mark.parametrize(
    ("algorithm", "public_key", "code"),
    [
        (Algorithm.ED25519, (2).to_bytes(32, "little"), "key_weak"),  # not on the curve
        (Algorithm.ED25519, bytes(31), "key_weak"),
        (Algorithm.P256, b"\x04" + bytes(64), "key_weak"),
        (Algorithm.P256, b"\x00", "key_malformed"),  # the point at infinity
        (Algorithm.P256, b"\x02" + vectors.P256.key.public_key[1:33], "key_malformed"),  # compressed
        (Algorithm.P256, vectors.P256.key.public_key[:-1] + b"\x00", "key_weak"),
        (Algorithm.P256, b"\x04" + b"\xff" * 64, "key_weak"),  # coordinates beyond the field
    ],
)
def test_refuses_bad_points(algorithm: Algorithm, public_key: bytes, code: str) -> None:
    with pytest.raises(KeyRefused) as refused:
        PublicKey(kid=bytes(8), algorithm=algorithm, public_key=public_key)

    assert refused_code(refused) == code


def test_refuses_a_kid_of_another_length() -> None:
    with pytest.raises(KeyRefused) as refused:
        replace(vectors.SALON.key, kid=bytes(7))

    assert refused_code(refused) == "key_malformed"


@pytest.mark.parametrize("number", [0, -1, True, 2**32, "7"])
def test_merchants_count_from_one(number: Any) -> None:
    with pytest.raises(KeyRefused):
        replace(vectors.SALON.key, merchant_number=number)


def test_a_key_has_limits_that_make_sense() -> None:
    day = datetime(2026, 1, 1, tzinfo=UTC)

    for face_value_max, valid_until in ((0, day + timedelta(1)), (True, day + timedelta(1)), (1, day)):
        with pytest.raises(KeyRefused):
            KeyLimits(face_value_max, day, valid_until)


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_a_sealed_key_opens_with_its_master_key_and_signs(algorithm: Algorithm) -> None:
    new = new_key(algorithm=algorithm)

    signer = open_signer(new.key, new.sealed, master_key=MASTER)

    assert new.key.verifies(signer.sign(b"message"), b"message")
    assert new.key.kid == kid_of(algorithm, new.key.public_key)


def test_a_sealed_key_does_not_hold_the_private_key_in_clear() -> None:
    signer = vectors.SALON
    private = bytes([1]) * 32

    new = new_key()

    assert len(new.sealed.ciphertext) == 32 + 16
    assert private not in repr(vars(signer)).encode()
    assert new.sealed.nonce != new_key().sealed.nonce


@pytest.mark.parametrize(
    "changes",
    [
        {"kid": bytes(8)},
        {"merchant_id": UUID(int=8)},
        {"coalition_id": UUID(int=9)},
    ],
)
def test_a_sealed_key_is_bound_to_its_owner(changes: dict[str, Any]) -> None:
    new = new_key()

    with pytest.raises(KeyRefused) as refused:
        open_signer(replace(new.key, **changes), new.sealed, master_key=MASTER)

    assert refused_code(refused) == "key_seal_broken"


@pytest.mark.parametrize("part", ["nonce", "ciphertext"])
def test_a_changed_seal_does_not_open(part: str) -> None:
    new = new_key()
    changed = bytes([getattr(new.sealed, part)[0] ^ 1]) + getattr(new.sealed, part)[1:]

    with pytest.raises(KeyRefused) as refused:
        open_signer(new.key, replace(new.sealed, **{part: changed}), master_key=MASTER)

    assert refused_code(refused) == "key_seal_broken"


def test_another_master_key_does_not_open() -> None:
    new = new_key()

    with pytest.raises(KeyRefused) as refused:
        open_signer(new.key, new.sealed, master_key=OTHER_MASTER)
    with pytest.raises(KeyRefused) as too_short:
        open_signer(new.key, new.sealed, master_key=MASTER[:16])

    assert refused_code(refused) == "key_seal_broken"
    assert refused_code(too_short) == "master_key_malformed"


def test_a_private_key_must_belong_to_its_record() -> None:
    with pytest.raises(KeyRefused) as refused:
        LocalSigner(vectors.SALON.key, bytes([2]) * 32)

    assert refused_code(refused) == "key_mismatch"


def test_the_master_key_can_change() -> None:
    new = new_key()

    again = resealed(new.sealed, old_master_key=MASTER, new_master_key=OTHER_MASTER)

    assert open_signer(new.key, again, master_key=OTHER_MASTER).key == new.key


def test_a_root_key_is_not_a_merchants_key() -> None:
    root = generate_root_key(coalition_id=vectors.COALITION, master_key=MASTER)
    signer = open_root_signer(root.key, root.sealed, coalition_id=vectors.COALITION, master_key=MASTER)

    assert root.key.verifies(signer.sign(b"set"), b"set")
    with pytest.raises(KeyRefused):
        open_root_signer(root.key, root.sealed, coalition_id=UUID(int=1), master_key=MASTER)


def test_rotation_keeps_what_is_out_alive() -> None:
    first = new_key()
    old_token = encode(vectors.CLAIMS, open_signer(first.key, first.sealed, master_key=MASTER))

    rotation = rotate_key(first.key, limits=vectors.LIMITS, created_at=vectors.NOW, master_key=MASTER)

    keys = keys_by_kid([rotation.old, rotation.new.key])
    new_token = encode(vectors.CLAIMS, open_signer(rotation.new.key, rotation.new.sealed, master_key=MASTER))
    assert rotation.old.state is KeyState.RETIRED
    assert rotation.new.key.state is KeyState.ACTIVE
    assert rotation.new.key.kid != rotation.old.kid
    assert verify(old_token, keys, at=vectors.NOW) == verify(new_token, keys, at=vectors.NOW)


@pytest.mark.parametrize("state", [KeyState.RETIRED, KeyState.COMPROMISED])
def test_only_an_active_key_signs(state: KeyState) -> None:
    new = new_key()

    with pytest.raises(KeyRefused) as refused:
        open_signer(replace(new.key, state=state), new.sealed, master_key=MASTER)

    assert refused_code(refused) == "key_not_active"


def test_a_leaked_key_makes_its_tokens_online_only_and_stays_leaked() -> None:
    first = new_key()
    token = encode(vectors.CLAIMS, open_signer(first.key, first.sealed, master_key=MASTER))
    leaked = first.key.compromised()

    rotation = rotate_key(leaked, limits=vectors.LIMITS, created_at=vectors.NOW, master_key=MASTER)

    assert rotation.old.state is KeyState.COMPROMISED
    assert verify(token, keys_by_kid([rotation.old]), at=vectors.NOW).online_only


def test_a_key_service_may_answer_with_either_s() -> None:
    raw = vectors.P256.sign(b"message")
    r, s = int.from_bytes(raw[:32]), int.from_bytes(raw[32:])

    from_service = [es256_signature(encode_dss_signature(r, each)) for each in (s, P256_ORDER - s)]

    assert from_service == [raw, raw]
    assert vectors.P256.key.verifies(raw, b"message")
    assert not vectors.P256.key.verifies(raw[:32] + (P256_ORDER - s).to_bytes(32), b"message")
    assert not vectors.P256.key.verifies(bytes(64), b"message")
