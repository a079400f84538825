"""What the pages of one student show: reading it from the live warehouse and the notes."""
