-- The facts of every contract in the block, from the book and from the kernel's trace.
-- Places filled by the run: {as_of} the business date; the block's bounds; lists made from the
-- pack's and the strategy's caps and holds. Amounts are int64 minor units unless named base.

-- name: recent_contacts
-- keep: table
-- One row per contact of the last days that any count looks back on, both directions.
SELECT person, contact_id, "at", local_on, channel, direction, party, outcome,
    direction = 'out' AND local_on > {{ as_of }} - 7 AS out_7d
FROM contacts
WHERE person >= {{ person_from }} AND person < {{ person_until }}
    AND local_on > {{ as_of }} - {{ contact_days }} AND local_on <= {{ as_of }};

-- name: person_contacts
-- keep: table
-- One row per person with a recent contact: outgoing contacts in the last seven days by channel
-- (robot calls are calls), and for each cap in force the contacts that count towards it.
SELECT
    person,
    CAST(SUM(CASE WHEN out_7d AND channel IN ('call', 'ai_call') THEN 1 ELSE 0 END) AS INTEGER) AS contacts_7d_call,
    CAST(SUM(CASE WHEN out_7d AND channel = 'sms' THEN 1 ELSE 0 END) AS INTEGER) AS contacts_7d_sms,
    CAST(SUM(CASE WHEN out_7d AND channel = 'email' THEN 1 ELSE 0 END) AS INTEGER) AS contacts_7d_email,
    CAST(SUM(CASE WHEN out_7d AND channel = 'letter' THEN 1 ELSE 0 END) AS INTEGER) AS contacts_7d_letter,
    CAST(SUM(CASE WHEN out_7d AND channel = 'visit' THEN 1 ELSE 0 END) AS INTEGER) AS contacts_7d_visit
    {{ cap_counts }}
FROM recent_contacts
GROUP BY person;

-- name: holds_now
-- keep: table
-- One row per hold in force on the business date: whom it binds and the bit of its source.
SELECT person, loan, until_on, {{ hold_bit }} AS bit
FROM holds
WHERE person >= {{ person_from }} AND person < {{ person_until }}
    AND from_on <= {{ as_of }} AND (until_on IS NULL OR until_on > {{ as_of }});

-- name: person_holds
-- keep: table
-- One row per person with a hold on all of the person's contracts.
SELECT person, BIT_OR(bit) AS bits FROM holds_now WHERE loan IS NULL GROUP BY person;

-- name: loan_holds
-- keep: table
-- One row per contract with a hold of its own.
SELECT loan, BIT_OR(bit) AS bits FROM holds_now WHERE loan IS NOT NULL GROUP BY loan;

-- name: person_promises
-- keep: table
-- One row per person with promises that name no contract: how many broke in the last 180 days
-- (status 3), and whether one is still running (status 0).
SELECT
    person,
    CAST(SUM(CASE WHEN status = 3 AND due_on > {{ as_of }} - 180 THEN 1 ELSE 0 END) AS INTEGER) AS broken,
    SUM(CASE WHEN status = 0 THEN 1 ELSE 0 END) AS running
FROM promise_results
WHERE loan IS NULL
GROUP BY person;

-- name: loan_promises
-- keep: table
-- One row per contract with promises of its own, counted alike.
SELECT
    loan,
    CAST(SUM(CASE WHEN status = 3 AND due_on > {{ as_of }} - 180 THEN 1 ELSE 0 END) AS INTEGER) AS broken,
    SUM(CASE WHEN status = 0 THEN 1 ELSE 0 END) AS running
FROM promise_results
WHERE loan IS NOT NULL
GROUP BY loan;

-- name: outside_now
-- keep: table
-- One row per person of whose claims at other banks something is known: the latest word on or
-- before the business date.
SELECT person, claims_all_banks_minor, overdue_90_all_banks_minor, npl_elsewhere
FROM (
    SELECT
        person, claims_all_banks_minor, overdue_90_all_banks_minor, npl_elsewhere,
        ROW_NUMBER() OVER (PARTITION BY person ORDER BY as_of DESC NULLS LAST) AS place
    FROM outside
    WHERE person >= {{ person_from }} AND person < {{ person_until }}
        AND (as_of IS NULL OR as_of <= {{ as_of }})
) AS dated
WHERE place = 1;

-- name: loan_collateral
-- keep: table
-- One row per contract with appraised collateral: its value in all, in the contract's currency.
SELECT loan, CAST(SUM(value_minor) AS BIGINT) AS collateral_minor
FROM collateral
WHERE loan >= {{ loan_from }} AND loan < {{ loan_until }} AND value_minor IS NOT NULL
GROUP BY loan;

-- name: person_facts
-- keep: view
-- One row per person of the block: what its contracts share. Every person has its row, so that the
-- contracts meet them without being parted into those that match and those that do not: small parts
-- would make every rule below cost several times as much.
SELECT
    p.person,
    p.kind,
    p.language,
    p.vulnerable,
    COALESCE(p.unread_holds, 0) > 0 AS unread_holds,
    COALESCE(p.unread_contacts, 0) > 0 AS unread_contacts,
    {{ deceased }} AS deceased,
    {{ bankrupt }} AS bankrupt,
    {{ has_phone }} AS has_phone,
    {{ has_email }} AS has_email,
    COALESCE(c.contacts_7d_call, 0) AS contacts_7d_call,
    COALESCE(c.contacts_7d_sms, 0) AS contacts_7d_sms,
    COALESCE(c.contacts_7d_email, 0) AS contacts_7d_email,
    COALESCE(c.contacts_7d_letter, 0) AS contacts_7d_letter,
    COALESCE(c.contacts_7d_visit, 0) AS contacts_7d_visit,
    COALESCE(pp.broken, 0) AS broken,
    COALESCE(pp.running, 0) AS running,
    COALESCE(ph.bits, 0) AS bits,
    {{ cap_bits }} AS cap_bits,
    o.npl_elsewhere,
    CASE WHEN o.claims_all_banks_minor > 0
        THEN CAST((CAST(o.overdue_90_all_banks_minor AS HUGEINT) * 1000000 + o.claims_all_banks_minor - 1)
            // o.claims_all_banks_minor AS BIGINT)
    END AS overdue_90_share_all_banks_ppm{{ arms }}
FROM (SELECT *{{ lots }} FROM persons) AS p
LEFT JOIN person_contacts AS c ON c.person = p.person
LEFT JOIN person_holds AS ph ON ph.person = p.person
LEFT JOIN person_promises AS pp ON pp.person = p.person
LEFT JOIN outside_now AS o ON o.person = p.person;

-- name: loan_facts
-- keep: table
-- One row per contract of the block: what other tables of the book say of it alone.
SELECT
    l.loan,
    COALESCE(lp.broken, 0) AS broken,
    COALESCE(lp.running, 0) AS running,
    COALESCE(lh.bits, 0) AS bits,
    v.collateral_minor
FROM loans AS l
LEFT JOIN loan_holds AS lh ON lh.loan = l.loan
LEFT JOIN loan_promises AS lp ON lp.loan = l.loan
LEFT JOIN loan_collateral AS v ON v.loan = l.loan;

-- name: facts
-- keep: view
-- One row per contract of the block: every fact that a rule of the pack or a table of the strategy
-- may ask for. A figure that could not be computed is NULL, never zero. overdue_minor and
-- exposure_minor are in the base currency, *_own_minor in the contract's.
SELECT
    *,
    {{ overdue_base }} AS overdue_minor,
    {{ exposure_base }} AS exposure_minor,
    {{ principal_base }} AS principal_base_minor,
    CASE WHEN expected_credit_loss_minor IS NOT NULL AND exposure_own_minor > 0
        THEN CAST(CAST(expected_credit_loss_minor AS HUGEINT) * 1000000 // exposure_own_minor AS BIGINT)
    END AS ecl_share_ppm,
    CASE WHEN collateral_minor > 0
        THEN CAST((CAST(exposure_own_minor AS HUGEINT) * 1000000 + collateral_minor - 1) // collateral_minor AS BIGINT)
    END AS ltv_ppm,
    {{ bucket_no }} AS bucket_no,
    {{ bucket_prev_no }} AS bucket_prev_no,
    ({{ previous_npl }} OR npl_episode) AND dpd <= {{ npl_over_days }} AS npl_before,
    COALESCE(
        dpd = 0 AND clean_periods >= {{ upgrade_periods }}
        AND CAST(clean_since_on + INTERVAL '{{ upgrade_months }}' MONTH AS DATE) <= {{ as_of }},
        FALSE
    ) AS upgrade_earned
FROM (
    SELECT
        l.*,
        p.kind,
        p.language,
        p.vulnerable,
        p.unread_holds,
        p.unread_contacts,
        p.deceased,
        p.bankrupt,
        p.has_phone,
        p.has_email,
        l.overdue_principal_minor + l.overdue_interest_minor + l.overdue_fee_minor AS overdue_own_minor,
        l.outstanding_principal_minor + l.overdue_interest_minor + l.overdue_fee_minor AS exposure_own_minor,
        l.next_due_on - {{ as_of }} AS days_to_due,
        CASE
            WHEN l.restructured_on IS NULL THEN FALSE
            WHEN l.restructured_on > {{ as_of }} THEN FALSE
            ELSE l.financial_difficulty
        END AS restructured,
        COALESCE(l.judged_overdue_technical, FALSE) AS technical,
        p.contacts_7d_call,
        p.contacts_7d_sms,
        p.contacts_7d_email,
        p.contacts_7d_letter,
        p.contacts_7d_visit,
        p.broken + f.broken AS broken_promises_6m,
        p.running + f.running > 0 AS open_promise,
        (p.bits | f.bits) AS hold_bits,
        p.cap_bits,
        p.npl_elsewhere,
        p.overdue_90_share_all_banks_ppm,
        f.collateral_minor{{ arms_of_person }}
    FROM loans AS l
    JOIN person_facts AS p ON p.person = l.person
    JOIN loan_facts AS f ON f.loan = l.loan
) AS joined;
