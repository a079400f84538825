"""The hand-written words of the generated pages: what no declaration says.

Belongs here: what stays unknown of a platform's exports, what the columns of ops.* mean, why an
account waits. Not here: anything a contract, a header or an error says already (docs.py reads it).
"""

from __future__ import annotations

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
        "rows_withheld": "rows that did not land: those of a forgotten student",
        "rows_held": "rows that did not land: a name alone tells whose they are, and it may be a "
        "forgotten student's",
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
        "school_id": "school the platform tells of, or the account's class is in; NULL = not known",
        "candidates": "students it may be",
        "best_score": "highest score among them; NULL = none was scored",
    },
    "identity_candidate": {
        "platform": "platform",
        "account_ref": "hash of the account's key; no name",
        "student_id": "student it may be",
        "evidence": "what points to the student; see [identity](identity.md)",
        "score": "probability that the two are one, where it was scored",
    },
    "identity_coverage": {
        "platform": "platform",
        "school_id": "school of the student, or the one the account tells of; NULL = not known",
        "accounts": "accounts the platform tells of",
        "linked": "of these, linked to a student",
        "by_id": "linked by a number of the school's or the state's",
        "by_email": "linked by an e-mail address",
        "by_username": "linked by a user name",
        "by_name_in_class": "linked by the name within one class",
        "by_score": "linked by a score",
        "by_decision": "linked because a person said so",
        "held": "linked as before, because the platform's match rate fell",
        "waiting": "in review",
        "rejected": "nobody's, as a person said",
    },
    "identity_match_rate": {
        "platform": "platform",
        "account_column": "id the account tells",
        "roster_column": "id of the roster it is looked for in",
        "accounts": "accounts that tell the id",
        "matched": "of these, found in the roster",
        "rate": "matched by accounts, 0 to 1",
        "named": "of those found, accounts that tell a name",
        "named_alike": "of these, accounts whose given or family name fits",
    },
    "identity_waiting": {
        "platform": "platform",
        "waits_for": "why the account waits, see [reasons](reasons.md#accounts); "
        "no_account = no file lists it",
        "fact": "table of facts.*",
        "accounts": "accounts with such facts",
        "facts": "rows that are in no view until it is known whose they are",
    },
    "row_flow": {
        "platform": "platform",
        "feed": "feed of that platform; NULL = of several",
        "source_file": "SHA-256 of the file; NULL = of several, or of a person's note",
        "name": "name of the file, the first where the same bytes came under several",
        "step": "file, lake, facts or views",
        "of_table": "table of the lake or of the facts; NULL = the file's own rows",
        "came": "rows with which the step began, the same on each line of a step",
        "outcome": "what became of them: docs/quality.md",
        "rows": "how many",
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
        "no student of the roster has its id, address or user name, or a name like it",
        "mend the platform or send a newer roster; if it is nobody's: `homeroom review nobody`",
    ),
    "probable": (
        "a student's name is like it, and not all that is known agrees or is enough",
        "`homeroom review show`, then `accept` or `reject`",
    ),
    "evidence_disagrees": (
        "its id, address and user name point to different students, or what people decided does",
        "`homeroom review show`; mend whichever is wrong in the platform or in the roster",
    ),
    "name_disagrees": (
        "its id, address or user name is a student's, but the platform's name for it is another's",
        "check who uses the account (user names are handed on), then `accept` or `reject`",
    ),
    "ids_doubted": (
        "most ids of the platform are not in the roster, or stand beside other children's names",
        "check that the platform's id column holds the district's own numbers",
    ),
    "two_students": (
        "its evidence fits several students alike, such as two of one name in one class",
        "`homeroom review show`, then `accept`; better, give the account an id",
    ),
    "two_accounts": (
        "several accounts of the platform claim one student",
        "`homeroom review merge` if both are the student's, else `accept` the right one",
    ),
    "no_class": (
        "it is known by name only, and its class is not known",
        "name the file after the class, or map it under `[source.classes]`",
    ),
    "decided_student_gone": (
        "a person decided whose it is, and the roster does not know that student",
        "decide anew, or `homeroom review undo`",
    ),
    "match_rate_fell": (
        "many links of the platform would be lost at once, so nothing of it was linked anew",
        "check its id column and the roster; if right: `homeroom run --accept-lost-links`",
    ),
}
