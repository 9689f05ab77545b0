//! Networks as texts of model files: what is read back is the same network.

mod replace;
mod same;
mod text;
