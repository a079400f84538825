"""The teachers' and coordinators' pages: server-rendered, read-only on the warehouse."""
