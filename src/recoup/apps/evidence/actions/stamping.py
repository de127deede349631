"""Has seals time-stamped by an authority (RFC 3161): not even the bank can date one back."""

import logging
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import httpx
from cryptography import x509
from django.conf import settings
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from recoup.apps.evidence.models import Seal, TimeStamp

#: Seconds that an authority may take, and seals that one round has stamped.
PATIENCE = 15
MOST_TOGETHER = 50
log = logging.getLogger("recoup.evidence")


class BadStamp(Exception):
    """The authority's answer does not prove what it should."""


def stamp_due(*, at: datetime) -> int:
    """Have every seal stamped that has no stamp yet, the oldest first; yield how many were.

    Nothing without RECOUP_TSA_URL. A failure is told to the log; the next round tries again.
    """
    if not settings.TSA_URL:
        return 0
    stamped = 0
    for seal in Seal.objects.filter(stamp=None).order_by("day")[:MOST_TOGETHER]:
        try:
            answer = _asked(bytes.fromhex(seal.signature))
        except (httpx.HTTPError, BadStamp, ValueError, OSError) as failure:
            log.warning("no time stamp for %s: %s", seal.day, failure)
            break
        TimeStamp.objects.create(
            seal=seal,
            authority=settings.TSA_URL,
            stamped_at=answer.tst_info.gen_time,
            answer=answer.as_bytes(),
        )
        stamped += 1
    return stamped


def _asked(signature: bytes) -> TimeStampResponse:
    request = TimestampRequestBuilder().data(signature).hash_algorithm(HashAlgorithm.SHA256).build()
    said = httpx.post(
        settings.TSA_URL,
        content=request.as_bytes(),
        headers={"Content-Type": "application/timestamp-query"},
        timeout=PATIENCE,
    )
    said.raise_for_status()
    answer = decode_timestamp_response(said.content)
    builder = VerifierBuilder.from_request(request)
    _hold(builder, answer=answer, signature=signature)
    return answer


def _roots() -> Sequence[x509.Certificate]:
    """Yield the authority's certificates that are trusted. Errors: BadStamp, without any."""
    if not settings.TSA_ROOTS:
        raise BadStamp("RECOUP_TSA_ROOTS is not set: a stamp of an unknown authority is no proof")
    return x509.load_pem_x509_certificates(Path(settings.TSA_ROOTS).read_bytes())


def _hold(builder: VerifierBuilder, *, answer: TimeStampResponse, signature: bytes) -> None:
    for root in _roots():
        builder = builder.add_root_certificate(root)
    try:
        builder.build().verify_message(answer, signature)
    except VerificationError as failure:
        raise BadStamp(str(failure)) from failure


def stamp_holds(*, stamp: TimeStamp, signature: bytes) -> bool:
    """Tell whether a stamp is one over this signature, by an authority that is trusted."""
    try:
        answer = decode_timestamp_response(bytes(stamp.answer))
        _hold(VerifierBuilder(), answer=answer, signature=signature)
    except (BadStamp, ValueError, OSError):
        return False
    return True
