-- What leaves the block beside the decisions: rows of people. Lists are still bits and row numbers
-- here; the run writes them out as ids.

-- name: person_totals
-- keep: table
-- One row per person with a contract: totals, worst figures, and the key of the contract that
-- leads: work to do first, then priority, then the order of the book.
SELECT
    person,
    CAST(COUNT(*) AS INTEGER) AS contracts,
    CAST(SUM(CASE WHEN dpd > 0 THEN 1 ELSE 0 END) AS INTEGER) AS overdue_contracts,
    CAST(SUM(CASE WHEN unknown_why = 'rows_refused' THEN 1 ELSE 0 END) AS INTEGER) AS undecided_contracts,
    CASE WHEN COUNT(overdue_base_minor) = COUNT(*) THEN CAST(SUM(overdue_base_minor) AS BIGINT) END AS overdue_base_minor,
    CASE WHEN COUNT(exposure_base_minor) = COUNT(*) THEN CAST(SUM(exposure_base_minor) AS BIGINT) END AS exposure_base_minor,
    CAST(MAX(dpd) AS INTEGER) AS worst_dpd,
    MAX(asset_class_no) AS worst_class_no,
    MAX(
        CASE
            WHEN channel IS NOT NULL OR (NOT has_channels AND treatment <> 'no_action' AND NOT work_stopped)
            THEN 2305843009213693952
            WHEN treatment <> 'no_action' THEN 1152921504606846976
            ELSE 0
        END
        + priority * 1048576 + 1048575 - (loan - {{ loan_from }})
    ) AS leading_key
FROM decisions
GROUP BY person;

-- name: block_free_on
-- keep: table
-- One row per person and source of refusal in force: from which day it no longer forbids contact;
-- NULL if it has no end yet.
SELECT person, bit, CASE WHEN COUNT(free_on) = COUNT(*) THEN MAX(free_on) END AS free_on
FROM (
    SELECT person, bit, until_on AS free_on FROM holds_now
    {{ caps_free_on }}
) AS sources
GROUP BY person, bit;

-- name: people
-- keep: result
-- One row per person of the block, in the order of the book; the contract that leads is given by
-- its place in the block.
SELECT
    COALESCE(t.contracts, 0) AS contracts,
    COALESCE(t.overdue_contracts, 0) AS overdue_contracts,
    COALESCE(t.undecided_contracts, 0) AS undecided_contracts,
    t.overdue_base_minor, t.exposure_base_minor, t.worst_dpd, t.worst_class_no,
    l.loan - {{ loan_from }} AS leading_place, l.treatment, l.channel, l.priority,
    l.segment_row, l.treatment_row, l.points_bits, l.blocked_bits, l.block_bits,
    COALESCE(t.leading_key >= 2305843009213693952, FALSE) AS is_work
FROM persons AS p
LEFT JOIN person_totals AS t ON t.person = p.person
LEFT JOIN decisions AS l ON l.loan = {{ loan_from }} + 1048575 - (t.leading_key & 1048575)
ORDER BY p.person NULLS LAST;

-- name: free_on
-- keep: result
-- One row per person and source of refusal, for the people whose contact is refused today.
SELECT person - {{ person_from }} AS place, bit, free_on
FROM block_free_on
ORDER BY place NULLS LAST, bit NULLS LAST;
