//! Databases of the older program: recognised, backed up, converted.
