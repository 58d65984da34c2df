//! Recorded answers of the older program.
