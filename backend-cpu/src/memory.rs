//! How much memory there is, so that a network that does not fit is refused and not aborted.

use isospike_core::backend::BackendError;
use isospike_core::memory::available_bytes;

/// Refuses what does not fit into the memory that is available now, where that is known.
pub(crate) fn check(what: &str, needed_bytes: u64) -> Result<(), BackendError> {
    match available_bytes() {
        Some(available_bytes) if needed_bytes > available_bytes => {
            Err(BackendError::OutOfMemory { what: what.to_string(), needed_bytes, available_bytes })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_there_is_is_refused_with_both_numbers() {
        let Some(available) = available_bytes() else { return };
        let error = check("rows", u64::MAX).expect_err("nothing has 2^64 bytes");
        let BackendError::OutOfMemory { what, needed_bytes, available_bytes } = error else {
            panic!("{error}");
        };
        assert_eq!((what.as_str(), needed_bytes), ("rows", u64::MAX));
        assert!(available_bytes > 0 && available_bytes / 2 < available);
        assert_eq!(check("rows", 1), Ok(()));
    }
}
