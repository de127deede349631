"""What of this room is sealed day by day: visits and their photographs, which never change."""

from recoup.apps.visits.models import Visit, VisitPhoto
from recoup.events.evidence import SealSource, sealed_columns
from recoup.kernel.explain import Words

_VISIT = (
    *("client_key", "debtor_id", "contact_id", "made_by_id", "arrived_at", "recorded_at"),
    *("witness", "latitude_e6", "longitude_e6", "accuracy_m"),
)
_PHOTO = (
    *("client_key", "visit_key", "debtor_id", "proof_id", "sha256", "taken_at", "latitude_e6"),
    *("longitude_e6", "made_by_id", "received_at"),
)


SEALED = (
    SealSource(
        name="visits",
        words=Words(zh="外访", en="visits"),
        rows=Visit.objects.all,
        at="recorded_at",
        content=lambda row: sealed_columns(row, _VISIT),
    ),
    SealSource(
        name="visit_photos",
        words=Words(zh="外访照片", en="photographs of visits"),
        rows=VisitPhoto.objects.all,
        at="received_at",
        content=lambda row: sealed_columns(row, _PHOTO),
    ),
)
