-- What is to be done: class as a word, segment, treatment, priority, and the first channel that no
-- hold, cap or missing number forbids. Tables of the strategy are compiled into the places.

-- name: graded
-- keep: view
-- One row per contract: the final class as number and word, bucket names, movement since 30 days ago.
SELECT
    *,
    CASE asset_class_no WHEN 0 THEN 'normal' WHEN 1 THEN 'special_mention' WHEN 2 THEN 'substandard'
        WHEN 3 THEN 'doubtful' WHEN 4 THEN 'loss' ELSE 'unknown' END AS asset_class,
    {{ bucket }} AS bucket,
    CASE
        WHEN bucket_no IS NULL THEN NULL
        WHEN bucket_prev_no = 0 AND bucket_no > 0 THEN 'new'
        WHEN bucket_no < bucket_prev_no THEN 'better'
        WHEN bucket_no > bucket_prev_no THEN 'worse'
        ELSE 'same'
    END AS roll,
    {{ ratios }},
    {{ hold_flags }}
FROM (
    SELECT
        *,
        CASE WHEN unknown_why IS NOT NULL THEN -1
            ELSE GREATEST(own_class, debtor_class, {{ matrix_class }}) END AS asset_class_no
    FROM classified
) AS final_class;

-- name: segmented
-- keep: view
-- One row per contract: its segment and the row of the segment table that said so.
SELECT *, {{ segment }} AS segment FROM (SELECT *, {{ segment_row }} AS segment_row FROM graded) AS looked_up;

-- name: enrolled
-- keep: view
-- One row per contract: the experiment for which the table of eligibility names it, and the arm of
-- its person there; NULL where it takes no part.
SELECT *, {{ arm }} AS arm
FROM (
    SELECT *, {{ experiment }} AS experiment
    FROM (SELECT *, {{ eligible_row }} AS eligible_row FROM segmented) AS looked_up
) AS taking_part;

-- name: decisions
-- keep: both
-- One row per contract: what the flow adds to the contract's own columns, and what its person is
-- summed up from. Treatment, the rows behind it, priority, and what forbids contact; lists are still
-- bits and row numbers, which the run writes out as ids. The run puts the rows in the order of the
-- book, by the contract's number: sorting them here would move every column.
-- Priority = points of the strategy's table (0 to 9,999) x 100,000,000 + overdue amount in whole
-- units of the base currency (at most 99,999,999); block_bits has one bit for each hold, cap or
-- missing number.
SELECT
    loan, person, kind, dpd, bucket, asset_class, asset_class_no, roll,
    own_bits, own_open, debtor_bits, debtor_open, own_class, debtor_class, matrix_row, unknown_why,
    paid_ratio_3m_bp, paid_ratio_6m_bp, paid_ratio_12m_bp, broken_promises_6m,
    contacts_7d_call, contacts_7d_sms, contacts_7d_email, contacts_7d_letter, contacts_7d_visit,
    overdue_minor AS overdue_base_minor, exposure_minor AS exposure_base_minor,
    exposure_own_minor AS exposure_minor, principal_base_minor, experiment, arm,
    segment, segment_row, treatment, treatment_row, points_bits, block_bits,
    LEAST(GREATEST(COALESCE(CAST(points AS BIGINT), 0), 0), 9999) * 100000000
        + LEAST(GREATEST(COALESCE(overdue_minor, 0) // {{ minor_per_unit }}, 0), 99999999) AS priority,
    {{ channel }} AS channel,
    {{ blocked_bits }} AS blocked_bits,
    {{ has_channels }} AS has_channels,
    {{ work_stopped }} AS work_stopped
FROM (
    SELECT
        *,
        {{ points }} AS points,
        {{ points_bits }} AS points_bits,
        (hold_bits | cap_bits | {{ fact_bits }}) AS block_bits
    FROM (
        SELECT *, {{ treatment }} AS treatment
        FROM (SELECT *, {{ treatment_row }} AS treatment_row FROM enrolled) AS looked_up
    ) AS with_treatment
) AS chosen;
