//! The verdict of the self-test, so that a device that is opened again is not tested again.

use super::Mismatch;
use crate::run::backend::BackendError;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// The findings of one run of the self-test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The first difference, if there is one.
    pub mismatch: Option<Mismatch>,
    /// How long the run took.
    pub took: Duration,
}

/// A device, as [`super::Provable::identity`] names it, and how its floats are protected.
pub type Key = (String, &'static str);

/// The verdicts of this process.
pub static VERDICTS: Verdicts = Verdicts::new();

/// A verdict for each key so far; there are few.
#[derive(Debug)]
pub struct Verdicts {
    known: Mutex<Vec<(Key, Verdict)>>,
}

impl Verdicts {
    /// Nothing is known yet.
    pub const fn new() -> Self {
        Self { known: Mutex::new(Vec::new()) }
    }

    /// The verdict of a key, from `run` the first time. A caller in the meantime waits. An error is
    /// no verdict: it is passed on, and the next caller runs again.
    pub fn get(
        &self,
        key: Key,
        run: impl FnOnce() -> Result<Verdict, BackendError>,
    ) -> Result<Verdict, BackendError> {
        // A poisoned list is still a list: entries are added whole.
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
    fn each_device_and_protection_is_asked_once() {
        let verdicts = Verdicts::new();
        let mut runs = 0;
        let mut ask = |name: &str, contraction_guard| {
            let verdict = verdicts.get((name.into(), contraction_guard), || {
                runs += 1;
                Ok(Verdict { mismatch: None, took: Duration::from_millis(runs) })
            });
            verdict.unwrap().took.as_millis()
        };
        assert_eq!(ask("one", "no-contraction"), 1);
        assert_eq!(ask("one", "full-barrier"), 2);
        assert_eq!(ask("two", "no-contraction"), 3);
        assert_eq!(ask("one", "no-contraction"), 1);
        assert_eq!(ask("one", "full-barrier"), 2);
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
