"""A guest and the network: keep a recovery code, come back with it, be forgotten."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import StringConstraints

from network.api import wallet_cookies
from network.api.answers.wallets import WalletForgotten, WalletHere, WalletKept, WalletRecovered, WalletsHere
from network.api.bodies import Body, Nothing
from network.api.calls import Call, answered, shown
from network.api.operations import ANYBODY, WALLET, operation
from network.api.threads import in_thread
from network.coalitions import OpenCoalition
from network.credentials import first_credential, rotation, secret_of
from network.domain.errors import CoalitionNotFound, RecoveryCodeUnknown, WalletErased, WalletNotFound
from network.recoveries import find, make
from network.recovery_code import read_recovery_code

router = APIRouter()
TAG = "wallet"


class Recovering(Body):
    """The code as it was typed."""

    recovery_code: Annotated[str, StringConstraints(min_length=1, max_length=80)]


@operation(
    router, "POST /v1/wallet/recovery", "The wallet's recovery code", tag=TAG, who=(WALLET,), answers=WalletKept,
    changes=False,
)  # fmt: skip
async def keep_code(call: Call, asked: Nothing) -> Response:
    """The same until it is used: for the guest to keep outside of this phone."""
    version = call.caller.credential.version
    return shown({"recovery_code": await in_thread(make, call.coalition, call.subject_id, version)})


@operation(
    router, "POST /v1/wallet/cookie", "Keep this wallet in the browser", tag=TAG, who=(WALLET,), answers=WalletHere,
    changes=False,
)  # fmt: skip
async def keep_here(call: Call, asked: Nothing) -> Response:
    """In a cookie that no script reads. From then on the page calls with the header `Pollen-Coalition` alone."""
    credential, slug = call.caller.credential, call.coalition.entry.slug
    answer = shown({"slug": slug, "wallet_id": call.subject_id})
    secret = secret_of(call.coalition, credential.credential_id, "wallet", credential.version)
    wallet_cookies.keep(answer, call.service.settings, slug, secret)
    return answer


@operation(router, "GET /v1/wallets", "The wallets of this browser", tag=TAG, who=ANYBODY, answers=WalletsHere)
async def show_wallets(call: Call, asked: Nothing) -> Response:
    """Those that it has living cookies of: what a page asks when the browser has forgotten all else."""
    found = []
    for slug, secret in wallet_cookies.secrets_in(call.request, call.service.settings).items():
        caller = await call.service.callers.find(secret)
        if caller is not None and (caller.role, caller.coalition.entry.slug) == ("wallet", slug):
            found.append({"slug": slug, "wallet_id": caller.subject_id})
    return shown({"wallets": found})


@operation(
    router, "POST /v1/recoveries", "Open a wallet again", tag=TAG, who=ANYBODY, takes=Recovering,
    answers=WalletRecovered, refusals=(RecoveryCodeUnknown, WalletErased, WalletNotFound),
)  # fmt: skip
async def recover(call: Call, asked: Recovering) -> Response:
    """With its code, which is used up by it. The phone that had the wallet is cut off. The Idempotency-Key has at least
    22 characters, as for a new wallet. Rate-limited.
    """
    call.service.recoveries.take(call.address)
    coalition, code = await _meant(call, asked.recovery_code)
    found = await in_thread(find, coalition, code, call.at)
    if found is None:
        raise RecoveryCodeUnknown()
    credential_id, version = first_credential("wallet", found.wallet_id), found.recoveries + 1
    request = call.strangers_command(found.wallet_id).with_beside(rotation(coalition, credential_id, "wallet", version))
    answer = await call.committed(
        coalition.application.recover_wallet(request=request, wallet_id=found.wallet_id, recoveries=found.recoveries)
    )
    if answer.refused:
        return answered(answer)
    call.service.callers.forget()
    secret = secret_of(coalition, credential_id, "wallet", version)
    credential = {"credential_id": credential_id, "role": "wallet", "secret": secret}
    return answered(answer, slug=coalition.entry.slug, credential=credential)


@operation(
    router, "DELETE /v1/wallet", "Forget this guest", tag=TAG, who=(WALLET,), answers=WalletForgotten,
    refusals=(WalletNotFound,),
)  # fmt: skip
async def erase(call: Call, asked: Nothing) -> Response:
    """The credential and the recovery code die, and with them what the wallet holds. Sums stay as they are. A repeat is
    answered 401: there is nobody left who could ask.
    """
    answer = await call.committed(call.application.erase_wallet(request=call.command(), wallet_id=call.subject_id))
    call.service.callers.forget()
    done = answered(answer)
    wallet_cookies.drop(done, call.service.settings, call.coalition.entry.slug)
    return done


async def _meant(call: Call, typed: str) -> tuple[OpenCoalition, str]:
    read = read_recovery_code(typed)
    if read is None:
        raise RecoveryCodeUnknown()
    try:
        return await call.service.coalition_numbered(read[0]), read[1]
    except CoalitionNotFound:
        raise RecoveryCodeUnknown() from None
