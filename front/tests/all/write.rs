//! Networks as texts of model files: what is read back is the same network.

mod folder;
mod replace;
mod same;
mod text;
