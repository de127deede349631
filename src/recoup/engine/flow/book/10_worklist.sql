-- The only statement that sees all persons at once.

-- name: worklist
-- keep: result
-- One row per person who is worked today: the team's lines by priority, within the team's capacity
-- for each treatment and for all of them together. Equal priority goes by debtor id.
SELECT team, place AS rank, debtor_id, treatment, channel, due_on, priority,
    contract_id, segment_row, treatment_row, points_bits
FROM (
    SELECT *, ROW_NUMBER() OVER (
        PARTITION BY team ORDER BY priority DESC NULLS LAST, debtor_id ASC NULLS LAST
    ) AS place
    FROM (
        SELECT c.*, k.most_of_treatment, k.most_of_team, ROW_NUMBER() OVER (
            PARTITION BY c.team, c.treatment ORDER BY c.priority DESC NULLS LAST, c.debtor_id ASC NULLS LAST
        ) AS place_in_treatment
        FROM (
            SELECT COALESCE(team, '') AS team, debtor_id, treatment, channel, priority,
                leading_contract_id AS contract_id, COALESCE(next_permitted_on, {{ contact_day }}) AS due_on,
                segment_row, treatment_row, points_bits
            FROM candidates
        ) AS c
        JOIN capacity AS k ON k.team = c.team AND k.treatment = c.treatment
    ) AS within_treatment
    WHERE place_in_treatment <= most_of_treatment
) AS within_team
WHERE place <= most_of_team
ORDER BY team ASC NULLS LAST, rank ASC NULLS LAST
