"""The hand-written words of the generated pages: what no declaration says.

Belongs here: what stays unknown of a platform's exports, what the columns of ops.* mean, why an
account waits. Not here: anything a contract, a header or an error says already (docs.py reads it).
"""

from __future__ import annotations

#: By platform: what is known of its exports and what is not.
PLATFORMS = {
    "oneroster": """
Send the **bulk** export, as one zip or as a folder of CSV files. The files of one zip stand or
fall together: if one of them is turned away, the last good roster stays. A student who is no
longer in the newest bulk is kept as not active. Rows whose `status` is `tobedeleted` are left out.

Not read: deltas (the manifest is kept but not judged, so a delta would be taken for a bulk),
OneRoster 1.2 (its `users.csv` has no `role`, so it is turned away with `missing_column`), the
gradebook files, and roster services over the network.
""",
    "lexia": """
The Detailed Student export has one row per student and activity. Minutes, units and targets of
the student repeat on every one of these rows; one of them is taken per student and export, never a
sum. `week_time` grows from Monday to Sunday: export daily, and the days come from the differences.
The older column names (2015 to 2019) are read as well. The file does not say when it was made: put
the date into its name.

Unknown: the file names an automatic delivery would use, and the columns of the Monthly, Year to
Date and Class Detailed Skills exports beyond their beginnings. These exports are not read; they
are turned away with `unknown_layout`. There is no SIS id in the file: a student is found by user
name.
""",
    "khan": """
The teacher's assignment scores know a student only by name and a class only by the name of the
file or its folder. There is no time of handing in: what was scored at the due date, beside the
best score ever, tells on time from late (see [measures](measures.md#assignment_timing)). A due
date without a year belongs to the school year of the file, which begins in July.

Unknown: the columns of the administrator's overall file after the fourth, and of the mastery and
skills progress files; none of these is read. `Score At Due Date` may be absent; then nobody is
called late or on time. The student's activity log and the dashboard's assignment table are not
read.
""",
    "nwea": """
One term per export: a newer file of a term replaces the older one, so a test that the publisher
has invalidated disappears with it. `MeasurementScale` and `Discipline`, the names before 2020, are
read as `Subject` and `Course`. Of several tests the export says which one counts
(`GrowthMeasureYN`); the combined file lacks that column, and there the lowest standard error
counts. The school sets the test dates: they never enter a measure of timing.

Not read: class, program and accommodation files (kept in the landing area, status `ignored`), the
goal areas and Lexile columns, and the scheduler's delivery over the network.
""",
    "district": """
Plain CSV files that a coordinator can keep in a spreadsheet. All four are optional. `student_id`
is the SIS id, or the roster's sourcedId. Without a calendar Monday to Friday are school days;
without attendance every student counts as present. An empty `school_id` in the calendar means
every school; a school's own row comes before it.

`interests.csv` is taken into the lake; no table of the warehouse reads it yet.
""",
    "oulad": """
An open research data set from a real virtual learning environment, with its own roster, as CSV or
Parquet. It is here so that everything can be tried on real behaviour. Days are counted from the
start of the presentation: 2013J starts on 2013-10-01, 2014B on 2014-02-01. Clicks are events and
never minutes, so no measure of minutes exists for it. Repeated click rows are real and are summed.

Unknown to the data set: when an assignment opened and when a student began it; the due dates of
some assessments; most exam results. A student without an exam row is not called missing.
""",
}

#: Columns of ops.*: (table, column) to meaning. Times there are text, ISO 8601, UTC.
OPS_COLUMNS = {
    "file": {
        "platform": "platform of the source the file came from",
        "feed": "feed; NULL = turned away before it was known",
        "name": "name within the source; a member of a zip is `archive/member`",
        "sha256": "hash of the bytes",
        "size": "bytes",
        "landed_at": "when it was copied into the landing area",
        "scope": "what it covers; a newer file of the same scope replaces it",
        "exported_on": "local day it was made",
        "dated_by": "what told that day: name, content or modified",
        "status": "see [operating](operating.md#what-each-file-status-means)",
        "reason": "why it was turned away, waits or is not read; see [reasons](reasons.md)",
        "culprit": "column, line or counts that show it; never a value",
        "rows_in": "rows in the file",
        "rows_kept": "rows taken",
        "rows_quarantined": "rows turned away; all of them where the file is refused or ignored",
        "rows_duplicate": "rows that repeat another row of the file exactly",
        "rows_before": "rows of the file that was live for this scope before",
        "rows_gained": "rows in the lake that the next older file of the scope did not have; "
        "NULL = there is none, or its rows are gone",
        "rows_lost": "rows in the lake that only that older file had",
        "rows_changed": "rows in the lake that say something else than in that older file",
        "compared_to": "id of that older file",
        "superseded_by": "id of the file that is live instead",
        "id": "number of the file in the ledger",
    },
    "quarantine": {
        "platform": "platform",
        "feed": "feed",
        "source_file": "SHA-256 of the file",
        "line": "line in the file; 1 is the header",
        "column": "column of the contract; empty where the whole row is broken",
        "reason": "see [reasons](reasons.md#rows)",
        "value_class": "kind of value that stood there (empty, digits, text, ...), never the value",
    },
    "dictionary": {
        "table_name": "schema.table",
        "column_name": "column",
        "unit": "unit",
        "meaning": "meaning",
        "grain": "what one row of the table is",
    },
    "identity_review": {
        "platform": "platform",
        "account_ref": "hash of the account's key; no name",
        "account_kind": "what the key is: sis_id, lexia_id, login, directory, name_in_class",
        "waits_for": "see [reasons](reasons.md#accounts)",
    },
    "identity_coverage": {
        "platform": "platform",
        "accounts": "accounts the platform tells of",
        "linked": "of these, linked to a student",
        "waiting": "of these, waiting",
    },
    "class_link": {
        "platform": "platform",
        "class_key": "the platform's class, as its file's folder and name tell it",
        "class_id": "class of the roster",
        "evidence": "district's map, class id, title, or title within the name",
    },
    "check_result": {
        "name": "what is checked",
        "promise": "what holds where the check passes",
        "blocking": "true: a failure keeps the warehouse from going live",
        "broken": "rows that break it",
    },
}

#: Why an account waits: what it says, and what mends it.
ACCOUNTS = {
    "no_match": (
        "no student of the roster has its id, address or user name, or its name in that class",
        "mend the id, address or user name in the platform, or send a newer roster",
    ),
    "evidence_disagrees": (
        "its id, address and user name point to different students",
        "mend whichever is wrong in the platform or in the roster",
    ),
    "name_disagrees": (
        "its id, address or user name is a student's, but the platform's name for it is another's",
        "check who uses the account; user names are sometimes handed on",
    ),
    "two_students": (
        "its evidence fits several students alike, such as two of one name in one class",
        "give the account an id or an address that only one student has",
    ),
    "two_accounts": (
        "several accounts of the platform claim one student",
        "switch the unused account off in the platform",
    ),
    "no_class": (
        "it is known by name only, and its class is not known",
        "name the file after the class, or map it under `[source.classes]`",
    ),
}
