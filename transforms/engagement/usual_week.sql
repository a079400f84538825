-- work.usual_week: what was usual for a student on a platform before each week that counts.
-- The baseline is the latest 8 eligible weeks before; 6 are needed.
-- Grain: student x platform x week of status ok or zero
-- Columns:
--   pair               count    student and platform, see work.student_platform
--   week_start         date     Monday
--   baseline_weeks     weeks    how many weeks the baseline has
--   usual_minutes      minutes  median of the baseline
--   usual_scale        minutes  1.4826 x MAD, at least 5 minutes and a tenth of the median
--   usual_units        units    median of the baseline
--   usual_units_scale  units    1.4826 x MAD, at least 1 unit and a tenth of the median
--   eligible_rank      count    1 = the latest week that counts
WITH lagged AS (
    SELECT
        pair,
        week_start,
        list_sort(list_filter(
            [
                lag(minutes, 1) OVER (PARTITION BY pair ORDER BY week_start),
                lag(minutes, 2) OVER (PARTITION BY pair ORDER BY week_start),
                lag(minutes, 3) OVER (PARTITION BY pair ORDER BY week_start),
                lag(minutes, 4) OVER (PARTITION BY pair ORDER BY week_start),
                lag(minutes, 5) OVER (PARTITION BY pair ORDER BY week_start),
                lag(minutes, 6) OVER (PARTITION BY pair ORDER BY week_start),
                lag(minutes, 7) OVER (PARTITION BY pair ORDER BY week_start),
                lag(minutes, 8) OVER (PARTITION BY pair ORDER BY week_start)
            ],
            lambda x : x IS NOT NULL
        )) AS m,
        list_sort(list_filter(
            [
                lag(units, 1) OVER (PARTITION BY pair ORDER BY week_start),
                lag(units, 2) OVER (PARTITION BY pair ORDER BY week_start),
                lag(units, 3) OVER (PARTITION BY pair ORDER BY week_start),
                lag(units, 4) OVER (PARTITION BY pair ORDER BY week_start),
                lag(units, 5) OVER (PARTITION BY pair ORDER BY week_start),
                lag(units, 6) OVER (PARTITION BY pair ORDER BY week_start),
                lag(units, 7) OVER (PARTITION BY pair ORDER BY week_start),
                lag(units, 8) OVER (PARTITION BY pair ORDER BY week_start)
            ],
            lambda x : x IS NOT NULL
        )) AS u,
        count(*) OVER (
            PARTITION BY pair ORDER BY week_start
            ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
        ) AS eligible_rank
    FROM work.student_week
    WHERE status IN ('ok', 'zero')
),

middle AS (
    SELECT
        pair,
        week_start,
        m,
        u,
        array_length(m) AS minutes_known,
        array_length(u) AS units_known,
        CASE array_length(m)
            WHEN 6 THEN (m[3] + m[4]) / 2 WHEN 7 THEN m[4] WHEN 8 THEN (m[4] + m[5]) / 2
        END AS m_mid,
        CASE array_length(u)
            WHEN 6 THEN (u[3] + u[4]) / 2 WHEN 7 THEN u[4] WHEN 8 THEN (u[4] + u[5]) / 2
        END AS u_mid,
        eligible_rank
    FROM lagged
),

spread AS (
    -- The deviations below the median and those above are each in order already, nearest first.
    -- Of two ordered lists a and b the k-th smallest is the least of max(a[i], b[k - i]).
    SELECT
        pair,
        week_start,
        minutes_known,
        m_mid,
        u_mid,
        eligible_rank,
        CASE minutes_known
            WHEN 6 THEN (
                least(
                    m_mid - m[1], m[6] - m_mid,
                    greatest(m_mid - m[3], m[5] - m_mid), greatest(m_mid - m[2], m[4] - m_mid)
                )
                + least(
                    greatest(m_mid - m[3], m[6] - m_mid), greatest(m_mid - m[2], m[5] - m_mid),
                    greatest(m_mid - m[1], m[4] - m_mid)
                )
            ) / 2
            WHEN 7 THEN least(
                m_mid - m[1], m[7] - m_mid,
                greatest(m_mid - m[3], m[6] - m_mid), greatest(m_mid - m[2], m[5] - m_mid)
            )
            WHEN 8 THEN (
                least(
                    m_mid - m[1], m[8] - m_mid, greatest(m_mid - m[4], m[7] - m_mid),
                    greatest(m_mid - m[3], m[6] - m_mid), greatest(m_mid - m[2], m[5] - m_mid)
                )
                + least(
                    greatest(m_mid - m[4], m[8] - m_mid), greatest(m_mid - m[3], m[7] - m_mid),
                    greatest(m_mid - m[2], m[6] - m_mid), greatest(m_mid - m[1], m[5] - m_mid)
                )
            ) / 2
        END AS m_mad,
        CASE units_known
            WHEN 6 THEN (
                least(
                    u_mid - u[1], u[6] - u_mid,
                    greatest(u_mid - u[3], u[5] - u_mid), greatest(u_mid - u[2], u[4] - u_mid)
                )
                + least(
                    greatest(u_mid - u[3], u[6] - u_mid), greatest(u_mid - u[2], u[5] - u_mid),
                    greatest(u_mid - u[1], u[4] - u_mid)
                )
            ) / 2
            WHEN 7 THEN least(
                u_mid - u[1], u[7] - u_mid,
                greatest(u_mid - u[3], u[6] - u_mid), greatest(u_mid - u[2], u[5] - u_mid)
            )
            WHEN 8 THEN (
                least(
                    u_mid - u[1], u[8] - u_mid, greatest(u_mid - u[4], u[7] - u_mid),
                    greatest(u_mid - u[3], u[6] - u_mid), greatest(u_mid - u[2], u[5] - u_mid)
                )
                + least(
                    greatest(u_mid - u[4], u[8] - u_mid), greatest(u_mid - u[3], u[7] - u_mid),
                    greatest(u_mid - u[2], u[6] - u_mid), greatest(u_mid - u[1], u[5] - u_mid)
                )
            ) / 2
        END AS u_mad
    FROM middle
)

SELECT
    pair,
    week_start,
    CAST(minutes_known AS BIGINT) AS baseline_weeks,
    m_mid AS usual_minutes,
    CASE WHEN m_mid IS NOT NULL THEN greatest(1.4826 * m_mad, 5.0, 0.10 * abs(m_mid)) END
        AS usual_scale,
    u_mid AS usual_units,
    CASE WHEN u_mid IS NOT NULL THEN greatest(1.4826 * u_mad, 1.0, 0.10 * abs(u_mid)) END
        AS usual_units_scale,
    eligible_rank
FROM spread
