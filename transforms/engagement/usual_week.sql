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
--   previous_minutes   minutes  of the eligible week before
--   judged_weeks       weeks    baseline_weeks of the eligible week before: the two weeks are judged
--         against one baseline, the weeks before the first of them
--   judged_minutes     minutes  usual_minutes of the eligible week before
--   judged_scale       minutes  usual_scale of the eligible week before
WITH lagged AS (
    SELECT
        pair,
        week_start,
        lag(minutes, 1) OVER (PARTITION BY pair ORDER BY week_start) AS m1,
        lag(minutes, 2) OVER (PARTITION BY pair ORDER BY week_start) AS m2,
        lag(minutes, 3) OVER (PARTITION BY pair ORDER BY week_start) AS m3,
        lag(minutes, 4) OVER (PARTITION BY pair ORDER BY week_start) AS m4,
        lag(minutes, 5) OVER (PARTITION BY pair ORDER BY week_start) AS m5,
        lag(minutes, 6) OVER (PARTITION BY pair ORDER BY week_start) AS m6,
        lag(minutes, 7) OVER (PARTITION BY pair ORDER BY week_start) AS m7,
        lag(minutes, 8) OVER (PARTITION BY pair ORDER BY week_start) AS m8,
        lag(units, 1) OVER (PARTITION BY pair ORDER BY week_start) AS u1,
        lag(units, 2) OVER (PARTITION BY pair ORDER BY week_start) AS u2,
        lag(units, 3) OVER (PARTITION BY pair ORDER BY week_start) AS u3,
        lag(units, 4) OVER (PARTITION BY pair ORDER BY week_start) AS u4,
        lag(units, 5) OVER (PARTITION BY pair ORDER BY week_start) AS u5,
        lag(units, 6) OVER (PARTITION BY pair ORDER BY week_start) AS u6,
        lag(units, 7) OVER (PARTITION BY pair ORDER BY week_start) AS u7,
        lag(units, 8) OVER (PARTITION BY pair ORDER BY week_start) AS u8,
        count(*) OVER (
            PARTITION BY pair ORDER BY week_start
            ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
        ) AS eligible_rank
    FROM work.student_week
    WHERE status IN ('ok', 'zero') /* in parts of pair: pair */
),

sorted AS (
    -- What is not known is sorted to the end as a number no one reaches: NULLs sort differently
    -- on different engines.
    SELECT
        pair,
        week_start,
        eligible_rank,
        m1 AS previous_minutes,
        CASE WHEN m1 IS NULL THEN 0 ELSE 1 END
        + CASE WHEN m2 IS NULL THEN 0 ELSE 1 END
        + CASE WHEN m3 IS NULL THEN 0 ELSE 1 END
        + CASE WHEN m4 IS NULL THEN 0 ELSE 1 END
        + CASE WHEN m5 IS NULL THEN 0 ELSE 1 END
        + CASE WHEN m6 IS NULL THEN 0 ELSE 1 END
        + CASE WHEN m7 IS NULL THEN 0 ELSE 1 END
        + CASE WHEN m8 IS NULL THEN 0 ELSE 1 END AS minutes_known,
        CASE WHEN u1 IS NULL THEN 0 ELSE 1 END
        + CASE WHEN u2 IS NULL THEN 0 ELSE 1 END
        + CASE WHEN u3 IS NULL THEN 0 ELSE 1 END
        + CASE WHEN u4 IS NULL THEN 0 ELSE 1 END
        + CASE WHEN u5 IS NULL THEN 0 ELSE 1 END
        + CASE WHEN u6 IS NULL THEN 0 ELSE 1 END
        + CASE WHEN u7 IS NULL THEN 0 ELSE 1 END
        + CASE WHEN u8 IS NULL THEN 0 ELSE 1 END AS units_known,
        list_sort([
            coalesce(m1, 1e300),
            coalesce(m2, 1e300),
            coalesce(m3, 1e300),
            coalesce(m4, 1e300),
            coalesce(m5, 1e300),
            coalesce(m6, 1e300),
            coalesce(m7, 1e300),
            coalesce(m8, 1e300)
        ]) AS m,
        list_sort([
            coalesce(u1, 1e300),
            coalesce(u2, 1e300),
            coalesce(u3, 1e300),
            coalesce(u4, 1e300),
            coalesce(u5, 1e300),
            coalesce(u6, 1e300),
            coalesce(u7, 1e300),
            coalesce(u8, 1e300)
        ]) AS u
    FROM lagged
),

middle AS (
    SELECT
        pair,
        week_start,
        m,
        u,
        minutes_known,
        units_known,
        CASE minutes_known
            WHEN 6 THEN (m[3] + m[4]) / 2 WHEN 7 THEN m[4] WHEN 8 THEN (m[4] + m[5]) / 2
        END AS m_mid,
        CASE units_known
            WHEN 6 THEN (u[3] + u[4]) / 2 WHEN 7 THEN u[4] WHEN 8 THEN (u[4] + u[5]) / 2
        END AS u_mid,
        eligible_rank,
        previous_minutes
    FROM sorted
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
        previous_minutes,
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
),

scaled AS (
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
        eligible_rank,
        previous_minutes
    FROM spread
)

SELECT
    pair,
    week_start,
    baseline_weeks,
    usual_minutes,
    usual_scale,
    usual_units,
    usual_units_scale,
    eligible_rank,
    previous_minutes,
    lag(baseline_weeks) OVER (PARTITION BY pair ORDER BY week_start) AS judged_weeks,
    lag(usual_minutes) OVER (PARTITION BY pair ORDER BY week_start) AS judged_minutes,
    lag(usual_scale) OVER (PARTITION BY pair ORDER BY week_start) AS judged_scale
FROM scaled
