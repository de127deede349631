-- The questions that the morning page puts to one night's output. Each statement stands under its
-- name; the comment says what a row is. Amounts are minor units of the pack's base currency, as
-- converted by the night; an account without a known rate adds nothing to them and is counted as
-- without_rate. Marks filled in before a statement runs: {{ bucket_before }} (the bucket of dpd_prev
-- by the strategy), {{ as_of }} (the business date) and {{ month_ago }} (the day 30 days before).
--
-- On the book: an active contract that still owes something. A written-off or transferred contract
-- is not on the book; its arrears are counted apart.

-- name: places
-- A row is one product, branch and team with what it has on the book.
SELECT
    product,
    branch,
    team,
    count(*) AS accounts,
    count(*) - count(exposure_base_minor) AS without_rate,
    CAST(coalesce(sum(exposure_base_minor), 0) AS BIGINT) AS exposure_minor
FROM decisions
WHERE status = 'active' AND exposure_minor > 0
GROUP BY product, branch, team
ORDER BY product, branch, team;

-- name: arrears
-- A row is one product, branch and team with what it has in arrears, now and 30 days ago.
SELECT
    product,
    branch,
    team,
    count(*) FILTER (WHERE on_book AND dpd > 0) AS overdue_accounts,
    CAST(coalesce(sum(overdue_base_minor) FILTER (WHERE on_book AND dpd > 0), 0) AS BIGINT)
        AS overdue_minor,
    CAST(coalesce(sum(exposure_base_minor) FILTER (WHERE on_book AND dpd > 0), 0) AS BIGINT)
        AS overdue_exposure_minor,
    count(*) FILTER (WHERE on_book AND dpd > 30) AS over_30_accounts,
    CAST(coalesce(sum(exposure_base_minor) FILTER (WHERE on_book AND dpd > 30), 0) AS BIGINT)
        AS over_30_exposure_minor,
    count(*) FILTER (WHERE on_book AND dpd > 60) AS over_60_accounts,
    CAST(coalesce(sum(exposure_base_minor) FILTER (WHERE on_book AND dpd > 60), 0) AS BIGINT)
        AS over_60_exposure_minor,
    count(*) FILTER (WHERE on_book AND dpd > 90) AS over_90_accounts,
    CAST(coalesce(sum(exposure_base_minor) FILTER (WHERE on_book AND dpd > 90), 0) AS BIGINT)
        AS over_90_exposure_minor,
    count(*) FILTER (WHERE on_book AND non_performing) AS npl_accounts,
    CAST(coalesce(sum(exposure_base_minor) FILTER (WHERE on_book AND non_performing), 0) AS BIGINT)
        AS npl_exposure_minor,
    count(*) FILTER (WHERE NOT off_book AND dpd_prev > 0) AS overdue_accounts_before,
    count(*) FILTER (WHERE NOT off_book AND dpd_prev > 30) AS over_30_accounts_before,
    count(*) FILTER (WHERE NOT off_book AND dpd_prev > 60) AS over_60_accounts_before,
    count(*) FILTER (WHERE NOT off_book AND dpd_prev > 90) AS over_90_accounts_before,
    count(*) FILTER (WHERE off_book AND dpd > 0) AS off_book_accounts,
    CAST(coalesce(sum(overdue_base_minor) FILTER (WHERE off_book AND dpd > 0), 0) AS BIGINT)
        AS off_book_overdue_minor,
    count(*) FILTER (WHERE asset_class = 'unknown') AS unknown_accounts
FROM (
    SELECT
        *,
        status = 'active' AND exposure_minor > 0 AS on_book,
        status IN ('written_off', 'transferred') AS off_book,
        asset_class IN ('substandard', 'doubtful', 'loss') AS non_performing
    FROM decisions
    WHERE dpd > 0 OR dpd_prev > 0 OR asset_class NOT IN ('normal', 'special_mention')
) AS late_or_bad
GROUP BY product, branch, team
ORDER BY product, branch, team;

-- name: moves
-- A row is one step from a bucket 30 days ago to a bucket now. 'new' = the contract started within
-- the 30 days, 'paid_off' = nothing is owed any more. What was paid off without having been late 30
-- days ago is left out: the decisions do not tell whether that was last week or years ago.
SELECT
    CASE WHEN start_on > {{ month_ago }} THEN 'new' ELSE {{ bucket_before }} END AS before,
    CASE WHEN exposure_minor = 0 THEN 'paid_off' ELSE bucket END AS now,
    count(*) AS accounts,
    CAST(coalesce(sum(exposure_base_minor), 0) AS BIGINT) AS exposure_minor
FROM decisions
WHERE status NOT IN ('written_off', 'transferred')
    AND dpd IS NOT NULL AND dpd_prev IS NOT NULL AND bucket IS NOT NULL
    AND (exposure_minor > 0 OR dpd_prev > 0)
GROUP BY 1, 2
ORDER BY 1, 2;

-- name: vintages
-- A row is one quarter of start with one month on book in which its contracts were first more than 30
-- days past due, and one for 90 (NULL: never). Every contract decided counts, whatever became of it.
-- Month m of a contract ends on the day of the m-th month after its start; the day of the event falls
-- into the month that ends on it or next after it, and never before the first.
SELECT
    CAST(EXTRACT(year FROM start_on) AS INTEGER) AS start_year,
    CAST(EXTRACT(quarter FROM start_on) AS INTEGER) AS start_quarter,
    over_30_month,
    over_90_month,
    max(start_on) AS latest_start_on,
    count(*) AS accounts,
    count(*) FILTER (WHERE exposure_minor = 0) AS paid_off_accounts,
    count(*) - count(principal_base_minor) AS without_rate,
    CAST(coalesce(sum(principal_base_minor), 0) AS BIGINT) AS principal_minor
FROM (
    SELECT
        start_on,
        exposure_minor,
        principal_base_minor,
        CASE WHEN first_over_30_on IS NOT NULL THEN greatest(1, CAST(
            (EXTRACT(year FROM first_over_30_on) - EXTRACT(year FROM start_on)) * 12
            + EXTRACT(month FROM first_over_30_on) - EXTRACT(month FROM start_on)
            + CASE WHEN EXTRACT(day FROM first_over_30_on) > EXTRACT(day FROM start_on)
                THEN 1 ELSE 0 END AS INTEGER)) END AS over_30_month,
        CASE WHEN first_over_90_on IS NOT NULL THEN greatest(1, CAST(
            (EXTRACT(year FROM first_over_90_on) - EXTRACT(year FROM start_on)) * 12
            + EXTRACT(month FROM first_over_90_on) - EXTRACT(month FROM start_on)
            + CASE WHEN EXTRACT(day FROM first_over_90_on) > EXTRACT(day FROM start_on)
                THEN 1 ELSE 0 END AS INTEGER)) END AS over_90_month
    FROM decisions
    WHERE dpd IS NOT NULL AND start_on <= {{ as_of }}
) AS contracts_of_quarters
GROUP BY start_year, start_quarter, over_30_month, over_90_month
ORDER BY start_year, start_quarter, over_30_month NULLS LAST, over_90_month NULLS LAST;

-- name: classes
-- A row is one asset class on the book; contracts that could not be decided count wherever they are.
SELECT
    asset_class,
    count(*) AS accounts,
    CAST(coalesce(sum(exposure_base_minor), 0) AS BIGINT) AS exposure_minor
FROM decisions
WHERE asset_class = 'unknown' OR (status = 'active' AND exposure_minor > 0)
GROUP BY asset_class
ORDER BY asset_class;

-- name: binding
-- A row is one asset class on the book with one list of the rules that set it.
SELECT
    asset_class,
    asset_class_rules,
    count(*) AS accounts,
    CAST(coalesce(sum(exposure_base_minor), 0) AS BIGINT) AS exposure_minor
FROM decisions
WHERE len(asset_class_rules) > 0 AND status = 'active' AND exposure_minor > 0
GROUP BY asset_class, asset_class_rules
ORDER BY asset_class, asset_class_rules;

-- name: unexamined
-- A row is one list of rules that could not be examined, for contracts on the book or undecided.
SELECT asset_class_unexamined, count(*) AS accounts
FROM decisions
WHERE len(asset_class_unexamined) > 0
    AND (asset_class = 'unknown' OR (status = 'active' AND exposure_minor > 0))
GROUP BY asset_class_unexamined
ORDER BY asset_class_unexamined;

-- name: blocked
-- A row is one list of rules and holds that forbid contact now.
SELECT
    blocked_by,
    count(*) AS accounts,
    count(*) FILTER (WHERE dpd > 0) AS overdue_accounts,
    CAST(coalesce(sum(overdue_base_minor) FILTER (WHERE dpd > 0), 0) AS BIGINT) AS overdue_minor
FROM decisions
WHERE len(blocked_by) > 0
GROUP BY blocked_by
ORDER BY accounts DESC, blocked_by;

-- name: treatments
-- A row is one team, treatment and arm of an experiment.
SELECT
    team,
    treatment,
    experiment,
    arm,
    count(*) AS accounts,
    count(*) FILTER (WHERE len(blocked_by) > 0) AS blocked_accounts,
    CAST(coalesce(sum(overdue_base_minor) FILTER (WHERE dpd > 0), 0) AS BIGINT) AS overdue_minor
FROM decisions
GROUP BY team, treatment, experiment, arm
ORDER BY team, treatment, experiment, arm;

-- name: people_in_arrears
-- One row: how many people have at least one account in arrears on the book.
SELECT count(DISTINCT debtor_id) AS people
FROM decisions
WHERE status = 'active' AND exposure_minor > 0 AND dpd > 0;

-- name: people_to_reach
-- A row is one team: the people whose treatment is one that fills worklists and who may be contacted
-- through at least one channel today.
SELECT team, count(*) AS people
FROM people
WHERE channel IS NOT NULL AND treatment IN (SELECT DISTINCT treatment FROM worklist)
GROUP BY team
ORDER BY team;

-- name: listed
-- A row is one team and treatment on today's worklists: one line per person.
SELECT team, treatment, count(*) AS people
FROM worklist
GROUP BY team, treatment
ORDER BY team, treatment;

-- name: currencies
-- A row is one currency: what is on the book in it, in its own minor units.
SELECT
    currency,
    count(*) AS accounts,
    count(*) FILTER (WHERE exposure_base_minor IS NULL) AS without_rate,
    count(*) FILTER (WHERE dpd > 0) AS overdue_accounts,
    CAST(coalesce(sum(overdue_principal_minor + overdue_interest_minor + overdue_fee_minor), 0)
        AS BIGINT) AS overdue_minor,
    CAST(coalesce(sum(exposure_minor), 0) AS BIGINT) AS exposure_minor
FROM decisions
WHERE status = 'active' AND exposure_minor > 0
GROUP BY currency
ORDER BY accounts DESC, currency;

-- name: rejects
-- A row is one kind of finding in one table of the book, with one of its sentences as an example.
SELECT
    "table",
    code,
    severity,
    "column",
    count(*) AS findings,
    min(sentence_zh) AS sentence_zh,
    min(sentence_en) AS sentence_en
FROM rejects
GROUP BY "table", code, severity, "column"
ORDER BY
    CASE severity WHEN 'error' THEN 1 WHEN 'warning' THEN 2 ELSE 3 END,
    findings DESC, "table", code, "column";
