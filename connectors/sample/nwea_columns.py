"""Columns of NWEA's comprehensive export since 2020, verbatim, drawn from their pattern."""

from __future__ import annotations

_SEASONS = ("Fall", "Winter", "Spring")
#: Term pairs that growth is told for.
PAIRS = (
    ("Fall", "Fall"),
    ("Fall", "Winter"),
    ("Fall", "Spring"),
    ("Winter", "Winter"),
    ("Winter", "Spring"),
    ("Spring", "Spring"),
)
GROWTH = (
    "ProjectedGrowth ObservedGrowth ObservedGrowthSE MetProjectedGrowth ConditionalGrowthIndex "
    "ConditionalGrowthPercentile GrowthQuintile"
).split()
_SCHOOL = "TermName DistrictName District_StateID SchoolName School_StateID".split()
_ID = "StudentID Student_StateID".split()

ASSESSMENT_RESULTS = (
    *_SCHOOL,
    *_ID,
    *"Subject Course GrowthMeasureYN NormsReferenceData".split(),
    *(f"WI{year}AY{term}" for year in ("Selected", "Previous") for term in _SEASONS),
    *(
        "TestType TestName TestID TestStartDate TestStartTime TestDurationMinutes TestRITScore "
        "TestStandardError TestPercentile AchievementQuintile PercentCorrect "
        "RapidGuessingPercentage"
    ).split(),
    *(f"{a}To{b}{what}" for a, b in PAIRS for what in GROWTH),
    *(f"{scale}{what}" for scale in ("Lexile", "Quantile") for what in ("Score", "Min", "Max")),
    *(
        f"Goal{n}{what}"
        for n in range(1, 9)
        for what in ("Name", "RitScore", "StdErr", "Range", "Adjective")
    ),
    *(f"Typical{a}To{b}Growth" for a, b in PAIRS),
    *(f"ProjectedProficiency{what}{n}" for n in range(1, 11) for what in ("Study", "Level")),
)
STUDENTS_BY_SCHOOL = (
    *_SCHOOL,
    *"StudentLastName StudentFirstName StudentMI".split(),
    *_ID,
    *(
        "StudentDateOfBirth StudentEthnicGroup NWEAStandard_EthnicGroup StudentGender Grade "
        "NWEAStandard_Grade"
    ).split(),
)
CLASS_ASSIGNMENTS = (*_SCHOOL, *_ID, *"ClassName TeacherName TeacherID Teacher_StateID".split())
PROGRAM_ASSIGNMENTS = ("TermName", *_ID, "Program", "NWEAStandard_Program")
ACCOMMODATIONS = ("TermName", *_ID, "TestID", "AccommodationCategory", "Accommodation")
