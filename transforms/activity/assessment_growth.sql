-- facts.assessment_growth: growth between two terms, observed and projected.
-- Only of tests with a valid score, as the file that counts for the test tells it.
-- Grain: test event x term pair
-- Columns:
--   platform                       id       platform
--   account_key                    id       account
--   student_id                     id       student; NULL = not resolved
--   result_id                      id       test event that ends the pair
--   subject                        text     subject
--   term                           text     term of that test
--   from_term                      text     fall, winter or spring
--   to_term                        text     fall, winter or spring
--   projected_growth               points   projected by the norms
--   observed_growth                points   observed
--   observed_growth_se             points   its standard error
--   met_projected                  text     Yes, No, Yes* or No* as written
--   conditional_growth_index       ratio    conditional growth index
--   conditional_growth_percentile  count    conditional growth percentile
--   source_file                    hash     file the row came from
SELECT
    growth.platform,
    growth.account_key,
    link.student_id,
    growth.result_id,
    growth.subject,
    growth.term,
    growth.from_term,
    growth.to_term,
    growth.projected_growth,
    growth.observed_growth,
    growth.observed_growth_se,
    growth.met_projected,
    growth.conditional_growth_index,
    growth.conditional_growth_percentile,
    growth.source_file
FROM lake.assessment_growth AS growth
JOIN facts.assessment_result AS result
    ON result.platform = growth.platform
    AND result.account_key = growth.account_key
    AND result.result_id = growth.result_id
    AND result.source_file = growth.source_file
LEFT JOIN work.account_student AS link
    ON link.platform = growth.platform AND link.account_key = growth.account_key
WHERE growth.is_current AND result.status = 'valid'
