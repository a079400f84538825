"""What each platform sends and where files come from. Knows no orchestrator and no page."""
