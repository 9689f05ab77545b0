//! Tests of meters and projections, as one program.

mod estimate;
mod machine;
