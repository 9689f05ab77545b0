//! Micro-benchmarks: `cargo bench -p isospike-benches`, or a part of them by the start of their
//! names: `cargo bench -p isospike-benches -- deliver`.

mod build;
#[cfg(target_arch = "x86_64")]
mod by_hand;
mod common;
mod deliver;
mod random;
mod update;

criterion::criterion_main!(update::benches, deliver::benches, random::benches, build::benches);
