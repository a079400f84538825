"""NWEA MAP Growth, every layout since before 2015, and MAP Reading Fluency.

One term per export, of the district or of one school. Test dates are set by the school and are
never a timing measure.
"""

from __future__ import annotations

from connectors.contract import Platform, words_between
from connectors.platforms.nwea.fluency import FLUENCY
from connectors.platforms.nwea.lists import ACCOMMODATIONS, CLASSES, PROGRAMS, STUDENTS
from connectors.platforms.nwea.results import ASSESSMENT_RESULTS, COMBINED

_ABOUT = """
One term per export. A newer file of a term replaces the older one: a file of several schools the
whole term, a file of one school that school alone, because exports are made by district or by
school and do not say which. So when a file of one school follows a file of several, the other
schools stay as they were.

A test that the publisher has declared invalid disappears from the next export. It is then listed
in `facts.assessment_result` with the status `no_valid_score`, unless the student has another valid
test of that term and subject, has left the roster, or unless a row that was turned away or that
has another student's id now may be that test.

Of several tests of a student, term, subject and course the one with `GrowthMeasureYN` counts, else
the one with the lowest standard error. `MeasurementScale`, `Discipline` and `RITtoReadingScore`,
the names before 2020, are read as `Subject`, `Course` and `LexileScore`. `Fall 2013` is of the
school year 2013-2014; for an old winter or spring the day of the test decides. The school sets the
test dates: they never enter a measure of timing.

The program and accommodation files do not name the school: exported by school, each replaces the
one before; the older ones stay in the lake with `is_current` false. Programs and accommodations
enter no fact and no view.

Reading Fluency: each score is a row of its own, named as the publisher's column; its performance
levels and counts are left in the landing area, and so are the goal areas and quintiles of MAP
Growth and the typical growth.

Unknown: what the scheduler calls its zip; how the lists in `Accommodations` of the combined file
are separated, so these are not read.
"""

#: Columns that the platform documents and nothing here reads.
_LEAVES = """
DistrictName|*_StateID|NormsReferenceData|WISelectedAY*|WIPreviousAY*|TestType
AchievementQuintile|PercentCorrect|*GrowthQuintile|LexileM*|QuantileM*|Goal*|Typical*Growth
ProjectedProficiency*|StudentMI|StudentDateOfBirth|StudentEthnicGroup|StudentGender
NWEAStandard_*|*PerformanceLevel|*Correct|*Attempted|*ZPDName|*ZPDLevel
LexileOralReadingMeasure|ProgressMonitoring*|*ScreenerOutcome|RAN*
"""

PLATFORM = Platform(
    "nwea",
    "NWEA MAP Growth",
    (
        ASSESSMENT_RESULTS,
        COMBINED,
        STUDENTS,
        CLASSES,
        PROGRAMS,
        ACCOMMODATIONS,
        FLUENCY,
    ),
    leaves=words_between(_LEAVES),
    test_scale="RIT",
    carries="test results with errors and growth, classes, programs and accommodations",
    ways="folder, SFTP, S3, HTTPS, NWEA's export service",
    tested_on="real layouts of four generations, real layouts with anonymised values; the sample "
    "district",
    about=_ABOUT,
)
