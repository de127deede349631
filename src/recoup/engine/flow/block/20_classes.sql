-- The class of every contract: floors of law over its own facts, then over all claims of its debtor.
-- Classes are numbers here: 0 normal, 1 special mention, 2 substandard, 3 doubtful, 4 loss, -1 unknown.
-- Each rule row has a bit: set in *_bits when it holds, in *_open when a fact is missing.

-- name: own_class
-- keep: view
-- One row per contract: the worst floor among the rules over its own facts.
SELECT *, {{ own_class }} AS own_class
FROM (SELECT *, {{ own_bits }} AS own_bits, {{ own_open }} AS own_open FROM facts) AS looked_at;

-- name: non_retail_claims
-- keep: view
-- One row per non-retail person with claims in force: how many, how many can be valued, what they
-- come to, and what of it is non-performing.
SELECT
    person,
    COUNT(*) AS claims,
    SUM(CASE WHEN own_class >= 2 THEN 1 ELSE 0 END) AS npl_claims,
    CASE WHEN BOOL_OR(COALESCE(credit_impaired, FALSE)) THEN TRUE
        WHEN COUNT(credit_impaired) < COUNT(*) THEN NULL
        ELSE FALSE END AS debtor_credit_impaired,
    CASE WHEN MIN(currency) = MAX(currency) THEN COUNT(exposure_own_minor)
        ELSE COUNT(exposure_minor) END AS valued,
    CASE WHEN MIN(currency) = MAX(currency) THEN SUM(exposure_own_minor)
        ELSE SUM(exposure_minor) END AS claims_minor,
    CASE WHEN MIN(currency) = MAX(currency) THEN SUM(CASE WHEN own_class >= 2 THEN exposure_own_minor END)
        ELSE SUM(CASE WHEN own_class >= 2 THEN exposure_minor END) END AS npl_minor
FROM own_class
WHERE kind = 'non_retail' AND status = 'active'
GROUP BY person;

-- name: debtor_claims
-- keep: table
-- One row per person of the block: what all claims of a non-retail person together say. Shares are
-- NULL where a claim cannot be valued; shares in parts per million are rounded up, so that "more than
-- ten percent" is exact. A debtor without claims in force has nothing non-performing or impaired
-- here: that is known, not unknown.
SELECT
    p.person,
    COALESCE(d.npl_claims > 0, FALSE) AS npl_in_bank,
    CASE WHEN d.person IS NULL THEN FALSE ELSE d.debtor_credit_impaired END AS debtor_credit_impaired,
    CASE WHEN d.person IS NULL OR d.npl_claims = 0 THEN 0
        WHEN d.valued = d.claims AND d.claims_minor > 0
        THEN CAST((d.npl_minor * 1000000 + d.claims_minor - 1) // d.claims_minor AS BIGINT)
    END AS npl_share_same_bank_ppm
FROM persons AS p
LEFT JOIN non_retail_claims AS d ON d.person = p.person;

-- name: classified
-- keep: view
-- One row per contract: the final class, which rows made it, which could not be looked at.
SELECT
    *,
    CASE
        WHEN bad_code IS NOT NULL THEN 'rows_refused'
        WHEN {{ old_rule }} THEN 'old_rule_applies'
        WHEN {{ silent }} THEN 'pack_silent'
        WHEN kind = 'non_retail' AND status = 'active' AND own_class < 2 AND npl_in_bank
            AND npl_share_same_bank_ppm IS NULL THEN 'shares_unknown'
    END AS unknown_why
FROM (
    SELECT *, {{ debtor_class }} AS debtor_class
    FROM (
        SELECT *, {{ debtor_bits }} AS debtor_bits, {{ debtor_open }} AS debtor_open, {{ matrix_row }} AS matrix_row
        FROM (
            SELECT
                o.*,
                d.npl_in_bank,
                d.debtor_credit_impaired,
                d.npl_share_same_bank_ppm
            FROM own_class AS o
            JOIN debtor_claims AS d ON d.person = o.person
        ) AS with_debtor
    ) AS second_look
) AS both_looks;
