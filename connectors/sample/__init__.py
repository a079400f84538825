"""The sample district: one awkward, wholly invented district for tests, docs and the demo."""

from connectors.sample.build import SampleSummary, write_district

__all__ = ["SampleSummary", "write_district"]
