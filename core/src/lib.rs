//! isospike-core.

pub mod backend;
pub mod check;
pub mod checked;
pub mod connect;
pub mod device;
pub mod file;
pub mod id;
pub mod ir;
pub mod language;
pub mod lower;
pub mod mistake;
pub mod model;
pub mod network;
pub mod normal;
pub mod numeric;
pub mod plan;
pub mod print;
pub mod random;
pub mod record;
pub mod reference;
pub mod units;
