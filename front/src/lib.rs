//! Everything that people write, read into networks: model files, the language of models and
//! quantities, the builder, arrays of data, and the check that finds all mistakes at once.
//!
//! ```
//! use isospike_front::check::Limits;
//! use isospike_front::file;
//! use std::path::Path;
//!
//! let text = r#"
//! [network]
//! dt = "0.1 ms"
//!
//! [population.exc]
//! size = 80
//! model = "lif_exp"
//!
//! [stimulus.drive]
//! population = "exc"
//! kind = "current"
//! amplitude = "450 pA"
//! "#;
//! let network = file::parse(text, "drive.toml", Path::new("."), &[])?;
//! let checked = network.check(Limits::default())?;
//! assert_eq!(checked.populations[0].size, 80);
//!
//! let wrong = text.replace("450 pA", "450 mV");
//! let network = file::parse(&wrong, "drive.toml", Path::new("."), &[])?;
//! let mistakes = network.check(Limits::default()).unwrap_err();
//! assert_eq!((mistakes.0[0].location.line, mistakes.0[0].field.as_str()), (12, "amplitude"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The fields of a network are described in `docs/model-file.md` and `docs/models.md`.
//!
//! Deliberately absent: anything that runs. A [`isospike_core::describe::checked::Checked`] is all
//! that leaves this crate, so that a backend compiles neither TOML nor a parser.

pub mod check;
pub mod diagnostic;
pub mod file;
pub mod language;
pub mod network;
pub mod npy;
