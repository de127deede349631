-- An independent twin of allocation and delinquency, in plain SQL over the whole book. No loop and
-- no running state: what was due and what was received are added up along a loan, and every figure
-- follows from where the two sums stand. Written from docs/algorithms, not from the kernel's code.
--
-- Given: loans (loan, late_from_dpd, observe_from), dues (loan, seq, due_on, *_minor),
-- receipts (loan, paid_on, payment_id, amount_minor, is_waiver; without reversed ones), and the
-- variables as_of, npl_over_days, upgrade_months, upgrade_periods, observe_months, observe_periods.
-- Orders of discharge: fee, interest, principal; on a late day principal, interest, fee.

-- One row per instalment that asks for anything: the stretch of the loan's money that it wants.
CREATE OR REPLACE TEMP TABLE wanted AS
SELECT *, wanted_until - total_minor AS wanted_from
FROM (
    SELECT
        loan, seq, due_on, principal_minor, interest_minor, fee_minor,
        principal_minor + interest_minor + fee_minor AS total_minor,
        CAST(SUM(principal_minor + interest_minor + fee_minor) OVER (
            PARTITION BY loan ORDER BY due_on, seq ROWS UNBOUNDED PRECEDING
        ) AS BIGINT) AS wanted_until
    FROM dues
) AS running
WHERE total_minor > 0;

-- One row per loan and day of payment: the stretch of money that came in on that day.
CREATE OR REPLACE TEMP TABLE given AS
SELECT *, given_until - amount_minor AS given_from
FROM (
    SELECT
        loan, paid_on, amount_minor,
        CAST(SUM(amount_minor) OVER (
            PARTITION BY loan ORDER BY paid_on ROWS UNBOUNDED PRECEDING
        ) AS BIGINT) AS given_until
    FROM (
        SELECT loan, paid_on, CAST(SUM(amount_minor) AS BIGINT) AS amount_minor
        FROM receipts
        WHERE paid_on <= getvariable('as_of')
        GROUP BY loan, paid_on
    ) AS days
) AS running;

-- One row per instalment: the day whose money reached its end, and how much of it is filled.
CREATE OR REPLACE TEMP TABLE covered AS
SELECT
    w.*, g.paid_on AS covered_on,
    LEAST(GREATEST(COALESCE(s.given_minor, 0) - w.wanted_from, 0), w.total_minor) AS filled_minor
FROM wanted AS w
ASOF LEFT JOIN given AS g ON w.loan = g.loan AND w.wanted_until <= g.given_until
LEFT JOIN (SELECT loan, MAX(given_until) AS given_minor FROM given GROUP BY loan) AS s
    ON s.loan = w.loan;

-- One row per loan and day of payment: whether the day opened so late that principal goes first.
CREATE OR REPLACE TEMP TABLE openings AS
SELECT g.*, COALESCE(l.late_from_dpd > 0 AND g.paid_on - w.due_on >= l.late_from_dpd, FALSE) AS late
FROM given AS g
JOIN loans AS l ON l.loan = g.loan
ASOF LEFT JOIN wanted AS w ON g.loan = w.loan AND g.given_from < w.wanted_until;

-- One row per instalment that is filled in part: the money in it by the order it was placed in.
-- Its first day may still have opened late by an older instalment (first_late); then come days that
-- were not late (early), then days late by the instalment itself (then_late).
CREATE OR REPLACE TEMP TABLE partly AS
SELECT
    loan, seq,
    CAST(SUM(CASE WHEN late AND place = 1 THEN amount ELSE 0 END) AS BIGINT) AS first_late,
    CAST(SUM(CASE WHEN NOT late THEN amount ELSE 0 END) AS BIGINT) AS early,
    CAST(SUM(CASE WHEN late AND place > 1 THEN amount ELSE 0 END) AS BIGINT) AS then_late
FROM (
    SELECT
        c.loan, c.seq, o.late,
        LEAST(c.wanted_until, o.given_until) - GREATEST(c.wanted_from, o.given_from) AS amount,
        ROW_NUMBER() OVER (PARTITION BY c.loan, c.seq ORDER BY o.paid_on) AS place
    FROM covered AS c
    JOIN openings AS o
        ON o.loan = c.loan AND o.given_until > c.wanted_from AND o.given_from < c.wanted_until
    WHERE c.filled_minor > 0 AND c.filled_minor < c.total_minor
) AS pieces
GROUP BY loan, seq;

-- One row per instalment: what of each part is open.
CREATE OR REPLACE TEMP TABLE rests AS
WITH zero AS (
    SELECT
        c.loan, c.seq, c.due_on, c.covered_on, c.total_minor - c.filled_minor AS rest_minor,
        c.principal_minor AS p, c.interest_minor AS i, c.fee_minor AS f,
        CASE WHEN c.covered_on IS NOT NULL THEN c.total_minor ELSE COALESCE(t.first_late, 0) END
            AS first_late,
        COALESCE(t.early, 0) AS early, COALESCE(t.then_late, 0) AS then_late
    FROM covered AS c
    LEFT JOIN partly AS t ON t.loan = c.loan AND t.seq = c.seq
), one AS (
    SELECT * REPLACE (
        p - LEAST(first_late, p) AS p,
        i - LEAST(GREATEST(first_late - p, 0), i) AS i,
        f - LEAST(GREATEST(first_late - p - i, 0), f) AS f
    ) FROM zero
), two AS (
    SELECT * REPLACE (
        f - LEAST(early, f) AS f,
        i - LEAST(GREATEST(early - f, 0), i) AS i,
        p - LEAST(GREATEST(early - f - i, 0), p) AS p
    ) FROM one
)
SELECT
    loan, seq, due_on, covered_on, rest_minor,
    p - LEAST(then_late, p) AS open_principal,
    i - LEAST(GREATEST(then_late - p, 0), i) AS open_interest,
    f - LEAST(GREATEST(then_late - p - i, 0), f) AS open_fee
FROM two;

-- One row per loan with an open instalment: sums over what is open.
CREATE OR REPLACE TEMP TABLE open_sums AS
SELECT
    loan,
    CAST(SUM(open_principal) AS BIGINT) AS outstanding_principal_minor,
    CAST(SUM(open_principal) FILTER (due_on < getvariable('as_of')) AS BIGINT)
        AS overdue_principal_minor,
    CAST(SUM(open_interest) FILTER (due_on < getvariable('as_of')) AS BIGINT)
        AS overdue_interest_minor,
    CAST(SUM(open_fee) FILTER (due_on < getvariable('as_of')) AS BIGINT) AS overdue_fee_minor,
    COUNT(*) FILTER (due_on < getvariable('as_of')) AS overdue_instalments,
    MIN(due_on) FILTER (due_on < getvariable('as_of')) AS oldest_overdue_on,
    MIN(due_on) FILTER (due_on >= getvariable('as_of')) AS next_due_on,
    ARG_MIN(rest_minor, (due_on, seq)) FILTER (due_on >= getvariable('as_of')) AS next_due_minor
FROM rests
WHERE covered_on IS NULL
GROUP BY loan;

-- One row per loan, evening of the last 365 days and instalment overdue on it; then the worst.
CREATE OR REPLACE TEMP TABLE evenings AS
SELECT
    loan,
    MAX(evening - due_on) AS max_dpd_12m,
    MAX(evening - due_on) FILTER (evening = getvariable('as_of')) AS dpd,
    MAX(evening - due_on) FILTER (evening = getvariable('as_of') - 30) AS dpd_prev
FROM (
    SELECT loan, due_on, CAST(UNNEST(GENERATE_SERIES(
        GREATEST(due_on + 1, getvariable('as_of') - 364),
        LEAST(COALESCE(covered_on - 1, getvariable('as_of')), getvariable('as_of')),
        INTERVAL 1 DAY
    )) AS DATE) AS evening
    FROM covered
    WHERE due_on + 1 < COALESCE(covered_on, getvariable('as_of') + 1)
) AS overdue
GROUP BY loan;

-- One row per loan that was ever more than 30 days past due: the first evening on which some
-- instalment, overdue by then, was due more than 30 (90) days before. Walked evening by evening.
CREATE OR REPLACE TEMP TABLE first_over AS
SELECT
    loan,
    MIN(evening) FILTER (evening - due_on > 30) AS first_over_30_on,
    MIN(evening) FILTER (evening - due_on > 90) AS first_over_90_on
FROM (
    SELECT loan, due_on, CAST(UNNEST(GENERATE_SERIES(
        due_on + 30,
        LEAST(
            COALESCE(covered_on - 1, getvariable('as_of')), getvariable('as_of'), due_on + 100
        ),
        INTERVAL 1 DAY
    )) AS DATE) AS evening
    FROM covered
    WHERE due_on + 30 < COALESCE(covered_on, getvariable('as_of') + 1)
) AS long_overdue
GROUP BY loan;

-- One row per loan with payments: sums by kind and time.
CREATE OR REPLACE TEMP TABLE paid_sums AS
SELECT
    loan,
    CAST(SUM(amount_minor) FILTER (NOT is_waiver) AS BIGINT) AS received_minor,
    CAST(SUM(amount_minor) FILTER (is_waiver) AS BIGINT) AS waived_minor,
    CAST(SUM(amount_minor) AS BIGINT) AS all_minor,
    MAX(paid_on) FILTER (NOT is_waiver) AS last_paid_on,
    CAST(SUM(amount_minor) FILTER (NOT is_waiver AND getvariable('as_of') - paid_on < 90) AS BIGINT)
        AS paid_90,
    CAST(SUM(amount_minor) FILTER (NOT is_waiver AND getvariable('as_of') - paid_on < 180) AS BIGINT)
        AS paid_180,
    CAST(SUM(amount_minor) FILTER (NOT is_waiver AND getvariable('as_of') - paid_on < 365) AS BIGINT)
        AS paid_365
FROM receipts
WHERE paid_on <= getvariable('as_of')
GROUP BY loan;

-- One row per loan with instalments: sums over what fell due, paid or not.
CREATE OR REPLACE TEMP TABLE due_sums AS
SELECT
    loan,
    CAST(SUM(total_minor) AS BIGINT) AS all_minor,
    CAST(SUM(total_minor) FILTER (days BETWEEN 0 AND 89) AS BIGINT) AS due_90,
    CAST(SUM(total_minor) FILTER (days BETWEEN 0 AND 179) AS BIGINT) AS due_180,
    CAST(SUM(total_minor) FILTER (days BETWEEN 0 AND 364) AS BIGINT) AS due_365
FROM (SELECT *, getvariable('as_of') - due_on AS days FROM wanted) AS aged
GROUP BY loan;

-- One row per repayment period up to the business date that was paid by its due day.
CREATE OR REPLACE TEMP TABLE kept_periods AS
SELECT loan, due_on
FROM covered
WHERE due_on <= getvariable('as_of')
GROUP BY loan, due_on
HAVING COUNT(covered_on) = COUNT(*) AND MAX(covered_on) <= due_on;

-- One row per late instalment: how late, and what comes after it (another late one, or today).
CREATE OR REPLACE TEMP TABLE lates AS
SELECT
    loan, seq, due_on, covered_on,
    LEAST(COALESCE(covered_on - 1, getvariable('as_of')), getvariable('as_of')) - due_on AS days,
    ROW_NUMBER() OVER (PARTITION BY loan ORDER BY due_on, seq) AS place,
    COALESCE(LEAD(due_on) OVER (PARTITION BY loan ORDER BY due_on, seq), getvariable('as_of'))
        AS until
FROM covered
WHERE due_on < COALESCE(covered_on, getvariable('as_of'));

-- One row per late instalment: whether good standing was earned back before the next one.
CREATE OR REPLACE TEMP TABLE earned AS
SELECT
    l.*,
    l.covered_on IS NOT NULL
        AND COUNT(k.due_on) >= getvariable('upgrade_periods')
        AND l.covered_on + to_months(getvariable('upgrade_months')) <= l.until AS is_earned
FROM lates AS l
LEFT JOIN kept_periods AS k
    ON k.loan = l.loan AND k.due_on > l.covered_on AND k.due_on <= l.until
GROUP BY l.loan, l.seq, l.due_on, l.covered_on, l.days, l.place, l.until;

-- One row per loan that was ever late: is there an episode since the last time it was earned back?
CREATE OR REPLACE TEMP TABLE episodes AS
SELECT
    loan,
    BOOL_OR(days > getvariable('npl_over_days')) AS ever_over_days,
    BOOL_OR(days > getvariable('npl_over_days') AND earned_later = 0) AS npl_episode,
    CASE WHEN COUNT(covered_on) = COUNT(*) THEN MAX(covered_on) END AS clean_since
FROM (
    SELECT *, SUM(CASE WHEN is_earned THEN 1 ELSE 0 END) OVER (
        PARTITION BY loan ORDER BY place ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
    ) AS earned_later
    FROM earned
) AS looking_on
GROUP BY loan;

CREATE OR REPLACE TEMP TABLE clean AS
SELECT e.loan, COUNT(k.due_on) AS clean_periods
FROM episodes AS e
JOIN kept_periods AS k ON k.loan = e.loan AND k.due_on > e.clean_since
GROUP BY e.loan;

-- One row per beginning of an observation: the first, and each late instalment after it.
CREATE OR REPLACE TEMP TABLE beginnings AS
SELECT
    b.loan, b.place, b.begins_on, COUNT(k.due_on) AS periods,
    COUNT(k.due_on) >= getvariable('observe_periods')
        AND b.begins_on + to_months(getvariable('observe_months')) <= b.until AS is_observed
FROM (
    SELECT
        *, COALESCE(
            LEAD(begins_on) OVER (PARTITION BY loan ORDER BY place), getvariable('as_of')
        ) AS until
    FROM (
        SELECT loan, 0 AS place, observe_from AS begins_on FROM loans WHERE observe_from IS NOT NULL
        UNION ALL
        SELECT l.loan, l.place, l.due_on
        FROM lates AS l
        JOIN loans AS o ON o.loan = l.loan AND l.due_on >= o.observe_from
    ) AS all_beginnings
) AS b
LEFT JOIN kept_periods AS k
    ON k.loan = b.loan AND k.due_on > b.begins_on AND k.due_on <= b.until
GROUP BY b.loan, b.place, b.begins_on, b.until;

-- One row per observed loan: the beginning that decides (the first that was completed, else the
-- last), and the day by which enough periods have come.
CREATE OR REPLACE TEMP TABLE observations AS
SELECT
    d.loan, d.begins_on AS observation_from, d.periods AS observation_periods,
    NOT d.is_observed AS is_open,
    GREATEST(
        CAST(d.begins_on + to_months(getvariable('observe_months')) AS DATE),
        COALESCE((
            SELECT MAX(due_on) FROM (
                SELECT DISTINCT w.due_on FROM wanted AS w
                WHERE w.loan = d.loan AND w.due_on > d.begins_on
                ORDER BY w.due_on LIMIT getvariable('observe_periods')
            ) AS enough
        ), d.begins_on)
    ) AS observation_until
FROM (
    SELECT *, ROW_NUMBER() OVER (
        PARTITION BY loan ORDER BY is_observed DESC, CASE WHEN is_observed THEN place ELSE -place END
    ) AS choice
    FROM beginnings
) AS d
WHERE choice = 1;

-- One row per loan: every figure, days as dates, in the order of the book.
CREATE OR REPLACE TEMP TABLE twin AS
SELECT
    l.loan,
    COALESCE(v.dpd, 0) AS dpd,
    COALESCE(v.dpd_prev, 0) AS dpd_prev,
    COALESCE(v.max_dpd_12m, 0) AS max_dpd_12m,
    COALESCE(o.overdue_principal_minor, 0) AS overdue_principal_minor,
    COALESCE(o.overdue_interest_minor, 0) AS overdue_interest_minor,
    COALESCE(o.overdue_fee_minor, 0) AS overdue_fee_minor,
    COALESCE(o.outstanding_principal_minor, 0) AS outstanding_principal_minor,
    COALESCE(o.overdue_instalments, 0) AS overdue_instalments,
    o.oldest_overdue_on,
    COALESCE(p.paid_90, 0) AS paid_90,
    COALESCE(p.paid_180, 0) AS paid_180,
    COALESCE(p.paid_365, 0) AS paid_365,
    COALESCE(d.due_90, 0) AS due_90,
    COALESCE(d.due_180, 0) AS due_180,
    COALESCE(d.due_365, 0) AS due_365,
    COALESCE(p.received_minor, 0) AS received_minor,
    COALESCE(p.waived_minor, 0) AS waived_minor,
    GREATEST(COALESCE(p.all_minor, 0) - COALESCE(d.all_minor, 0), 0) AS surplus_minor,
    p.last_paid_on,
    o.next_due_on,
    COALESCE(o.next_due_minor, 0) AS next_due_minor,
    COALESCE(e.ever_over_days, FALSE) AS ever_over_days,
    COALESCE(e.npl_episode, FALSE) AND o.loan IS NOT NULL AS npl_episode,
    e.clean_since,
    COALESCE(c.clean_periods, 0) AS clean_periods,
    b.observation_until,
    COALESCE(b.is_open, FALSE) AND o.loan IS NOT NULL AS in_observation,
    b.observation_from,
    COALESCE(b.observation_periods, 0) AS observation_periods,
    f.first_over_30_on,
    f.first_over_90_on
FROM loans AS l
LEFT JOIN open_sums AS o ON o.loan = l.loan
LEFT JOIN evenings AS v ON v.loan = l.loan
LEFT JOIN first_over AS f ON f.loan = l.loan
LEFT JOIN paid_sums AS p ON p.loan = l.loan
LEFT JOIN due_sums AS d ON d.loan = l.loan
LEFT JOIN episodes AS e ON e.loan = l.loan
LEFT JOIN clean AS c ON c.loan = l.loan
LEFT JOIN observations AS b ON b.loan = l.loan
ORDER BY l.loan;
