//! Tests of meters and projections, as one program.

mod machine;
mod projection;
