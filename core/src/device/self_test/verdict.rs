//! The verdicts of the self-test, so that a device that is opened again is not tested again.

use super::Mismatch;
use crate::run::backend::BackendError;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// The findings of one run of the self-test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The first difference, if there is one.
    pub mismatch: Option<Mismatch>,
    /// The duration of the run.
    pub took: Duration,
}

/// The identity of a device ([`super::Provable::identity`]) and its contraction guard.
pub type Key = (String, &'static str);

/// The verdicts of this process.
pub static VERDICTS: Verdicts = Verdicts::new();

/// A verdict for each key so far, in a list: there are few.
#[derive(Debug)]
pub struct Verdicts {
    known: Mutex<Vec<(Key, Verdict)>>,
}

impl Verdicts {
    /// Returns an empty list.
    pub const fn new() -> Self {
        Self { known: Mutex::new(Vec::new()) }
    }

    /// Returns the verdict of a key, from `run` the first time. Other callers wait meanwhile. An
    /// error is no verdict: it is returned, and the next caller runs again.
    pub fn get(
        &self,
        key: Key,
        run: impl FnOnce() -> Result<Verdict, BackendError>,
    ) -> Result<Verdict, BackendError> {
        // A poisoned list is still whole: each entry is added by one call.
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, verdict)) = known.iter().find(|(k, _)| *k == key) {
            return Ok(verdict.clone());
        }
        let verdict = run()?;
        known.push((key, verdict.clone()));
        Ok(verdict)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_device_is_tested_once_with_each_guard() {
        let verdicts = Verdicts::new();
        let mut runs = 0;
        let mut test = |name: &str, contraction_guard| {
            let verdict = verdicts.get((name.into(), contraction_guard), || {
                runs += 1;
                Ok(Verdict { mismatch: None, took: Duration::from_millis(runs) })
            });
            verdict.unwrap().took.as_millis()
        };
        assert_eq!(test("one", "no-contraction"), 1);
        assert_eq!(test("one", "full-barrier"), 2);
        assert_eq!(test("two", "no-contraction"), 3);
        assert_eq!(test("one", "no-contraction"), 1);
        assert_eq!(test("one", "full-barrier"), 2);
    }

    #[test]
    fn an_error_is_not_remembered() {
        let verdicts = Verdicts::new();
        let key = || ("one".to_owned(), "full-barrier");
        let lost = BackendError::Lost("unplugged".into());
        assert_eq!(verdicts.get(key(), || Err(lost.clone())), Err(lost));
        let proved = Verdict { mismatch: None, took: Duration::ZERO };
        assert_eq!(verdicts.get(key(), || Ok(proved.clone())), Ok(proved));
    }
}
