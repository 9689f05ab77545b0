//! The definition of every operation's bits.
