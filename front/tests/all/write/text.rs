//! The text itself, and what it cannot say.
