-- facts.account: the accounts the platforms tell of, each as its newest export writes it.
-- Grain: platform account
-- Columns:
--   platform      id    platform
--   account_key   id    the platform's own account
--   student_id    id    student of the roster; NULL = not resolved
--   account_kind  text  what the key is
--   sis_id        id    SIS or state id, where told
--   email         text  e-mail address, where told
--   username      text  sign-in name, where told
--   given_name    text  given name, where told
--   family_name   text  family name, where told
--   full_name     text  whole name, where the platform does not part it
--   grade_level   text  grade as written
--   school_name   text  school as written
--   class_key     id    the platform's class, where the account exists only within one
--   class_id      id    class of the roster; NULL = not resolved
--   source_file   hash  file the row came from
SELECT
    account.platform,
    account.account_key,
    link.student_id,
    account.account_kind,
    account.sis_id,
    account.email,
    account.username,
    account.given_name,
    account.family_name,
    account.full_name,
    account.grade_level,
    account.school_name,
    account.class_key,
    class.class_id,
    account.source_file
FROM work.newest_account AS account
LEFT JOIN work.account_student AS link
    ON link.platform = account.platform AND link.account_key = account.account_key
LEFT JOIN work.class_of_key AS class
    ON class.platform = account.platform AND class.class_key = account.class_key
