"""Landing, ledger, lake, identity, build, publishing and reading. Knows no orchestrator."""
