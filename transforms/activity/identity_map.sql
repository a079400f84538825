-- roster.identity_map: which student each platform account is, by what evidence.
-- Grain: platform account
-- Columns:
--   platform     id     platform
--   account_key  id     the platform's own account
--   student_id   id     student of the roster
--   method       text   sis_id, sourced_id, zeros_restored, former_sis_id, email, former_email,
--         username, former_username, name_in_class, score, decision or held
--   score        ratio  probability that the two are one, where a score decided; else NULL
--   decided_by   text   who decided, where a person did
--   valid_from   date   first day the account was exported, or the day of the decision
SELECT
    platform,
    account_key,
    student_id,
    evidence AS method,
    score,
    decided_by,
    valid_from
FROM identity.account_link
