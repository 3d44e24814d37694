# Documents: the decisions and their reasons.

EXTRA_DIST += doc/design.md doc/facts.md doc/policies.md doc/promises.md doc/testing.md
