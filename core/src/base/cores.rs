//! How many cores this process may use.

/// Cores that this process may use: on Linux those that it is pinned to (`sched_getaffinity`), and
/// no more than the quota of its control group allows (`cpu.max`, `cpu.cfs_quota_us`); at least 1.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
