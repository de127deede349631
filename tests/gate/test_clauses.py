"""Contact rules of a pack that cannot be applied as written are refused with a sentence."""

import shutil
from pathlib import Path

import pytest

from recoup.policy.contact_clauses import UnreadableClause, contact_rules
from recoup.policy.pack import load_pack

ROOT = Path(__file__).resolve().parents[2]


def pack_with(folder: Path, old: str, new: str):
    """The China pack's contact rules alone, with one text replaced."""
    target = folder / "cn"
    (target / "parameters").mkdir(parents=True)
    shutil.copy(ROOT / "packs" / "cn" / "sources.yaml", target / "sources.yaml")
    head = (ROOT / "packs" / "cn" / "pack.yaml").read_text(encoding="utf-8")
    # The parts that rules play in the night, and of complaints, name rules that are left out here.
    lines = head.split("\nnight:")[0].splitlines(keepends=True)
    kept = "".join(line for line in lines if not line.startswith("complaint_rule:"))
    (target / "pack.yaml").write_text(kept + "\n", encoding="utf-8")
    text = (ROOT / "packs" / "cn" / "parameters" / "contact.yaml").read_text(encoding="utf-8")
    assert old in text
    changed = target / "parameters" / "contact.yaml"
    changed.write_text(text.replace(old, new, 1), encoding="utf-8")
    return load_pack(target)


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("clauses: {value: [quiet_hours]", "clauses: {value: [siesta]", "siesta"),
        ("quiet_from: ", "quiet_start: ", "quiet_from"),
        (
            "consent_lifts: ",
            "mercy: {value: true, unit: boolean}\n          consent_lifts: ",
            "mercy",
        ),
        ("counts: {value: connected", "counts: {value: sighs", "sighs"),
        ("channels: {value: [call, ai_call]", "channels: {value: [call, pigeon]", "pigeon"),
        (
            'at_most: {value: 3, unit: count, comparator: "<="}',
            'at_most: {value: 3, unit: days, comparator: "<="}',
            "at_most",
        ),
        ('quiet_until: {value: "08:00"', 'quiet_until: {value: "22:00"', "Quiet hours"),
    ],
)
def test_a_clause_that_cannot_be_read_is_refused(tmp_path, old, new, named):
    pack = pack_with(tmp_path, old, new)

    with pytest.raises(UnreadableClause) as refused:
        contact_rules(pack=pack)

    assert named in refused.value.sentence.en
    assert refused.value.sentence.zh
    assert refused.value.rule_id.startswith("CN-CON-0")


def test_a_rule_that_is_not_enforced_is_not_applied(tmp_path):
    pack = pack_with(tmp_path, "kind: statement", "kind: contact")

    assert "CN-CON-07" not in {rule.head.id for rule in contact_rules(pack=pack)}
