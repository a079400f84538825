"""`python -m pipelines.docs`."""

from pipelines.docs import main

main()
