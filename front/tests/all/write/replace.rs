//! Fields replaced by their paths.
