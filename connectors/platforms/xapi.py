"""xAPI (Experience API) statements, as a learning record store exports them.

A statement that voids another stays in the lake as action `voided`: the other may be in a file
that came earlier, or comes later.
"""

from __future__ import annotations

from connectors.contract import Column, Feed, Kind, Output, Platform, Scope


def _text(name: str, *headers: str, needed: bool = False) -> Column:
    return Column(name, Kind.TEXT, headers, required=needed, filled=needed)


def _time(name: str, header: str) -> Column:
    return Column(name, Kind.TIME, (header,), required=False, utc=True)


#: A grouping is the class where it is the only one, or the only one called a course.
_STATEMENTS = """
SELECT *, coalesce(told_at, stored_at) AS happened,
       coalesce(lower(id), 'made:' || left(sha256(concat_ws('|', who, CAST(coalesce(told_at,
         stored_at) AS VARCHAR), verb, target)), 32)) AS event_id,
       coalesce(one_id, json_extract_string(class, '$.id')) AS class_key,
       coalesce(one_name, json_extract_string(class, '$.definition.name.*')[1]) AS title,
       CASE WHEN verb = 'http://adlnet.gov/expapi/verbs/voided' THEN 'voided' ELSE verb END
         AS action
FROM (SELECT *,
        CASE WHEN mbox IS NOT NULL THEN lower(mbox)
             WHEN account IS NOT NULL THEN coalesce(home_page, '') || '|' || account
             WHEN sha1 IS NOT NULL THEN 'sha1:' || lower(sha1)
             ELSE openid END AS who,
        CASE WHEN len(groupings) = 1 THEN groupings[1]
             WHEN len(courses) = 1 THEN courses[1] END AS class
      FROM (SELECT *, list_filter(groupings, lambda x: regexp_matches(
              json_extract_string(x, '$.definition.type'), '[#/]course$')) AS courses
            FROM (SELECT *, TRY_CAST(grouping_list AS JSON[]) AS groupings FROM rows)))
WHERE who IS NOT NULL AND happened IS NOT NULL
  AND (coalesce(actor_type, 'Agent') <> 'Group' OR action = 'voided')
"""
_DONE = f"SELECT * FROM ({_STATEMENTS}) WHERE action <> 'voided'"

_FEED = Feed(
    "statements",
    "statements, one by one or as a statement result",
    (
        _text("id", "id"),
        _text("actor_type", "actor.objectType"),
        _text("actor_name", "actor.name"),
        _text("mbox", "actor.mbox"),
        _text("account", "actor.account.name"),
        _text("home_page", "actor.account.homePage"),
        _text("sha1", "actor.mbox_sha1sum"),
        _text("openid", "actor.openid"),
        _text("verb", "verb.id", needed=True),
        _text("target", "object.id"),
        _text("target_type", "object.definition.type"),
        Column("success", Kind.BOOLEAN, ("result.success",), required=False),
        _text("duration", "result.duration"),
        _text("grouping_list", "context.contextActivities.grouping"),
        _text("one_id", "context.contextActivities.grouping.id"),
        _text("one_name", "context.contextActivities.grouping.definition.name.en-US"),
        _time("told_at", "timestamp"),
        _time("stored_at", "stored"),
    ),
    (
        Output(
            "account",
            f"""SELECT _no, who AS account_key,
                       CASE WHEN max(mbox) IS NOT NULL THEN 'email'
                            WHEN max(account) IS NOT NULL THEN 'login'
                            ELSE 'xapi_id' END AS account_kind,
                       max(nullif(regexp_replace(lower(mbox), '^mailto:', ''), '')) AS email,
                       max(account) AS username, any_value(actor_name) AS full_name
                FROM ({_DONE}) GROUP BY _no, who""",
        ),
        Output(
            "event",
            f"""SELECT _no, event_id, who AS account_key, happened AS happened_at,
                       local_date(happened) AS date, class_key, action,
                       CASE WHEN action = 'voided' THEN lower(target) ELSE target END AS object_id,
                       iso_seconds(duration) AS seconds,
                       CASE WHEN action LIKE '%/answered'
                              OR target_type LIKE '%/cmi.interaction'
                            THEN success END AS correct
                FROM ({_STATEMENTS})""",
        ),
        Output(
            "platform_class",
            f"""SELECT _no, class_key, any_value(title) AS title FROM ({_DONE})
                WHERE class_key IS NOT NULL GROUP BY _no, class_key""",
        ),
        Output(
            "coverage",
            f"""SELECT _no, min(local_date(happened)) AS covers_from,
                       max(local_date(happened)) AS covers_to, 'activity' AS of,
                       FALSE AS absence_is_zero
                FROM ({_DONE}) GROUP BY _no""",
        ),
    ),
    Scope.FILE,
    layouts="JSON or JSON lines",
)

_ABOUT = """
Files of statements add to each other, so each needs a name of its own. A statement counts once by
its `id`, in however many files it comes; a voided one, and the one that voids it, count not at all,
also where the two came in different files. Minutes are the gaps between a person's statements, each
of at most ten minutes, on the local day on which the gap begins ([measures](measures.md));
`result.duration` is kept in `lake.event.seconds` and does not enter the minutes. `result.success`
is right or wrong only of an answer (verb `answered`, or an object of type `cmi.interaction`).

A person is known by `mbox` (linked by the e-mail address) or by `account` (its name is taken for a
user name). A hashed mailbox or an OpenID links to nobody, and groups as actors are left out. A
class is the statement's only `grouping`, or the only one of type course; a `parent` is mostly a
quiz and is not read as a class.

Unknown: whether the files tell of every student. So a student without a statement in a week is not
called inactive, and the days covered are those from a file's first statement to its last. Not read:
scores, completion, extensions.
"""

PLATFORM = Platform(
    "xapi",
    "xAPI",
    (_FEED,),
    sends_activity=True,
    carries="statements, minutes by the gaps between them, answers right and wrong",
    tested_on="files of our own after the public specification",
    about=_ABOUT,
)
