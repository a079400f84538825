"""IMS Caliper 1.1 and 1.2: events of learning tools, in envelopes or one by one.

Actor, object, group and generated may be objects or plain identifiers, and version 1.0 wrote `@id`
and `@type`. Entities in the same list describe persons and classes; they are no events.
"""

from __future__ import annotations

from connectors.contract import Column, Feed, Kind, Output, Platform, Scope

_CANVAS = "extensions.com.instructure.canvas"


def _text(name: str, *headers: str) -> Column:
    return Column(name, Kind.TEXT, headers, required=False)


def _time(name: str, header: str, *, required: bool = False) -> Column:
    return Column(name, Kind.TIME, (header,), required=required, utc=True)


def _one(name: str, key: str) -> tuple[Column, ...]:
    """What may be an object with an id, or the id alone."""
    return (_text(name, key), _text(f"{name}_id", f"{key}.id", f"{key}.@id"))


def _word(text: str) -> str:
    """The last word of what may be an IRI: Started of http://.../action#Started."""
    return f"regexp_extract({text}, '[^#/]+$')"


def _identifier(others: str, *kinds: str) -> str:
    """The first identifier of these types in a list of SystemIdentifier."""
    types = ", ".join(f"'{kind}'" for kind in kinds)
    kind = _word("json_extract_string(x, '$.identifierType')")
    return (
        f"json_extract_string(list_filter(TRY_CAST({others} AS JSON[]), "
        f"lambda x: {kind} IN ({types}))[1], '$.identifier')"
    )


_SIS = ("SisSourcedId", "LisSourcedId", "OneRosterSourcedId")
#: Grading is not the actor's work, and tools send it in bulk at night.
_EVENTS = f"""
SELECT *, coalesce(id, 'made:' || left(sha256(concat_ws('|', who, CAST(happened AS VARCHAR), type,
                                                        action, target)), 32)) AS event_id
FROM (SELECT *, coalesce(actor_id, actor) AS who, coalesce(object_id, object) AS target,
             coalesce(section_id, section) AS class_key, {_word("action")} AS done
      FROM rows WHERE happened IS NOT NULL) e
WHERE who IS NOT NULL
  AND coalesce({_word("actor_type")}, 'Person') = 'Person'
  AND coalesce(done, '') NOT IN ('Graded', 'GradeCalculated')
  AND who IS DISTINCT FROM coalesce(ed_app_id, ed_app)
  AND NOT EXISTS (SELECT 1 FROM rows thing WHERE thing._no = e._no AND thing.happened IS NULL
                  AND thing.id = e.who AND {_word("thing.type")} <> 'Person')
"""
_PERSONS = f"""
SELECT _no, who AS account_key, actor_name AS name, actor_others AS others,
       coalesce(actor_sis, event_sis) AS sis, actor_login AS login FROM ({_EVENTS})
UNION ALL
SELECT _no, id, name, others, own_sis, own_login FROM rows
WHERE happened IS NULL AND id IS NOT NULL AND {_word("type")} = 'Person'
"""

_FEED = Feed(
    "events",
    "envelopes, or events one by one",
    (
        _text("id", "id", "@id", "uuid"),
        _text("type", "type", "@type"),
        _time("happened", "eventTime", required=True),
        _text("action", "action"),
        *_one("actor", "actor"),
        _text("actor_type", "actor.type", "actor.@type"),
        _text("actor_name", "actor.name"),
        _text("actor_others", "actor.otherIdentifiers"),
        _text("actor_sis", f"actor.{_CANVAS}.user_sis_id", "actor.extensions.bb:user.externalId"),
        _text("actor_login", f"actor.{_CANVAS}.user_login"),
        _text("event_sis", "extensions.bb:user.externalId"),
        *_one("object", "object"),
        *_one("section", "group"),
        _text("section_name", "group.name"),
        _text("section_code", "group.courseNumber"),
        _text("section_others", "group.otherIdentifiers"),
        *_one("ed_app", "edApp"),
        _text("generated_type", "generated.type", "generated.@type"),
        _text("duration", "generated.duration"),
        _time("started", "generated.startedAtTime"),
        _time("ended", "generated.endedAtTime"),
        # Of entities.
        _text("name", "name"),
        _text("others", "otherIdentifiers"),
        _text("own_sis", f"{_CANVAS}.user_sis_id"),
        _text("own_login", f"{_CANVAS}.user_login"),
    ),
    (
        Output(
            "account",
            f"""SELECT _no, account_key, 'caliper_id' AS account_kind,
                       coalesce(any_value(sis), any_value({_identifier("others", *_SIS)}))
                         AS sis_id,
                       coalesce(any_value({_identifier("others", "EmailAddress")}),
                                nullif(regexp_extract(account_key, '^mailto:(.+@.+)$', 1), ''))
                         AS email,
                       coalesce(any_value(login),
                                any_value({_identifier("others", "AccountUserName")}))
                         AS username,
                       any_value(name) AS full_name
                FROM ({_PERSONS}) GROUP BY _no, account_key""",
        ),
        Output(
            "event",
            f"""SELECT _no, event_id, who AS account_key, happened AS happened_at,
                       local_date(happened) AS date, class_key, done AS action, target AS object_id,
                       CASE WHEN {_word("generated_type")} <> 'Attempt' THEN NULL
                            WHEN duration IS NOT NULL THEN iso_seconds(duration)
                            WHEN ended >= started THEN epoch(ended) - epoch(started)
                            END AS seconds
                FROM ({_EVENTS})""",
        ),
        Output(
            "platform_class",
            f"""SELECT _no, class_key, any_value(section_name) AS title,
                       any_value(section_code) AS class_code,
                       any_value({_identifier("section_others", *_SIS)}) AS sis_id
                FROM ({_EVENTS}) WHERE class_key IS NOT NULL GROUP BY _no, class_key""",
        ),
        Output(
            "coverage",
            f"""SELECT _no, min(local_date(happened)) AS covers_from,
                       max(local_date(happened)) AS covers_to, 'activity' AS of,
                       FALSE AS absence_is_zero
                FROM ({_EVENTS}) GROUP BY _no""",
        ),
    ),
    Scope.FILE,
    dated_by="happened",
    layouts="JSON or JSON lines, 1.1 and 1.2; `@id` and `@type` of 1.0",
)

_ABOUT = """
Files of events add to each other, so each needs a name of its own; a file that comes again under
its name replaces itself. An event counts once by its `id`, in however many files it comes. Minutes
are the gaps between a person's events, each of at most ten minutes, on the local day on which the
gap begins ([measures](measures.md)); what an attempt says of its own duration is kept in
`lake.event.seconds` and does not enter the minutes, so that there is one basis. Events of software,
and gradings, which tools send in bulk at night, are left out.

A person is known by the actor's `id`. The roster's student is found by what stands beside it:
`otherIdentifiers` (SIS, OneRoster or LIS sourcedId, e-mail address, user name), Canvas's
`user_sis_id` and `user_login`, Blackboard's `bb:user.externalId`, or an id that is a `mailto:`
address. Without any of these the account waits. A class is the event's `group`.

Unknown: whether the files tell of every student. So a student without an event in a week is not
called inactive, and the days covered are those from a file's first event to its last. Whether an
answer was right is not told by these events. Not read: scores, responses, sessions' and media's
durations, and due dates: a stream that may have begun in the middle cannot tell who did not hand
in.
"""

PLATFORM = Platform(
    "caliper",
    "IMS Caliper",
    (_FEED,),
    sends_activity=True,
    carries="events, minutes by the gaps between them",
    tested_on="files of our own after the public specification",
    about=_ABOUT,
)
