"""Who should have a case: candidates scored by skill, language, place and load, with the reasons.

A conflict of interest, an absence and a full desk exclude; everything else adds points. The answer
names all who were looked at, so that whoever asks "why she and not he" is told.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from recoup.kernel.explain import Words, same

SKILL_POINTS = 40
LANGUAGE_POINTS = 30
KNOWN_POINTS = 20
TEAM_POINTS = 20
ROOM_POINTS = 20

CONFLICT = Words(zh="存在利益冲突", en="has a conflict of interest")
ABSENT = Words(zh="当日不在岗", en="is away on the day")
FULL = Words(zh="在手案件已满", en="has no room for another case")


@dataclass(frozen=True, kw_only=True)
class Needs:
    """What a case asks of whoever has it.

    Shape: ``skill`` the code of the treatment that needs training, ``language`` of the person,
    ``team`` the book's; empty where nothing is asked. ``known_to`` has had the case before.
    ``skill_named`` and ``language_named`` are the words for the codes, for the reasons.
    """

    debtor_id: str
    skill: str = ""
    language: str = ""
    team: str = ""
    known_to: int | None = None
    skill_named: Words | None = None
    language_named: Words | None = None


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A member of staff who might have the case; ``load`` and ``capacity`` count open cases."""

    id: int
    name: str
    skills: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    team: str = ""
    load: int = 0
    capacity: int = 0
    conflicts: frozenset[str] = frozenset()
    is_absent: bool = False


@dataclass(frozen=True, kw_only=True)
class Scored:
    """A candidate with points and the reasons for them."""

    id: int
    name: str
    points: int
    reasons: tuple[Words, ...]


@dataclass(frozen=True, kw_only=True)
class Excluded:
    """A candidate who may not have the case, and why."""

    id: int
    name: str
    why: Words


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Candidates from best to worst, and those excluded; equal points go to the lower key."""

    scored: tuple[Scored, ...]
    excluded: tuple[Excluded, ...]

    @property
    def best(self) -> Scored | None:
        """The one who should have the case; None when nobody may."""
        return self.scored[0] if self.scored else None


def choose(*, needs: Needs, candidates: Iterable[Candidate]) -> Choice:
    """Yield who should have a case and why, and who may not.

    >>> wang = Candidate(id=1, name="Wang", languages=frozenset({"zh"}), load=90, capacity=100)
    >>> zhou = Candidate(id=2, name="Zhou", languages=frozenset({"zh"}), load=10, capacity=100)
    >>> kin = Candidate(id=3, name="Li", capacity=100, conflicts=frozenset({"D1"}))
    >>> choice = choose(needs=Needs(debtor_id="D1", language="zh"), candidates=(wang, zhou, kin))
    >>> choice.best.name, choice.best.points, [one.en for one in choice.best.reasons]
    ('Zhou', 48, ['speaks zh', '10 of 100 cases'])
    >>> [(one.name, one.why.en) for one in choice.excluded]
    [('Li', 'has a conflict of interest')]
    """
    scored: list[Scored] = []
    excluded: list[Excluded] = []
    for one in candidates:
        why = exclusion(needs=needs, candidate=one)
        if why is None:
            scored.append(_scored(needs, one))
        else:
            excluded.append(Excluded(id=one.id, name=one.name, why=why))
    scored.sort(key=lambda one: (-one.points, one.id))
    return Choice(scored=tuple(scored), excluded=tuple(excluded))


def exclusion(*, needs: Needs, candidate: Candidate) -> Words | None:
    """Yield why somebody may not have a case; None when nothing stands against it.

    >>> exclusion(needs=Needs(debtor_id="D1"), candidate=Candidate(id=1, name="A", capacity=1))
    """
    if needs.debtor_id in candidate.conflicts:
        return CONFLICT
    if candidate.is_absent:
        return ABSENT
    if candidate.load >= candidate.capacity:
        return FULL
    return None


def _scored(needs: Needs, one: Candidate) -> Scored:
    points = 0
    reasons: list[Words] = []
    if needs.skill and needs.skill in one.skills:
        points += SKILL_POINTS
        named = needs.skill_named or same(needs.skill)
        reasons.append(Words(zh=f"具备技能：{named.zh}", en=f"has the skill: {named.en}"))
    if needs.language and needs.language in one.languages:
        points += LANGUAGE_POINTS
        named = needs.language_named or same(needs.language)
        reasons.append(Words(zh=f"会说{named.zh}", en=f"speaks {named.en}"))
    if needs.known_to == one.id:
        points += KNOWN_POINTS
        reasons.append(Words(zh="曾经办理此案", en="has had the case before"))
    if needs.team and needs.team == one.team:
        points += TEAM_POINTS
        reasons.append(Words(zh=f"属于 {needs.team}", en=f"belongs to {needs.team}"))
    points += ROOM_POINTS * (one.capacity - one.load) // one.capacity
    reasons.append(
        Words(zh=f"在手 {one.load}/{one.capacity} 件", en=f"{one.load} of {one.capacity} cases")
    )
    return Scored(id=one.id, name=one.name, points=points, reasons=tuple(reasons))
