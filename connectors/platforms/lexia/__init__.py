"""Lexia Core5: Detailed Student in three generations of names, and the other exports of myLexia.

No export says when it was made.
"""

from __future__ import annotations

from connectors.contract import Platform, words_between
from connectors.platforms.lexia.detailed import detailed_student
from connectors.platforms.lexia.reports import CLASS_SKILLS, MONTHLY, YEAR_TO_DATE

_ABOUT = """
The Detailed Student export has one row per student and activity. Minutes, units and targets of
the student repeat on every one of these rows; one of them is taken per student and export, never a
sum. `week_time` grows from Monday to Sunday: export daily, and the days come from the differences.
The older column names (2015 to 2019) are read as well. No export says when it was made: put the
date into its name.

A student of several classes has comma lists in `classes`, `class_names` and `staff`. They are taken
apart where they are equally long; where a title holds a comma, the class stays unknown.

Class Detailed Skills, Monthly and Year to Date are read by their documented columns: skills, and
where a student stands or began in a program. No minutes are taken from them. There is no SIS id in
any export: a student is found by user name.

Unknown: the file names an automatic delivery would use, and the columns of Monthly and Year to Date
beyond their beginnings; these stay in the landing area. PowerUp and English have platforms of their
own (`lexia_powerup`, `lexia_english`).
"""

#: Columns that the platform documents and nothing here reads.
_LEAVES = """
district_id|District_name|school_id|Predictor*|risk_level|reading_focus|accuracy|rate
current_unit|max_unit|advanced|grade_level_material|meeting_target_usage|*_delivered
date_of_birth|gender|race|hispanic_latino|meal_status|IDEA|esl_ell|title_I|*refid
"""

PLATFORM = Platform(
    "lexia",
    "Lexia Core5",
    (detailed_student("Core5"), CLASS_SKILLS, MONTHLY, YEAR_TO_DATE),
    sends_activity=True,
    subject="Reading",
    leaves=words_between(_LEAVES),
    carries="minutes, units and targets of the week, skills and their state, levels, classes",
    tested_on="a real header line; the sample district; documented columns",
    about=_ABOUT,
)
